// PUBLIC: sources to a program, or diagnostics. A function: it reads files only through the door it is given
// and touches no network and no clock.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/sema/module.hpp"
#include "grammar/text/diagnostic.hpp"
#include "runtime/bytecode/program.hpp"

namespace wf::compiler {

struct SourceText {
  std::string path;  ///< as shown in diagnostics
  std::string content;
};

/// Reads a file named by a declaration: a path relative to the declaring file's folder, joined already.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

enum class Stage : std::uint8_t { ast, ir, code };

struct Options {
  unsigned threads = 1;  ///< for reading; the result does not depend on it
  /// Days since 1970-01-01: what checks take for today; without it they take the project's `today`, if any.
  std::optional<std::int32_t> today;
  bool optimise = true;
  std::optional<Stage> emit;  ///< fill Compiled::emitted with the text of this stage
};

struct Compiled {
  text::SourceSet sources;
  text::DiagnosticSink diagnostics;
  std::optional<bytecode::Program> program;  ///< absent when there were errors
  std::optional<sema::Module> module;        ///< its tests are what `wfc test` runs
  std::string emitted;
};

/// Compiles the standard library and `files` as one project. Findings are sorted.
Compiled compile(std::vector<SourceText> files, const ReadFile& read_file, const Options& options = {});

/// The standard library's sources, embedded at build.
const std::vector<SourceText>& standard_library();

}  // namespace wf::compiler
