// From a program's text to what the runs need. The standard library is parsed once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/sema/module.hpp"
#include "grammar/text/diagnostic.hpp"
#include "grammar/text/source.hpp"
#include "tests/reference/interpreter/interpreter.hpp"

namespace wf::reference {

/// A program's text, checked.
struct Project {
  std::string text;
  text::SourceSet sources;
  text::DiagnosticSink diagnostics;
  std::optional<sema::Module> module;  ///< absent when there were errors
};
std::unique_ptr<Project> check(std::string text);
/// "WF305 …" of each error, one a line.
std::string errors_of(const Project& project);

/// Lowers, with or without the passes. Throws std::runtime_error when the program is too large.
bytecode::Program compile(const Project& project, bool optimise);

/// What happens in a program's first test, and what comments beginning with `#!` add to it:
///
///     at +1d form.ebook submitted by r1   #! late 3h       it occurred three hours ago
///     at +1d form.ebook submitted by r1   #! id 7          inputs with one id are one
///     #! +1d tag r1 hot · untag r1 hot · enroll r1 w0 · unenroll r1 w0 · marketing r1 yes
struct Timeline {
  std::int64_t start = 0, end = 0;
  std::vector<std::string> names;  ///< of the records, in order
  std::vector<std::pair<std::uint32_t, std::vector<int>>> scripts;
  std::vector<Input> given;
  std::vector<std::pair<std::int64_t, Input>> inputs;  ///< by instant
};
/// Throws std::runtime_error for a comment that cannot be read, or without a test.
Timeline timeline_of(const Project& project);

}  // namespace wf::reference
