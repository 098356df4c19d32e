// Internal to the engine: the digests and summaries of campaigns. Each has one timer, whatever the number of
// targets; what it tells was counted as it happened. Nothing is told when there is nothing to tell.
#pragma once

#include "runtime/engine/executor.hpp"

namespace wf::engine {

class Reports {
 public:
  Reports(Context& context, Executor& executor) : context_(context), executor_(executor) {}

  /// Sets the timers that the active program asks for. A report that fell due while nothing ran stays due.
  void schedule();
  /// A due timer of kind kTimerReport; stale ones are ignored.
  void fire(const store::Timer& timer);

 private:
  enum class Kind : std::uint32_t { digest, summary };
  void set_timer(std::uint32_t campaign, Kind kind, std::int64_t& due, std::int64_t next);
  void tell_digest(const bytecode::Campaign& campaign, Tally& tally);
  void tell_summary(const bytecode::Campaign& campaign, Tally& tally);
  /// A notification for the report's addressee.
  void notify(const bytecode::Campaign& campaign, const bytecode::Report& report, const std::string& subject,
              const std::string& body);

  Context& context_;
  Executor& executor_;
};

/// The first instant of the report after `after`.
std::int64_t next_report(const bytecode::Report& report, std::int64_t after, std::string_view zone);

}  // namespace wf::engine
