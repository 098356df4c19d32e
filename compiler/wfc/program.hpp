// A program from what a command line names: a bundle, a source file or a folder.
#pragma once

#include <string>

#include "runtime/bytecode/program.hpp"

namespace wf::wfc {

struct NamedProgram {
  bytecode::Program program;
  std::string bundle;  ///< its bytes
};
/// Findings of the compiler that are errors go to stderr. Errors: not_found, io, limit, corrupt, unsupported;
/// invalid when the sources have errors.
Result<NamedProgram> load_program(const std::string& path);
/// The exit code of that error, after saying it on stderr.
int program_failure(const std::string& path, const Error& error);

}  // namespace wf::wfc
