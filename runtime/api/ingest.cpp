#include "runtime/api/ingest.hpp"

#include <algorithm>
#include <iterator>

#include "runtime/log/log.hpp"

namespace wf::api {

Ingest::Ingest(store::Store& store, const Clock& clock, IngestOptions options, std::function<void()> accepted)
    : store_(store),
      clock_(clock),
      options_(options),
      accepted_(std::move(accepted)),
      shares_(options.source_share, options.active_for) {
  const store::StoreFigures figures = store.figures();
  newest_ = figures.accepted;
  consumed_ = figures.consumed;
}

void Ingest::start() {
  thread_ = std::thread([this] { run(); });
}

Ingest::~Ingest() {
  stop();
}

Admission Ingest::submit(std::vector<store::Input> inputs, Done done, SourceCounts sources) {
  Request request{std::move(inputs), std::move(done), std::move(sources)};
  for (const store::Input& input : request.inputs) request.bytes += input.body.size() + sizeof input;
  const std::lock_guard lock(mutex_);
  const std::uint64_t backlog = newest_ - std::min(newest_.load(), consumed_.load()) + queued_events_;
  // An empty queue takes any request, however large it is.
  const bool too_many_bytes = queued_bytes_ > 0 && queued_bytes_ + request.bytes > options_.queued_bytes;
  if (stopping_ || too_many_bytes || backlog >= options_.backlog) return Admission::busy;
  shares_.consumed(consumed_);
  if (!shares_.admits(request.sources, clock_.now())) return Admission::over_share;
  shares_.take(request.sources);
  queued_bytes_ += request.bytes;
  queued_events_ += request.inputs.size();
  queue_.push_back(std::move(request));
  wake_.notify_one();
  return Admission::taken;
}

void Ingest::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::vector<Ingest::Request> Ingest::wait_for_group() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  return take_group();
}

std::vector<Ingest::Request> Ingest::take_group() {
  std::size_t requests = 0, events = 0, bytes = 0;
  // While a large group is written there is room for the next ones.
  while (requests < queue_.size() && events < options_.group_events && bytes < options_.queued_bytes / 4) {
    events += queue_[requests].inputs.size();
    bytes += queue_[requests].bytes;
    ++requests;
  }
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(requests);
  std::vector<Request> group(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  queued_events_ -= events;
  return group;
}

void Ingest::run() {
  for (;;) {
    auto group = wait_for_group();
    if (group.empty()) return;
    write(std::move(group));
  }
}

bool Ingest::write_next() {
  std::unique_lock lock(mutex_);
  auto group = take_group();
  lock.unlock();
  if (group.empty()) return false;
  write(std::move(group));
  return true;
}

void Ingest::write(std::vector<Request> group) {
  std::vector<store::Input> inputs;
  const std::int64_t now = clock_.now();
  for (Request& request : group) {
    for (store::Input& input : request.inputs) {
      input.received_at = now;
      inputs.push_back(std::move(input));
    }
  }
  const auto accepted = store_.accept(inputs);
  if (accepted) {
    if (!inputs.empty()) newest_ = inputs.back().seq;
    accepted_();
  } else {
    log::error("events could not be stored", {{"reason", accepted.error().message}});
  }
  settle(group, accepted && !inputs.empty() ? inputs.back().seq : 0);
  for (const Request& request : group) request.done(accepted);
}

/// The group is stored up to `last`; 0: it is not.
void Ingest::settle(const std::vector<Request>& group, store::InputSeq last) {
  const std::lock_guard lock(mutex_);
  for (const Request& request : group) {
    queued_bytes_ -= request.bytes;
    if (last == 0) {
      shares_.give_back(request.sources);
    } else {
      shares_.stored(request.sources, last);
    }
  }
}

}  // namespace wf::api
