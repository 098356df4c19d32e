// Ingest: one thread, or whoever calls write_next(), that makes accepted events durable, many requests with
// one sync.
//
// While one group is written the next one gathers, so a group is as large as the load asks for and a single
// request waits for nothing but its own sync.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "grammar/text/result.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/api/clock.hpp"
#include "runtime/api/fair_share.hpp"
#include "runtime/store/store.hpp"

namespace wf::api {

struct IngestOptions {
  std::size_t group_events = 10'000;              ///< a group takes no further request beyond this
  std::size_t queued_bytes = 64u << 20;           ///< in memory, not yet durable
  std::uint64_t backlog = 1'000'000;              ///< not yet consumed by the engine
  std::uint64_t source_share = 10'000;            ///< of the backlog, for one source while others are active
  std::int64_t active_for = 10 * value::kMinute;  ///< a source is active so long after it sent something
};

enum class Admission : std::uint8_t {
  taken,
  busy,        ///< a limit is reached, or it is stopping
  over_share,  ///< others are active, and too many events of this source wait
};

class Ingest {
 public:
  using Done = std::function<void(const Result<void>&)>;

  /// `accepted` is called, where groups are written, after each durable one. `store` and `clock` must outlive
  /// it. Nothing is written before start() or by other than write_next().
  Ingest(store::Store& store, const Clock& clock, IngestOptions options, std::function<void()> accepted);
  ~Ingest();

  /// From now on a thread of its own writes.
  void start();
  /// Writes one group, if anything waits. False when nothing did. For a caller that has not called start().
  bool write_next();
  /// Takes inputs to be made durable (received_at is set then) and calls `done`, where groups are written,
  /// with the outcome: nothing or an error of Store::accept; on an error nothing was taken. Unless the
  /// answer is `taken`, nothing was taken and `done` is not called. Any thread.
  Admission submit(std::vector<store::Input> inputs, Done done, SourceCounts sources = {});
  /// Inputs up to here need no room in the backlog any more. Any thread.
  void consumed(store::InputSeq seq) { consumed_ = seq; }
  /// While it is full, callers are to be told so before anything is submitted. Any thread.
  void set_full(bool full) { full_ = full; }
  bool is_full() const { return full_; }
  /// Writes what is queued, then ends the thread. Further submits are refused.
  void stop();

 private:
  struct Request {
    std::vector<store::Input> inputs;
    Done done;
    SourceCounts sources;
    std::size_t bytes = 0;
  };
  void run();
  std::vector<Request> wait_for_group();
  std::vector<Request> take_group();  // under mutex_
  void write(std::vector<Request> group);
  void settle(const std::vector<Request>& group, store::InputSeq last);

  store::Store& store_;
  const Clock& clock_;
  const IngestOptions options_;
  const std::function<void()> accepted_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Request> queue_;
  std::size_t queued_bytes_ = 0;  // also of the group being written
  FairShare shares_;
  std::uint64_t queued_events_ = 0;
  bool stopping_ = false;
  std::atomic<bool> full_{false};
  std::atomic<store::InputSeq> newest_{0};
  std::atomic<store::InputSeq> consumed_{0};
  std::thread thread_;
};

}  // namespace wf::api
