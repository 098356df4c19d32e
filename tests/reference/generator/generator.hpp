// Random programs of the language as text, each with a timeline in a test of its own: the same seed gives the
// same program on every machine.
#pragma once

#include "tests/reference/generator/tree.hpp"
#include "tests/reference/generator/vocabulary.hpp"

namespace wf::reference {

/// `standard`: the catalogue of the standard library alone.
Node generate(std::uint64_t seed, const bytecode::Catalogue& standard);

}  // namespace wf::reference
