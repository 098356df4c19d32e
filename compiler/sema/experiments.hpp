// Experiments: variants, shares and what chooses the winner.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Checks the step and its blocks and completes the catalogue's experiment. Nothing after a report.
std::optional<Experiment> check_experiment(Context& context, const Scope& scope,
                                           const ast::Experiment& source, Span span);

}  // namespace wf::sema
