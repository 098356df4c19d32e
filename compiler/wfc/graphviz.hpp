// Pictures through the program `dot` of Graphviz.
#pragma once

#include <string>
#include <string_view>

#include "grammar/text/result.hpp"

namespace wf::wfc {

/// The SVG of a DOT text, from `<svg` on. Errors: not_found when Graphviz is not installed, io, invalid.
Result<std::string> svg_of(std::string_view dot);

}  // namespace wf::wfc
