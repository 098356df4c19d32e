// Verdicts: what the facts say about the conditions and steps of a workflow (WF301, WF302, WF303, WF305).
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Judges the arms of one `if` in their order.
class BranchJudge {
 public:
  /// `entry`: what holds before the first arm.
  BranchJudge(Context& context, const Scope& scope, const Flow& entry)
      : context_(context), scope_(scope), entry_(entry) {}

  /// The next arm; `rest` is what the arms before it leave over. Returns what its condition can come to.
  Outcomes arm(const Flow& rest, const Expr& condition);
  /// The written `else`, behind all arms. `reported`: in it a finding told that something may be unknown.
  void otherwise(const Flow& rest, const ast::Block& body, bool reported);

 private:
  void report_settled(const Flow& rest, const Expr& condition, Outcomes outcomes);
  void report_taken(Span span);
  void follow_unknown(const Flow& rest, const Expr& condition, Outcomes outcomes);
  /// `first`: the step with which the `else` begins.
  void report_silent_unknown(const Expr& condition, Span first);

  /// A case in which a condition was unknown, on its way to the `else`.
  struct Silent {
    Expr condition;
    Flow flow;
  };
  Context& context_;
  const Scope& scope_;
  const Flow& entry_;
  std::vector<Expr> arms_;
  std::vector<Silent> silent_;
  bool settled_ = false;  ///< some arm before takes every case, and that was reported
};

/// WF302 for a condition that types alone settle, or for the parts of it that they settle; true after a
/// report. What it claims of parts goes to `verdicts`, if any. `possible` is what the condition is known to
/// be able to come to.
bool report_constant(Context& context, Terms& terms, const Expr& condition,
                     std::vector<Verdict>* verdicts = nullptr, Outcomes possible = 0);
/// WF301: `step` stands where no path comes to.
void report_unreachable(Context& context, const Scope& scope, Span step);

/// Do the steps do anything but wait and stop?
bool has_effects(const ast::Block& block);

}  // namespace wf::sema
