// A project as a static site: workflows with their pictures, who may send what, owners, reviews due.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "grammar/ast/ast.hpp"
#include "grammar/text/result.hpp"
#include "grammar/text/source.hpp"
#include "runtime/bytecode/program.hpp"

namespace wf::wfc {

struct SitePage {
  std::string path;  ///< "index.html"
  std::string content;
};

struct SiteSource {
  const bytecode::Program& program;
  const std::vector<ast::File>& files;  ///< of the project, without the standard library
  const text::SourceSet& sources;
  std::int32_t today = 0;  ///< days since 1970: reviews older than a quarter are due
  /// An SVG of a DOT text.
  std::function<Result<std::string>(std::string_view dot)> draw;
};

/// Pages that link to each other and need nothing else. Errors are those of `draw`.
Result<std::vector<SitePage>> site_of(const SiteSource& source);

}  // namespace wf::wfc
