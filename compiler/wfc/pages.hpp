// The pages of docs/language/codes, the files of the examples and the tables of languages, embedded at build.
#pragma once

#include <vector>

#include "compiler/compile.hpp"

namespace wf::wfc {

/// `path` is "WF304.md", `content` its Markdown: a heading, prose, and fenced examples.
const std::vector<compiler::SourceText>& code_pages();
/// `path` is "lead-nurturing/emails/welcome.html".
const std::vector<compiler::SourceText>& example_files();
/// `path` is "ja.tsv".
const std::vector<compiler::SourceText>& language_files();

}  // namespace wf::wfc
