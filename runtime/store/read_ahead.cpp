#include "runtime/store/read_ahead.hpp"

#include <algorithm>

namespace wf::store {

namespace {

constexpr int kCacheKib = 8 * 1024;
/// Look-ups that become known together.
constexpr std::size_t kChunk = 32;

}  // namespace

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ++round_;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

Result<void> ReadAhead::open(const std::filesystem::path& path, std::function<std::uint64_t()> folds) {
  if (Result<void> opened = reader_.open(path, {}, kCacheKib); !opened) return opened;
  folds_ = std::move(folds);
  thread_ = std::thread([this] { run(); });
  return {};
}

void ReadAhead::want(std::vector<IdentityKey> identities) {
  const std::lock_guard lock(mutex_);
  keys_.clear();
  rows_.clear();
  wanted_ = std::move(identities);
  ++round_;
  wake_.notify_one();
}

std::optional<std::optional<Key>> ReadAhead::find(const IdentityKey& identity, std::uint64_t folds) {
  const std::lock_guard lock(mutex_);
  const auto at = keys_.find(identity);
  if (at == keys_.end() || at->second.folds < folds) return std::nullopt;
  return at->second.what;
}

std::optional<std::optional<RecordRow>> ReadAhead::load_hot(Key key, std::uint64_t folds) {
  const std::lock_guard lock(mutex_);
  const auto at = rows_.find(key);
  if (at == rows_.end() || at->second.folds < folds) return std::nullopt;
  std::optional<RecordRow> row = std::move(at->second.what);
  rows_.erase(at);
  return row;
}

void ReadAhead::run() {
  std::uint64_t round = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || round_ != round; });
    if (stopping_) return;
    round = round_;
    const std::vector<IdentityKey> wanted = std::move(wanted_);
    wanted_.clear();
    for (std::size_t at = 0; at < wanted.size() && round_ == round; at += kChunk) {
      lock.unlock();
      Found found = look(wanted, at, std::min(wanted.size(), at + kChunk));
      lock.lock();
      if (round_ == round) publish(std::move(found));
    }
  }
}

/// What cannot be read stays unknown: the engine meets the error when it reads for itself.
ReadAhead::Found ReadAhead::look(const std::vector<IdentityKey>& identities, std::size_t from,
                                 std::size_t to) {
  Found found;
  found.folds = folds_();
  reader_.share(true);
  reader_.see(found.folds);
  for (std::size_t i = from; i < to; ++i) {
    const Result<std::optional<Key>> key = reader_.find(identities[i]);
    if (!key) break;
    found.keys.emplace_back(identities[i], *key);
    if (!*key) continue;
    Result<std::optional<RecordRow>> row = reader_.load_hot(**key);
    if (!row) break;
    found.rows.emplace_back(**key, std::move(*row));
  }
  reader_.share(false);
  return found;
}

void ReadAhead::publish(Found found) {
  for (auto& [identity, key] : found.keys) keys_[std::move(identity)] = {found.folds, key};
  for (auto& [key, row] : found.rows) rows_[key] = {found.folds, std::move(row)};
}

}  // namespace wf::store
