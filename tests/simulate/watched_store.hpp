// A store that tells of what became durable, and marks each frame so that it is known again.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "runtime/store/store.hpp"

namespace wf::simulate {

/// What a store was asked to write.
struct Written {
  std::vector<store::Input> inputs;  // else a frame
  store::Frame frame;
  std::string mark;     ///< of a frame
  std::int64_t at = 0;  ///< when, by the clock of the daemon
  int version = 0;      ///< of the project, then
};

class WatchedStore final : public store::Store {
 public:
  /// Told of each write and whether the store acknowledged it.
  using Told = std::function<void(Written, const Result<void>&)>;

  WatchedStore(std::unique_ptr<store::Store> inner, Told told, std::uint64_t& next_mark)
      : inner_(std::move(inner)), told_(std::move(told)), next_mark_(next_mark) {}

  Result<void> accept(std::vector<store::Input>& inputs) override {
    Result<void> done = inner_->accept(inputs);
    told_({inputs, {}, {}}, done);
    return done;
  }
  Result<store::Seq> append(const store::Frame& frame) override {
    Written written{{}, frame, std::to_string(++next_mark_)};
    written.frame.meta.push_back({"mark", written.mark});
    const Result<store::Seq> done = inner_->append(written.frame);
    told_(std::move(written), done ? Result<void>() : Result<void>(done.error()));
    return done;
  }
  Result<void> fold() override { return inner_->fold(); }
  Result<std::vector<store::Input>> pull(store::InputSeq after, std::size_t limit) override {
    return inner_->pull(after, limit);
  }
  Result<std::vector<bool>> seen(std::span<const store::DedupeId> ids) override { return inner_->seen(ids); }
  Result<std::optional<store::RecordRow>> load(store::Key key) override { return inner_->load(key); }
  Result<std::optional<store::RecordRow>> load_hot(store::Key key) override { return inner_->load_hot(key); }
  Result<std::string> load_cold(store::Key key) override { return inner_->load_cold(key); }
  Result<std::optional<store::Key>> find(std::uint32_t object, const std::string& id) override {
    return inner_->find(object, id);
  }
  Result<std::vector<store::Key>> linked_from(std::uint32_t assoc, store::Key to, store::Key after,
                                              std::size_t limit) override {
    return inner_->linked_from(assoc, to, after, limit);
  }
  Result<std::vector<std::pair<store::Key, store::RecordRow>>> scan(store::Key after,
                                                                    std::size_t limit) override {
    return inner_->scan(after, limit);
  }
  Result<std::vector<store::Timer>> timers_due(std::int64_t until, std::size_t limit) override {
    return inner_->timers_due(until, limit);
  }
  Result<std::optional<std::int64_t>> next_timer() override { return inner_->next_timer(); }
  Result<std::vector<store::Effect>> effects(store::EffectState state, std::int64_t until,
                                             std::size_t limit) override {
    return inner_->effects(state, until, limit);
  }
  Result<std::optional<store::Effect>> effect(std::uint64_t id) override { return inner_->effect(id); }
  Result<std::vector<store::HistoryEntry>> history(store::HistoryRef& from, std::size_t limit) override {
    return inner_->history(from, limit);
  }
  Result<std::vector<store::Symbol>> symbols() override { return inner_->symbols(); }
  Result<std::vector<store::StatDelta>> stats() override { return inner_->stats(); }
  Result<std::optional<std::string>> meta(const std::string& key) override { return inner_->meta(key); }
  store::StoreFigures figures() const override { return inner_->figures(); }
  std::optional<Error> damage() const override { return inner_->damage(); }
  void want(std::vector<std::pair<std::uint32_t, std::string>> identities) override {
    inner_->want(std::move(identities));
  }
  void begin_reads() override { inner_->begin_reads(); }
  void end_reads() override { inner_->end_reads(); }

 private:
  std::unique_ptr<store::Store> inner_;
  Told told_;
  std::uint64_t& next_mark_;
};

}  // namespace wf::simulate
