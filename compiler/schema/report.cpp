#include "compiler/schema/report.hpp"

#include <algorithm>

#include "grammar/text/suggest.hpp"

namespace wf::schema {

namespace {

/// Candidates that the name goes on from, or that go on from it: `部長だよ` for `部長`. At least half must
/// agree.
std::vector<std::string> extensions(const std::string& name, const std::vector<std::string>& candidates,
                                    const std::string& prefix) {
  std::vector<std::string> found;
  for (const std::string& candidate : candidates) {
    const std::size_t common = std::min(name.size(), candidate.size());
    const bool starts = common >= 3 && name.compare(0, common, candidate, 0, common) == 0;
    if (starts && 2 * common >= std::max(name.size(), candidate.size())) found.push_back(prefix + candidate);
  }
  std::sort(found.begin(), found.end());
  if (found.size() > 3) found.resize(3);
  return found;
}

}  // namespace

text::Diagnostic& report_unknown(text::DiagnosticSink& sink, text::Code code, text::Span span,
                                 std::string message, const std::string& name,
                                 const std::vector<std::string>& candidates, const std::string& prefix) {
  text::Diagnostic& d = sink.report(code, span, std::move(message));
  std::vector<std::string> close;
  for (const std::string& found : text::suggest(name, candidates)) close.push_back(prefix + found);
  if (close.empty()) close = extensions(name, candidates, prefix);
  if (!close.empty()) d.primary.text = "did you mean " + one_of(close) + "?";
  if (close.size() == 1) {
    d.fixes.push_back({"write `" + close[0] + "`", text::Applicability::maybe_incorrect, {{span, close[0]}}});
  }
  return d;
}

text::Diagnostic& report_duplicate(text::DiagnosticSink& sink, text::Span again, text::Span first,
                                   const std::string& what, const std::string& name) {
  text::Diagnostic& d =
      sink.report(text::Code::duplicate_name, again, "the " + what + " `" + name + "` is declared twice");
  d.primary.text = "declared again here";
  d.secondary.push_back({first, "first declared here"});
  return d;
}

std::string one_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += "`" + names[i] + "`";
  }
  return text;
}

std::string with_article(const std::string& word) {
  const bool vowel = !word.empty() && std::string("aeio").find(word[0]) != std::string::npos;
  return (vowel ? "an " : "a ") + word;
}

}  // namespace wf::schema
