// A store that counts what is asked of it, for tests that cost follows the work that is due, and that can be
// full.
#pragma once

#include "runtime/store/store.hpp"

namespace wf::test {

class CountingStore final : public store::Store {
 public:
  /// `inner` must outlive this.
  explicit CountingStore(store::Store& inner) : inner_(inner) {}

  std::size_t loads = 0;    ///< records read by their key
  std::size_t scanned = 0;  ///< records read by going through all
  std::size_t timers = 0;   ///< timers read
  bool full = false;        ///< nothing can be accepted

  Result<void> accept(std::vector<store::Input>& inputs) override {
    return full ? Error{ErrorCode::full, "full"} : inner_.accept(inputs);
  }
  Result<store::Seq> append(const store::Frame& frame) override { return inner_.append(frame); }
  Result<void> fold() override { return inner_.fold(); }
  Result<std::vector<store::Input>> pull(store::InputSeq after, std::size_t limit) override {
    return inner_.pull(after, limit);
  }
  Result<std::vector<bool>> seen(std::span<const store::DedupeId> ids) override { return inner_.seen(ids); }
  Result<std::optional<store::RecordRow>> load(store::Key key) override {
    ++loads;
    return inner_.load(key);
  }
  Result<std::optional<store::RecordRow>> load_hot(store::Key key) override {
    ++loads;
    return inner_.load_hot(key);
  }
  Result<std::string> load_cold(store::Key key) override { return inner_.load_cold(key); }
  Result<std::optional<store::Key>> find(std::uint32_t object, const std::string& id) override {
    return inner_.find(object, id);
  }
  Result<std::vector<store::Key>> linked_from(std::uint32_t assoc, store::Key to, store::Key after,
                                              std::size_t limit) override {
    return inner_.linked_from(assoc, to, after, limit);
  }
  Result<std::vector<std::pair<store::Key, store::RecordRow>>> scan(store::Key after,
                                                                    std::size_t limit) override {
    auto rows = inner_.scan(after, limit);
    if (rows) scanned += rows->size();
    return rows;
  }
  Result<std::vector<store::Timer>> timers_due(std::int64_t until, std::size_t limit) override {
    auto due = inner_.timers_due(until, limit);
    if (due) timers += due->size();
    return due;
  }
  Result<std::optional<std::int64_t>> next_timer() override { return inner_.next_timer(); }
  Result<std::vector<store::Effect>> effects(store::EffectState state, std::int64_t until,
                                             std::size_t limit) override {
    return inner_.effects(state, until, limit);
  }
  Result<std::optional<store::Effect>> effect(std::uint64_t id) override { return inner_.effect(id); }
  Result<std::vector<store::HistoryEntry>> history(store::HistoryRef& from, std::size_t limit) override {
    return inner_.history(from, limit);
  }
  Result<std::vector<store::Symbol>> symbols() override { return inner_.symbols(); }
  Result<std::vector<store::StatDelta>> stats() override { return inner_.stats(); }
  Result<std::optional<std::string>> meta(const std::string& key) override { return inner_.meta(key); }
  store::StoreFigures figures() const override { return inner_.figures(); }
  std::optional<Error> damage() const override { return inner_.damage(); }
  void want(std::vector<std::pair<std::uint32_t, std::string>> identities) override {
    inner_.want(std::move(identities));
  }
  void begin_reads() override { inner_.begin_reads(); }
  void end_reads() override { inner_.end_reads(); }

 private:
  store::Store& inner_;
};

}  // namespace wf::test
