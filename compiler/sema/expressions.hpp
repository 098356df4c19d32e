// Values and conditions: AST to typed expressions.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// A value. `wanted` gives bare names and literals their type (an enum's value, a decimal, an instant) but is
/// not enforced. Nothing after a report.
std::optional<Expr> check_value(Context& context, const Scope& scope, const ast::Expr& expression,
                                const Type* wanted = nullptr);
/// A truth value. Nothing after a report.
std::optional<Expr> check_condition(Context& context, const Scope& scope, const ast::Expr& expression);
/// All of `conditions`, joined by and (or by or); nothing when there is none or after a report.
std::optional<Expr> check_conditions(Context& context, const Scope& scope,
                                     const std::vector<ast::ExprPtr>& conditions, ExprOp joined_by);

/// The right side of a comparison with `left`: reports values outside the left side's type (WF306).
std::optional<Expr> check_operand(Context& context, const Scope& scope, const Expr& left,
                                  const ast::Expr& expression);

/// Can a value of type `from` stand where `to` is wanted? Nullability aside.
bool fits(const Type& from, const Type& to);
/// Reports WF305 if the value may be unknown here. False after a report. `purpose` completes "… is needed".
bool require_known(Context& context, const Scope& scope, const Expr& value, const std::string& purpose);
/// Reports when the value does not fit. False after a report.
bool require_type(Context& context, const Scope& scope, const Expr& value, const Type& type,
                  const std::string& purpose);

/// A duration with a fixed length in microseconds. Business time and months are reported unless `months_ok`,
/// which lets a month count 30 days and a year 365: fit for "within last 1 year", not for a delay.
std::optional<std::int64_t> check_duration(Context& context, const ast::Duration& duration, Span span,
                                           bool months_ok);

}  // namespace wf::sema
