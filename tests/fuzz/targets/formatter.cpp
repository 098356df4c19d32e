// The formatter: what can be read is read the same afterwards, and is in the layout.
#include "grammar/ast/dump.hpp"
#include "grammar/format/format.hpp"
#include "grammar/wf/parse.hpp"
#include "tests/fuzz/target.hpp"

namespace {

/// The tree of a text, or "" when it has mistakes.
std::string tree_of(std::string_view content) {
  wf::text::SourceSet sources;
  wf::text::DiagnosticSink sink;
  const auto file = sources.add("input.wf", std::string(content));
  const wf::ast::File parsed = wf::grammar::parse_wf(sources, file, sink);
  return sink.has_errors() ? std::string() : "tree\n" + wf::ast::dump(parsed);
}

}  // namespace

void wf::fuzz::run(std::string_view input) {
  const std::string done = format::format_wf(input);
  const std::string before = tree_of(input);
  if (before.empty()) return;
  require(tree_of(done) == before, "the layout keeps the tree");
  require(format::format_wf(done) == done, "the layout is stable");
}
