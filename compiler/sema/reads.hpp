// What a condition reads, of its own record and of others: when one of these changes, its value may change.
// Internal to sema.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

struct Reads {
  std::vector<std::uint32_t> properties, counters, lists;
  bool tags = false;
  std::vector<bytecode::RelatedRead> elsewhere;  ///< relations are those of the module
};

/// `object` is the type of the expression's record.
Reads reads_of(const Context& context, std::uint32_t object, const Expr& expression);

/// The way along associations from an expression's record to the one that it means; nothing when it is not
/// known before it is evaluated.
std::optional<std::vector<bytecode::Hop>> path_to(const Context& context, std::uint32_t object,
                                                  const Expr& record);

}  // namespace wf::sema
