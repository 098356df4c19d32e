// The files that a command works on, from its arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compile.hpp"
#include "grammar/text/result.hpp"

namespace wf::wfc {

/// Larger source files are refused.
inline constexpr std::size_t kMaxSourceBytes = 16u << 20;

struct ProjectArguments {
  std::vector<std::string> paths;      ///< files, folders, or "-"; none: the current folder
  std::string stdin_name = "<stdin>";  ///< the path shown for "-"
};

/// A source that was found and not read yet.
struct SourcePath {
  std::string path;
  std::uint64_t size = 0;
  std::int64_t changed_at = 0;         ///< nanoseconds since 1970, as the file system tells
  std::optional<std::string> content;  ///< standard input is read at once
};

/// Finds what load_project would read.
Result<std::vector<SourcePath>> find_sources(const ProjectArguments& arguments);
/// Errors: not_found, io, limit.
Result<compiler::SourceText> read_source(SourcePath source);

/// The sources of the arguments, in their order; a folder gives its *.wf and *.wf.yaml files, sorted, without
/// hidden and build folders. A file named twice counts once. Errors: not_found, io, limit, and invalid for a
/// folder without sources.
Result<std::vector<compiler::SourceText>> load_project(const ProjectArguments& arguments);

/// A whole file. Errors: not_found, io, limit.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);
/// Replaces a file at once: readers see the old content or the new. Errors: io.
Result<void> write_file(const std::string& path, std::string_view content);

/// The door for files that declarations name.
std::optional<std::string> read_declared_file(const std::string& path);

}  // namespace wf::wfc
