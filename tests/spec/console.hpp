// `console` blocks: commands behind `$`, their output, and the exit code of the last one.
#pragma once

#include <string>

#include "project.hpp"

namespace wf::test {

struct Console {
  std::string body;  ///< the block as it ought to be
  int exit = 0;      ///< of the last command
};

/// Runs the commands of the block in a new folder with these files. Where the expected output has a line `…`
/// and fits, it stays as it is.
Console run_console(const Block& block, const Files& files);

}  // namespace wf::test
