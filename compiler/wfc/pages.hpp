// The pages of docs/language/codes and the files of the examples, embedded at build.
#pragma once

#include <vector>

#include "compiler/compile.hpp"

namespace wf::wfc {

/// `path` is "WF304.md", `content` its Markdown: a heading, prose, and fenced examples.
const std::vector<compiler::SourceText>& code_pages();
/// `path` is "lead-nurturing/emails/welcome.html".
const std::vector<compiler::SourceText>& example_files();

}  // namespace wf::wfc
