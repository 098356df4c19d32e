#include "grammar/text/diagnostic.hpp"

#include <algorithm>
#include <tuple>

#include "grammar/text/result.hpp"

namespace wf::text {
namespace {

struct Row {
  Code code;
  const char* identifier;
  Severity severity;
  const char* summary;
};

constexpr Row kRows[] = {
#define WF_DIAGNOSTIC(number, id, severity, summary) {Code::id, #id, Severity::severity, summary},
#include "grammar/text/diagnostics.def"
#undef WF_DIAGNOSTIC
};
constexpr std::size_t kRowCount = sizeof(kRows) / sizeof(kRows[0]);

/// The printed names: identifiers with `_` as `-`. Built once, so that CodeInfo can point into it.
const std::vector<std::string>& names() {
  static const std::vector<std::string> list = [] {
    std::vector<std::string> out;
    out.reserve(kRowCount);
    for (const Row& row : kRows) {
      std::string name = row.identifier;
      std::replace(name.begin(), name.end(), '_', '-');
      out.push_back(std::move(name));
    }
    return out;
  }();
  return list;
}

bool same(const Label& a, const Label& b) {
  return a.span == b.span && a.text == b.text;
}

bool same(const Diagnostic& a, const Diagnostic& b) {
  return a.code == b.code && a.message == b.message && same(a.primary, b.primary) &&
         std::equal(a.secondary.begin(), a.secondary.end(), b.secondary.begin(), b.secondary.end(),
                    [](const Label& x, const Label& y) { return same(x, y); }) &&
         a.notes == b.notes && a.helps == b.helps;
}

}  // namespace

const std::vector<CodeInfo>& all_codes() {
  static const std::vector<CodeInfo> list = [] {
    std::vector<CodeInfo> out;
    for (std::size_t i = 0; i < kRowCount; ++i) {
      out.push_back({kRows[i].code, names()[i].c_str(), kRows[i].severity, kRows[i].summary});
    }
    std::sort(out.begin(), out.end(), [](const CodeInfo& a, const CodeInfo& b) { return a.code < b.code; });
    return out;
  }();
  return list;
}

const CodeInfo& info(Code code) {
  const auto& codes = all_codes();
  const auto found = std::lower_bound(codes.begin(), codes.end(), code,
                                      [](const CodeInfo& row, Code wanted) { return row.code < wanted; });
  WF_ASSERT(found != codes.end() && found->code == code);
  return *found;
}

std::string code_text(Code code) {
  return "WF" + std::to_string(static_cast<unsigned>(code));
}

Diagnostic as_written(Diagnostic diagnostic, const SourceSet& sources) {
  std::erase_if(diagnostic.fixes, [&](const Fix& fix) {
    return !std::all_of(fix.edits.begin(), fix.edits.end(), [&](const Edit& edit) {
      return sources.file(edit.span.file).is_verbatim(edit.span);
    });
  });
  const auto move = [&](Span& span) { span = sources.original(span); };
  move(diagnostic.primary.span);
  for (Label& label : diagnostic.secondary) move(label.span);
  for (Fix& fix : diagnostic.fixes) {
    for (Edit& edit : fix.edits) move(edit.span);
  }
  return diagnostic;
}

Diagnostic& DiagnosticSink::report(Code code, Span span, std::string message) {
  return report(code, info(code).severity, span, std::move(message));
}

Diagnostic& DiagnosticSink::report(Code code, Severity severity, Span span, std::string message) {
  if (severity == Severity::error) ++errors_;
  Diagnostic& added = diagnostics_.emplace_back();
  added.code = code;
  added.severity = severity;
  added.message = std::move(message);
  added.primary.span = span;
  return added;
}

void DiagnosticSink::absorb(std::vector<Diagnostic> findings) {
  for (Diagnostic& finding : findings) {
    if (finding.severity == Severity::error) ++errors_;
    diagnostics_.push_back(std::move(finding));
  }
}

std::vector<Diagnostic> DiagnosticSink::take() {
  errors_ = 0;
  return std::exchange(diagnostics_, {});
}

void DiagnosticSink::sort(const SourceSet& sources) {
  const auto key = [&](const Diagnostic& d) {
    const Span at = sources.original(d.primary.span);
    return std::make_tuple(std::string_view(sources.file(at.file).path()), at.begin, d.code);
  };
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  const auto last = std::unique(diagnostics_.begin(), diagnostics_.end(),
                                [](const Diagnostic& a, const Diagnostic& b) { return same(a, b); });
  diagnostics_.erase(last, diagnostics_.end());
  errors_ = static_cast<std::size_t>(std::count_if(
      diagnostics_.begin(), diagnostics_.end(), [](const auto& d) { return d.severity == Severity::error; }));
}

}  // namespace wf::text
