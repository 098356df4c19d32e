// if and match. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

std::optional<decltype(Step::node)> check_if(Context& context, const Scope& scope, const ast::If& source);
/// Lowers a match to an if after checking that it handles every value.
std::optional<decltype(Step::node)> check_match(Context& context, const Scope& scope,
                                                const ast::Match& source, Span span);

}  // namespace wf::sema
