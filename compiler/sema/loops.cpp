#include "compiler/sema/loops.hpp"

#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/relations.hpp"
#include "compiler/sema/steps.hpp"

namespace wf::sema {
namespace {

using value::Kind;

bool check_count(Context& context, const ast::ForEach& source) {
  if (!source.at_most) return false;  // reported by the grammar
  if (*source.at_most >= 1 && *source.at_most <= kMaxItems) return true;
  auto& d = context.sink.report(Code::out_of_range, source.association.span,
                                "a loop takes at most 1 to " + std::to_string(kMaxItems) + " records");
  d.helps.push_back("to reach more, enrol each of them in a workflow of its own");
  return false;
}

}  // namespace

std::optional<decltype(Step::node)> check_for_each(Context& context, const Scope& scope,
                                                   const ast::ForEach& source) {
  WorkflowState& workflow = *scope.workflow;
  const bool count_ok = check_count(context, source);
  auto use = resolve_association(context, scope, source.association);
  const bool name_ok = name_is_free(context, scope, source.name);
  std::optional<Expr> where;
  if (use && source.where) {
    where = check_condition(context, associated_scope(scope, use->object, source.name.text), *source.where);
  }
  const bool ok = count_ok && use && name_ok && (where || !source.where);

  ForEach loop;
  LetName item;
  item.name = source.name.text;
  item.span = source.name.span;
  item.broken = !ok;
  item.local = loop.item = workflow.locals++;
  if (use) item.type = type_of(Kind::ref, false, use->object);
  workflow.lets.push_back(item);
  forget(*scope.flow);  // what is known before the loop may be wrong in a later turn
  const Flow before = *scope.flow;
  loop.body = check_block(context, scope, source.body);
  *scope.flow = joined(before, *scope.flow);
  leave_block(context, workflow, workflow.lets.size() - 1);
  if (!ok) return std::nullopt;
  loop.count = static_cast<std::uint32_t>(*source.at_most);
  loop.first = workflow.locals;
  workflow.locals += loop.count;
  loop.relation = relation_for(context, *use, std::move(where), 0);
  loop.record = std::move(use->record);
  return loop;
}

}  // namespace wf::sema
