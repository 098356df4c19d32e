#include "runtime/engine/isolation.hpp"

#include <algorithm>

namespace wf::engine {

namespace {

constexpr const char* kDied = "the process ended again and again while this was worked on";

const store::Input* input_of(const std::optional<Item>& item) {
  return item ? std::get_if<store::Input>(&*item) : nullptr;
}

const store::Timer* timer_of(const std::optional<Item>& item) {
  return item ? std::get_if<store::Timer>(&*item) : nullptr;
}

CrashMark mark_of(const Item& item) {
  CrashMark mark;
  if (const auto* timer = std::get_if<store::Timer>(&item)) {
    mark.is_timer = true;
    mark.timer = *timer;
  } else {
    mark.input = std::get<store::Input>(item).seq;
  }
  return mark;
}

}  // namespace

void Isolation::open(bool after_crash, store::InputSeq consumed) {
  if (!after_crash) return;
  careful_until_ = std::min(context_.store.figures().accepted, consumed + context_.options.inputs_per_batch);
  careful_timers_ = context_.options.timers_per_batch;
  mark_ = decode_crash_mark(need(context_.store.meta(kCrashMark)).value_or(""));
  if (mark_) ++mark_->deaths;
}

std::optional<std::string> Isolation::mark_first(store::InputSeq consumed,
                                                 std::span<const store::Timer> due) {
  std::optional<CrashMark> next;
  if (careful_input(consumed)) {
    store::Input input;
    input.seq = consumed + 1;
    next = mark_of(input);
  } else if (careful_timers_ > 0 && !due.empty()) {
    next = mark_of(due.front());
  }
  if (!next) {
    if (!mark_) return std::nullopt;
    mark_.reset();
    return "";
  }
  if (mark_ && mark_->names(*next)) next->deaths = mark_->deaths;
  mark_ = next;
  return encode(*next);
}

std::size_t Isolation::inputs(store::InputSeq consumed, std::size_t most) const {
  if (careful_input(consumed)) return 1;
  if (timer_of(suspect_)) return 0;
  const store::Input* input = input_of(suspect_);
  if (input == nullptr || input->seq <= consumed) return most;
  return std::clamp<std::size_t>(input->seq - consumed - 1, 1, most);
}

void Isolation::choose(std::vector<store::Timer>& due, store::InputSeq consumed) const {
  if (input_of(suspect_) || careful_input(consumed)) return due.clear();
  if (careful_timers_ > 0 && due.size() > 1) due.resize(1);
  const store::Timer* timer = timer_of(suspect_);
  const auto at = timer ? std::find(due.begin(), due.end(), *timer) : due.end();
  if (at != due.end()) due.erase(at == due.begin() ? at + 1 : at, due.end());
}

bool Isolation::is_suspect(const Item& item) const {
  return suspect_ && mark_of(*suspect_).names(mark_of(item));
}

std::optional<std::string> Isolation::condemned(const Item& item) const {
  if (is_suspect(item) && attempts_ >= kAttempts) return reason_;
  if (mark_ && mark_->deaths >= kAttempts && mark_->names(mark_of(item))) return kDied;
  return std::nullopt;
}

bool Isolation::faulted(const std::string& reason) {
  if (!current_) return false;
  attempts_ = is_suspect(*current_) ? attempts_ + 1 : 0;
  suspect_ = std::exchange(current_, std::nullopt);
  reason_ = reason;
  return true;
}

void Isolation::passed(store::InputSeq consumed, std::span<const store::Timer> fired) {
  current_.reset();
  if (!careful_input(consumed) && careful_timers_ > 0)
    careful_timers_ = fired.empty() ? 0 : careful_timers_ - 1;
  const store::Input* input = input_of(suspect_);
  const store::Timer* timer = timer_of(suspect_);
  const bool over =
      (input && input->seq <= consumed) ||
      (timer && (fired.empty() || std::find(fired.begin(), fired.end(), *timer) != fired.end()));
  if (over) suspect_.reset();
}

}  // namespace wf::engine
