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
    if (e) condition(*e);
  }
  void condition(const Expr& e) {
    require(stack_need(e), e.span);
    walk(e, [&](const Expr& part) {
      if (part.op == ExprOp::related) condition(context_.module.relations[part.a].where);
    });
  }

  void block(const Block& steps) {
    for (const Step& step : steps) {
      std::visit([&](const auto& node) { visit(node, step.span); }, step.node);
      each_block(step, [&](const Block& inner) { block(inner); });
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
  }
  void visit(const SetProperty& s, Span span) { require(stack_need(s.value), span); }
  void visit(const Let& l, Span span) { require(stack_need(l.value), span); }
  void visit(const If& branch, Span) {
    for (const If::Arm& arm : branch.arms) condition(arm.condition);
  }
  void visit(const ForEach& loop, Span) { condition(context_.module.relations[loop.relation].where); }
  void visit(const CreateRecord& c, Span span) {
    Row row;
    for (const auto& [property, value] : c.values) row.add(value);
    require(row.need(), span);
  }
  void visit(const SetField& s, Span span) {
    Row row;
    row.add(s.record);
    row.add(s.value);
    require(row.need(), span);
  }
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
