// Names of expression operators: for canonical texts and dumps.
#pragma once

#include "compiler/sema/module.hpp"

namespace wf::sema {

const char* op_name(ExprOp op);

}  // namespace wf::sema
