#include "compiler/sema/limits.hpp"

#include <algorithm>

namespace wf::sema {
namespace {

/// Values on the stack while the expression is computed, the result included: arguments lie side by side.
std::size_t stack_need(const Expr& e) {
  std::size_t most = 1;
  for (std::size_t i = 0; i < e.args.size(); ++i) most = std::max(most, i + stack_need(e.args[i]));
  return most;
}

/// Values that lie side by side before an action takes them.
class Row {
 public:
  void add(const Expr& e) { most_ = std::max(most_, count_++ + stack_need(e)); }
  void add(const std::vector<Expr>& row) {
    for (const Expr& e : row) add(e);
  }
  std::size_t need() const { return most_; }

 private:
  std::size_t count_ = 0, most_ = 0;
};

class LimitCheck {
 public:
  explicit LimitCheck(Context& context) : context_(context) {}

  void condition(const std::optional<Expr>& e) {
    if (e) require(stack_need(*e), e->span);
  }

  void block(const Block& steps) {
    for (const Step& step : steps) {
      std::visit([&](const auto& node) { visit(node, step.span); }, step.node);
    }
  }

 private:
  void require(std::size_t need, Span span) {
    if (need <= bytecode::kMaxStack) return;
    auto& d = context_.sink.report(Code::stack_bound, span,
                                   "this needs " + std::to_string(need) + " values at once");
    d.notes.push_back("a program has room for " + std::to_string(bytecode::kMaxStack));
  }

  void visit(const Send& s, Span span) {
    Row row;
    row.add(s.recipient);
    row.add(s.arguments);
    require(row.need(), span);
  }
  void visit(const Notify& n, Span span) {
    Row row;
    row.add(n.assignee);
    row.add(n.arguments);
    require(row.need(), span);
  }
  void visit(const CallWebhook& c, Span span) {
    Row row;
    for (const auto& [name, value] : c.fields) row.add(value);
    require(row.need(), span);
    block(c.on_failure);
  }
  void visit(const SetProperty& s, Span span) { require(stack_need(s.value), span); }
  void visit(const Let& l, Span span) { require(stack_need(l.value), span); }
  void visit(const If& branch, Span) {
    for (const If::Arm& arm : branch.arms) {
      require(stack_need(arm.condition), arm.condition.span);
      block(arm.body);
    }
    block(branch.otherwise);
  }
  void visit(const WaitEvent& w, Span) {
    block(w.happened);
    block(w.timed_out);
  }
  void visit(const AtBlock& a, Span) { block(a.body); }
  /// Other steps take a few values only.
  template <class Node>
  void visit(const Node&, Span) {}

  Context& context_;
};

}  // namespace

void check_limits(Context& context, const Workflow& workflow) {
  LimitCheck check(context);
  for (const Trigger& trigger : workflow.triggers) {
    check.condition(trigger.condition);
    check.condition(trigger.guard);
  }
  check.condition(workflow.unless);
  check.condition(workflow.goal);
  check.condition(workflow.cancel);
  check.block(workflow.body);
}

}  // namespace wf::sema
