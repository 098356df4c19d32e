// Waits and dated blocks. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// `wait …` and `at … { … }`. `before` takes a step that must run first.
std::optional<decltype(Step::node)> check_wait(Context& context, const Scope& scope, const ast::Step& step,
                                               Block& before);

/// Reports a step that waits where there are no waits. False then.
bool allow_wait(Context& context, const Scope& scope, Span span);

/// Reports a choice that does not fit the place, such as `enroll now` in a step.
std::optional<IfPast> check_if_past(Context& context, const std::optional<ast::IfPast>& source,
                                    std::initializer_list<ast::IfPast::Then> allowed,
                                    const std::string& place);

}  // namespace wf::sema
