// The text notation as the YAML notation: what `wfc convert --to yaml` writes.
#pragma once

#include <string>
#include <string_view>

#include "compiler/yaml/forms.hpp"

namespace wf::yaml {

/// The YAML form of a file of the text notation that parses without errors; lowering it gives the same tree.
/// Comments are kept before or behind the statement at which they stood.
std::string write_yaml(std::string_view source, const Actions& actions);

}  // namespace wf::yaml
