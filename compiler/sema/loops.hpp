// `for each`. Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// A loop takes at most so many records: its body stands in the program once for each.
inline constexpr std::int64_t kMaxItems = 100;

std::optional<decltype(Step::node)> check_for_each(Context& context, const Scope& scope,
                                                   const ast::ForEach& source);

}  // namespace wf::sema
