// Facts: what is known of the terms of one workflow at one place, as at most 32 cases ("paths"), and what a
// condition tells about them in three-valued logic.
//
// The one promise: a record that can come to a place is in one of its paths. Nothing here ever drops one.
#pragma once

#include <memory>
#include <vector>

#include "compiler/sema/terms.hpp"

namespace wf::sema {

struct Fact {
  TermId term = 0;
  domain::Abstract value;
  Span cause;  ///< the condition or step that told it
};

struct Instant;

/// One case. All its facts hold together.
struct Path {
  std::vector<Fact> facts;   ///< ascending by term; a term without one can be anything of its type
  std::vector<Fact> before;  ///< how terms that were written since the last wait stood at its end
  std::shared_ptr<const Instant> history;  ///< how it came to the last wait
  bool vague = false;  ///< several cases became this one: `before` and `history` are those of one of them
};
using Paths = std::vector<Path>;
inline constexpr std::size_t kMostPaths = 32;

/// Adds a case, as one with another where that loses nothing; too many become one.
void add_path(const Terms& terms, Paths& paths, Path path);

/// What a term can be.
const domain::Abstract& fact_of(const Terms& terms, const Path& path, TermId term);
void set_fact(const Terms& terms, Path& path, TermId term, domain::Abstract value, Span cause);
/// What an expression can come to.
domain::Abstract evaluate(Terms& terms, const Path& path, const Expr& expression);
/// The cases in which the condition comes to one of `wanted`, with what that tells.
Paths assume(Terms& terms, const Paths& paths, const Expr& condition, Outcomes wanted);
/// What the condition can come to in these cases.
Outcomes outcomes_of(Terms& terms, const Paths& paths, const Expr& condition);
/// Where facts about the terms of a condition come from: at most three places, in order.
std::vector<Span> causes_of(Terms& terms, const Paths& paths, const Expr& condition);

}  // namespace wf::sema
