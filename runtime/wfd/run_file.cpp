#include "runtime/wfd/run_file.hpp"

#include <sstream>

#include "runtime/crm/small_file.hpp"

namespace wf::wfd {

namespace {

constexpr const char* kFormat = "wf-run-1";

/// Differs after each start of the machine.
std::string boot_id() {
  const auto text = crm::read_file("/proc/sys/kernel/random/boot_id");
  return text ? text->substr(0, text->find('\n')) : "unknown";
}

}  // namespace

Result<RunFile> RunFile::open(const std::string& path) {
  RunFile run;
  run.path_ = path;
  run.boot_id_ = boot_id();
  const auto stored = crm::read_file(path);
  if (!stored && stored.error().code != ErrorCode::not_found) return stored.error();
  run.existed_ = stored.ok();
  if (stored) {
    std::istringstream in(*stored);
    std::string format, state, id;
    api::LastSeen seen;
    std::int64_t clock = 0;
    if (in >> format >> state >> id >> seen.wall >> seen.boot >> clock && format == kFormat) {
      run.ended_ = state == "ended";
      run.clock_ = clock;
      run.seen_ = seen;
      if (id != run.boot_id_) run.seen_.boot = 0;
    }
  }
  return run;
}

Result<void> RunFile::write(const char* state, std::int64_t clock) const {
  std::ostringstream text;
  text << kFormat << ' ' << state << ' ' << boot_id_ << ' ' << api::wall_now() << ' ' << api::boot_now()
       << ' ' << clock << '\n';
  return crm::replace_file(path_, text.str());
}

}  // namespace wf::wfd
