#include "tests/contract/store/place.hpp"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdexcept>

#include "runtime/store/page_check.hpp"

namespace wf::store::test {

namespace {

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};

}  // namespace

Place::Place(const std::string& kind) {
  if (kind == "sqlite") {
    // In memory where the system offers it: what these tests check does not depend on the speed of syncs.
    const std::filesystem::path shared = "/dev/shm";
    const bool writable = access(shared.c_str(), W_OK) == 0;
    std::string pattern = (writable ? shared : std::filesystem::temp_directory_path()) / "wf-store-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = pattern;
  }
  open();
}

Place::~Place() {
  close();
  std::error_code ignored;
  if (durable()) std::filesystem::remove_all(directory_, ignored);
}

std::string Place::address() const {
  return durable() ? "sqlite:" + directory_.string() : "memory:";
}

void Place::open(const OpenOptions& options) {
  store_ = must(open_store(address(), options));
}

void Place::reopen() {
  if (!durable()) return;
  close();
  open();
}

void Place::damage(const std::string& name, const std::string& sql) const {
  (void)look(name, sql);
}

std::int64_t Place::look(const std::string& name, const std::string& sql) const {
  sqlite3* handle = nullptr;
  // With checksums on the pages: the damage is to what they hold.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3_open_v2(file(name).c_str(), &handle, flags, page_check_vfs("").c_str());
  const std::unique_ptr<sqlite3, CloseDatabase> db(handle);
  std::int64_t out = 0;
  const auto take = [](void* to, int, char** values, char**) {
    *static_cast<std::int64_t*>(to) = values[0] ? std::stoll(values[0]) : 0;
    return 0;
  };
  if (sqlite3_exec(handle, sql.c_str(), take, &out, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(handle));
  return out;
}

std::vector<Input> inputs_of(const std::vector<std::string>& bodies) {
  std::vector<Input> out;
  for (const std::string& body : bodies) {
    out.emplace_back();
    out.back().body = body;
  }
  return out;
}

Frame hot_frame(Key key, const std::string& hot, const std::string& history) {
  Frame frame;
  frame.records.push_back({key, false, hot, {}, history});
  return frame;
}

}  // namespace wf::store::test
