// The text notation: any bytes give a tree or findings, and every place is inside the file.
#include "grammar/text/render.hpp"
#include "grammar/wf/parse.hpp"
#include "tests/fuzz/target.hpp"

void wf::fuzz::run(std::string_view input) {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  const text::FileId file = sources.add("input.wf", std::string(input));
  const ast::File parsed = grammar::parse_wf(sources, file, sink);
  const std::size_t size = sources.file(file).content().size();
  for (const ast::Decl& decl : parsed.decls) require(decl.span.end <= size, "a declaration is in the file");
  for (const text::Diagnostic& finding : sink.all()) {
    require(finding.primary.span.begin <= finding.primary.span.end && finding.primary.span.end <= size,
            "a finding is in the file");
    (void)text::render_text(finding, sources);
    (void)text::render_json(finding, sources);
  }
}
