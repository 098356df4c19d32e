// The YAML notation: any bytes give a text and its places, or findings.
#include "compiler/yaml/lower.hpp"
#include "compiler/yaml/write.hpp"
#include "grammar/wf/parse.hpp"
#include "tests/fuzz/target.hpp"

void wf::fuzz::run(std::string_view input) {
  static const yaml::Actions actions({});
  text::DiagnosticSink sink;
  auto lowered = yaml::lower(input, 0, actions, sink);
  require(lowered.has_value() != sink.has_errors(), "a text or findings");
  if (!lowered) return;
  text::SourceSet sources;
  const auto file =
      sources.add_generated("input.wf.yaml", std::string(input), lowered->text, lowered->pieces);
  (void)grammar::parse_wf(sources, file, sink);
  for (const text::Diagnostic& finding : sink.all())
    require(sources.original(finding.primary.span).end <= input.size(), "a finding is in the file");
  if (!sink.has_errors()) (void)yaml::write_yaml(lowered->text, actions);
}
