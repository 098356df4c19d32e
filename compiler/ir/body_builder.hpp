// The function of a body under construction: build_body.cpp has its effects, build_flow.cpp its branches and
// waits. Private to this folder.
#pragma once

#include "compiler/ir/builder.hpp"

namespace wf::ir {

using bytecode::EndReason;
using bytecode::kNone;
using bytecode::Opcode;

class BodyBuilder {
 public:
  BodyBuilder(UnitBuilder& unit, const sema::Workflow& w, std::string name, std::vector<std::uint32_t>& steps,
              bool is_handler = false)
      : unit_(unit),
        workflow_(w),
        steps_(steps),
        f_(unit, std::move(name), bytecode::FunctionKind::body, w.head.object, kNone),
        is_handler_(is_handler) {
    f_.function().locals = w.locals;
  }

  Function build(const sema::Block& block) {
    steps(block);
    f_.leave({TerminatorKind::end});
    return f_.take();
  }

 private:
  void steps(const sema::Block& block) {
    for (const sema::Step& s : block) {
      if (!s.label.empty()) begin_step(s);
      span_ = s.span;
      std::visit([this](const auto& node) { lower(node); }, s.node);
    }
  }

  void begin_step(const sema::Step& s) {
    const std::size_t known = unit_.tables().steps.size();
    step_ = unit_.step(s);
    if (step_ >= known) steps_.push_back(step_);
    f_.emit(Opcode::step, step_);
  }

  void lower(const sema::Send& s);
  void lower(const sema::CreateTask& s);
  void lower(const sema::Notify& s);
  void lower(const sema::CallWebhook& s);
  void lower(const sema::SetProperty& s);
  void lower(const sema::AddProperty& s);
  void lower(const sema::SetField& s);
  void lower(const sema::AddField& s);
  void lower(const sema::ChangeList& s);
  void lower(const sema::ChangeAudience& s);
  void lower(const sema::ChangeTag& s);
  void lower(const sema::ChangeTopic& s);
  void lower(const sema::SetMarketing& s);
  void lower(const sema::Enroll& s);
  void lower(const sema::WaitFor& s);
  void lower(const sema::WaitUntil& s);
  void lower(const sema::WaitEvent& s);
  void lower(const sema::AtBlock& s);
  void lower(const sema::If& s);
  void lower(const sema::Let& s);
  void lower(const sema::Stop& s) { stop(s.reason); }
  void lower(const sema::Experiment& s);
  void lower(const sema::CreateRecord& s);
  void lower(const sema::DeleteRecord& s);
  void lower(const sema::ForEach& s);
  void lower(const sema::Compound& s) { steps(s.steps); }

  void windows(const std::vector<sema::WindowUse>& uses);
  void reply(const sema::CallWebhook::Reply& reply, std::uint32_t call, std::uint32_t results);
  void wait_for_winner(const sema::Experiment& s);
  void arguments(const std::vector<sema::Expr>& values) {
    for (const sema::Expr& v : values) f_.expression(v);
  }
  /// Steps behind a stop are unreachable; they are built all the same and dropped with their block.
  void stop(EndReason reason) {
    f_.leave({TerminatorKind::stop, 0, 0, reason});
    f_.go_on_in(f_.new_block());
  }
  /// Stops in a block of its own and comes back to the current one.
  BlockId stop_block(EndReason reason);
  std::uint32_t moment_local();
  /// Notes that the current block is reached.
  void reach(std::uint32_t branch, std::string outcome, text::Span span);
  void branch_with_outcomes(const sema::If::Arm& arm, BlockId yes, BlockId next);
  template <class Wait>
  void wait_for_moment(const Wait& s, BlockId skipped);
  /// The block where a wait goes on whose moment is past or unknown.
  BlockId block_for(ast::IfPast::Then then, EndReason reason, BlockId go_on, BlockId skipped);
  void if_past(const sema::IfPast& policy, std::uint32_t moment, BlockId go_on, BlockId skipped,
               std::uint32_t branch);
  std::uint32_t wait_entry(bytecode::WaitKind kind);

  UnitBuilder& unit_;
  const sema::Workflow& workflow_;
  std::vector<std::uint32_t>& steps_;
  FunctionBuilder f_;
  const bool is_handler_;  // of a failure: it runs at once, whatever the windows
  std::uint32_t step_ = kNone;
  text::Span span_;  // of the step
  std::optional<std::uint32_t> moment_local_, condition_local_;
};

}  // namespace wf::ir
