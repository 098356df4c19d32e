// `expect` lines that are conditions over a record, and limits on mails.
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/tests.hpp"

namespace wf::sema {
namespace {

/// The path that a condition starts with: it names the record.
const ast::Path* leftmost(const ast::Expr& e) {
  const auto of = [](const ast::ExprPtr& inner) { return inner ? leftmost(*inner) : nullptr; };
  if (auto* n = std::get_if<ast::PathExpr>(&e.node)) return &n->path;
  if (auto* n = std::get_if<ast::Compare>(&e.node)) return of(n->left) ? of(n->left) : of(n->right);
  if (auto* n = std::get_if<ast::OneOf>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::Known>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::Between>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::TextTest>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::AgeTest>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::EverBeen>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::Not>(&e.node)) return of(n->operand);
  if (auto* n = std::get_if<ast::Negate>(&e.node)) return of(n->operand);
  if (auto* n = std::get_if<ast::Arith>(&e.node)) return of(n->left) ? of(n->left) : of(n->right);
  if (auto* n = std::get_if<ast::Logic>(&e.node)) return n->operands.empty() ? nullptr : of(n->operands[0]);
  if (auto* n = std::get_if<ast::Related>(&e.node)) return &n->association;
  if (auto* n = std::get_if<ast::Count>(&e.node)) return std::get_if<ast::Path>(&n->what);
  return nullptr;
}

std::optional<TestNode> over_record(Context& context, const Scope& scope, std::uint32_t record,
                                    const ast::Expr& source) {
  auto condition = check_condition(context, scope, source);
  if (!condition) return std::nullopt;
  return TestThat{record, std::move(*condition)};
}

}  // namespace

std::optional<TestNode> check_that(Context& context, TestRecords& records,
                                   const ast::TestExpectThat& source) {
  const ast::Path* path = leftmost(*source.condition);
  if (!path) {
    context.sink.report(Code::unknown_name, source.condition->span, "which record is this about?")
        .helps.push_back("name it, as in `taro.lead_score = 5`");
    return std::nullopt;
  }
  const std::uint32_t record = records.find(path->parts[0]);
  if (record == kNone) return std::nullopt;
  Scope scope;
  scope.object = records.object(record);
  scope.record = path->parts[0].text;
  return over_record(context, scope, record, *source.condition);
}

std::optional<TestNode> check_that(Context& context, TestRecords& records, std::uint32_t record,
                                   const ast::Expr& source) {
  Scope scope;
  scope.object = records.object(record);
  return over_record(context, scope, record, source);
}

std::optional<TestNode> check_limit(Context& context, TestRecords& records,
                                    const ast::TestExpectLimit& source, Span span) {
  TestLimit limit;
  limit.at_most = source.at_most;
  limit.record = records.find(source.record);
  const auto window = check_duration(context, source.window, span, true);
  if (limit.record == kNone || !window) return std::nullopt;
  limit.window = *window;
  return limit;
}

}  // namespace wf::sema
