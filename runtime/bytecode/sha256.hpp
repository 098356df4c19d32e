#pragma once

#include <string_view>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

Hash sha256(std::string_view bytes);

}  // namespace wf::bytecode
