#include "compiler/sema/op_names.hpp"

#include <array>

namespace wf::sema {
namespace {

constexpr std::array kNames = {
    "constant", "unknown",    "property", "field",   "self",     "parameter",   "local",     "now",
    "created",  "eq",         "ne",       "lt",      "le",       "gt",          "ge",        "is_known",
    "not",      "and",        "or",       "any_of",  "contains", "starts_with", "ends_with", "matches",
    "add",      "sub",        "mul",      "div",     "negate",   "coalesce",    "age",       "count",
    "last",     "since",      "in_list",  "has_tag", "moment",   "earliest",    "expiry",    "choose",
    "related",  "associated", "concat",   "date_of", "rotate",
};
static_assert(kNames.size() == static_cast<std::size_t>(ExprOp::rotate) + 1);

}  // namespace

const char* op_name(ExprOp op) {
  return kNames[static_cast<std::size_t>(op)];
}

}  // namespace wf::sema
