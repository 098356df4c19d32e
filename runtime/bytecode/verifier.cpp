#include "runtime/bytecode/checker.hpp"

namespace wf::bytecode {

Result<void> verify(Program& program) {
  verifier::Checker checker(program);
  std::vector<std::uint32_t> stacks;
  verifier::check_catalogue(checker);
  // Each part indexes by what the former has checked.
  if (checker.ok()) verifier::check_tables(checker);
  if (checker.ok()) stacks = verifier::check_code(checker);
  if (!checker.ok()) return Error{ErrorCode::invalid, "the program is not valid: " + checker.problem()};
  for (std::size_t i = 0; i < stacks.size(); ++i) program.functions[i].max_stack = stacks[i];
  return {};
}

}  // namespace wf::bytecode
