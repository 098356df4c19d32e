// ReadAhead: a thread that looks records up in the tables before the engine asks for them.
//
// The engine names the records of a batch in the order in which it will ask; a look-up that is not ready yet
// it makes itself. Nothing here decides what the engine sees: a row counts only while no fold has changed the
// tables since it was read, and what is in memory counts before it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "runtime/store/table_reader.hpp"

namespace wf::store {

/// Threads: one calls; the look-ups run on one of its own.
class ReadAhead {
 public:
  ReadAhead() = default;
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// `folds` tells, from the thread, how many folds are in the tables. Errors: io, corrupt.
  Result<void> open(const std::filesystem::path& path, std::function<std::uint64_t()> folds);
  bool is_open() const { return thread_.joinable(); }
  /// What was wanted before is forgotten.
  void want(std::vector<IdentityKey> identities);
  /// What the tables say after at least `folds` folds; nothing when that is not known yet.
  std::optional<std::optional<Key>> find(const IdentityKey& identity, std::uint64_t folds);
  std::optional<std::optional<RecordRow>> load_hot(Key key, std::uint64_t folds);

 private:
  struct Found {
    std::uint64_t folds = 0;
    std::vector<std::pair<IdentityKey, std::optional<Key>>> keys;
    std::vector<std::pair<Key, std::optional<RecordRow>>> rows;
  };
  void run();
  Found look(const std::vector<IdentityKey>& identities, std::size_t from, std::size_t to);
  void publish(Found found);

  TableReader reader_;  // the thread's
  std::function<std::uint64_t()> folds_;
  std::thread thread_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  bool stopping_ = false;
  std::uint64_t round_ = 0;  // of want()
  std::vector<IdentityKey> wanted_;
  template <class T>
  struct Known {
    std::uint64_t folds = 0;
    std::optional<T> what;
  };
  boost::unordered_flat_map<IdentityKey, Known<Key>, HashIdentity> keys_;
  boost::unordered_flat_map<Key, Known<RecordRow>> rows_;
};

}  // namespace wf::store
