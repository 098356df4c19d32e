// Place: where a contract test keeps its store; removed at the end.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "runtime/store/store.hpp"

struct sqlite3;

namespace wf::store::test {

class Place {
 public:
  /// "memory" or "sqlite".
  explicit Place(const std::string& kind);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  Store& store() { return *store_; }
  bool durable() const { return !directory_.empty(); }
  std::string address() const;
  std::filesystem::path file(const std::string& name) const { return directory_ / name; }

  /// Opens the store; the test fails when that fails.
  void open(const OpenOptions& options = {});
  void close() { store_.reset(); }
  /// Closes and opens a durable store; does nothing to one in memory.
  void reopen();
  /// Runs SQL on a file of the store behind its back.
  void damage(const std::string& name, const std::string& sql) const;
  std::int64_t look(const std::string& name, const std::string& sql) const;

 private:
  std::filesystem::path directory_;
  std::unique_ptr<Store> store_;
};

/// The value, or a failed test.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
inline void must(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().message);
}

/// Inputs with these bodies and no ids.
std::vector<Input> inputs_of(const std::vector<std::string>& bodies);
Frame hot_frame(Key key, const std::string& hot, const std::string& history = {});

}  // namespace wf::store::test
