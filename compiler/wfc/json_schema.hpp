// A JSON Schema of the YAML notation, for editors: made from the tables that the compiler itself reads.
#pragma once

#include <string>
#include <vector>

#include "compiler/yaml/forms.hpp"

namespace wf::wfc {

/// Draft 7, which editors know. It describes one document; `headers` are those of workflows ("on late").
std::string json_schema(const yaml::Actions& actions, const std::vector<std::string>& headers);

}  // namespace wf::wfc
