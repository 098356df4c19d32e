// Makes a failing program small: takes out whatever it fails without.
#pragma once

#include <functional>

#include "tests/reference/generator/tree.hpp"

namespace wf::reference {

/// `fails`: does this program still show the same disagreement? It does for `program`.
Node shrink(Node program, const std::function<bool(const Node&)>& fails);

}  // namespace wf::reference
