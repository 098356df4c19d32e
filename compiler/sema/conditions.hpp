// Tests that give a truth value: comparisons, known, between, membership, and, or, not. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Any expression whose form is a test; others are reported as no condition.
std::optional<Expr> check_boolean(Context& context, const Scope& scope, const ast::Expr& expression);

/// The condition of a segment, in the terms of its object. Nothing after a report.
std::optional<Expr> segment_condition(Context& context, std::uint32_t segment, Span use);

}  // namespace wf::sema
