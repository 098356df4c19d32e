#include "compiler/allowances.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace wf::compiler {
namespace {

using text::Code;
using text::Span;

constexpr std::string_view kMarker = "wf: allow";

struct Allowance {
  text::FileId file = 0;
  std::optional<Code> code;
  std::string written;               ///< the code as it stands there
  Span place;                        ///< of the code
  std::uint32_t begin = 0, end = 0;  ///< findings that begin in here
  bool reasoned = false;
  bool used = false;
};

/// Reads over one file, knowing texts and comments.
class Reader {
 public:
  Reader(text::FileId file, std::string_view content, text::DiagnosticSink& sink, std::vector<Allowance>& out)
      : file_(file), content_(content), sink_(sink), out_(out) {}

  void run() {
    for (std::size_t at = content_.find(kMarker); at != content_.npos; at = content_.find(kMarker, at + 1)) {
      const std::size_t line = content_.rfind('\n', at) + 1;
      const std::size_t hash = comment_of(line);
      const std::string_view between = content_.substr(hash + 1, at > hash ? at - hash - 1 : 0);
      if (hash < at && between.find_first_not_of(' ') == between.npos) read(line, hash, at + kMarker.size());
    }
  }

 private:
  std::size_t line_end(std::size_t at) const { return std::min(content_.find('\n', at), content_.size()); }

  /// Where the comment of a line begins; its end without one.
  std::size_t comment_of(std::size_t line) const {
    const std::size_t end = line_end(line);
    bool in_text = false;
    for (std::size_t i = line; i < end; ++i) {
      if (in_text && content_[i] == '\\') {
        ++i;
      } else if (content_[i] == '"') {
        in_text = !in_text;
      } else if (!in_text && content_[i] == '#') {
        return i;
      }
    }
    return end;
  }

  bool is_code(std::size_t line) const {
    const std::size_t first = content_.find_first_not_of(" \t\r", line);
    return first < comment_of(line);
  }

  void read(std::size_t line, std::size_t hash, std::size_t at) {
    std::size_t covered = line;
    if (!is_code(line)) {
      do {
        covered = line_end(covered) + 1;
      } while (covered < content_.size() && !is_code(covered));
    }
    const std::size_t end = line_end(at);
    std::vector<Allowance> found = codes(at, end);
    const bool reason = has_reason(at, end);
    const Span whole{file_, static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(end)};
    if (found.empty() || !reason) {
      auto& d = sink_.report(Code::allow_without_reason, trimmed(whole),
                             found.empty() ? "this allows no finding" : "this does not say why");
      d.helps.push_back("write `# wf: allow WF321 \"the reason\"`");
    }
    if (covered >= content_.size()) covered = content_.size();
    for (Allowance& allowance : found) {
      allowance.reasoned = reason;
      allowance.begin = static_cast<std::uint32_t>(covered);
      allowance.end = static_cast<std::uint32_t>(end_of_block(covered));
      out_.push_back(std::move(allowance));
    }
  }

  Span trimmed(Span span) const {
    while (span.end > span.begin && (content_[span.end - 1] == '\r' || content_[span.end - 1] == ' '))
      --span.end;
    return span;
  }

  std::vector<Allowance> codes(std::size_t at, std::size_t end) const {
    std::vector<Allowance> found;
    while (true) {
      at = content_.find_first_not_of(" ,", at);
      if (at >= end || content_[at] == '"' || content_[at] == '\r') return found;
      std::size_t stop = std::min({content_.find_first_of(" ,\"\r", at), end});
      Allowance allowance;
      allowance.file = file_;
      allowance.written = content_.substr(at, stop - at);
      allowance.place = {file_, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(stop)};
      for (const text::CodeInfo& info : text::all_codes()) {
        if (text::code_text(info.code) == allowance.written) allowance.code = info.code;
      }
      found.push_back(std::move(allowance));
      at = stop;
    }
  }

  bool has_reason(std::size_t at, std::size_t end) const {
    const std::size_t open = content_.find('"', at);
    if (open >= end) return false;
    const std::size_t close = content_.find('"', open + 1);
    return close < end && content_.substr(open + 1, close - open - 1).find_first_not_of(' ') != content_.npos;
  }

  /// The end of the line, or of the blocks that it opens.
  std::size_t end_of_block(std::size_t line) const {
    int depth = 0;
    for (std::size_t at = line; at < content_.size(); at = line_end(at) + 1) {
      const std::size_t stop = comment_of(at);
      bool in_text = false;
      for (std::size_t i = at; i < stop; ++i) {
        if (in_text && content_[i] == '\\') {
          ++i;
        } else if (content_[i] == '"') {
          in_text = !in_text;
        } else if (!in_text && content_[i] == '{') {
          ++depth;
        } else if (!in_text && content_[i] == '}') {
          --depth;
        }
      }
      if (depth <= 0) return line_end(at);
    }
    return content_.size();
  }

  text::FileId file_;
  std::string_view content_;
  text::DiagnosticSink& sink_;
  std::vector<Allowance>& out_;
};

bool covers(const Allowance& allowance, const text::Diagnostic& d) {
  const Span& span = d.primary.span;
  return allowance.code == d.code && allowance.file == span.file && allowance.begin <= span.begin &&
         span.begin < allowance.end;
}

void report_unused(const Allowance& allowance, bool error, text::DiagnosticSink& sink) {
  const std::string code = "`" + allowance.written + "`";
  if (!allowance.code) {
    sink.report(Code::unused_allow, allowance.place, "there is no finding " + code);
  } else if (error) {
    sink.report(Code::unused_allow, allowance.place, code + " is an error, which cannot be allowed");
  } else {
    sink.report(Code::unused_allow, allowance.place, "there is no " + code + " to allow here").primary.text =
        "remove it";
  }
}

}  // namespace

bool holds_allowances(std::string_view content) {
  return content.find(kMarker) != content.npos;
}

void apply_allowances(const text::SourceSet& sources, std::size_t files, text::DiagnosticSink& diagnostics) {
  std::vector<Allowance> allowances;
  for (text::FileId file = 0; file < files; ++file) {
    Reader(file, sources.file(file).content(), diagnostics, allowances).run();
  }
  if (allowances.empty()) return;
  std::vector<Allowance*> errors;
  std::vector<text::Diagnostic> kept;
  for (text::Diagnostic& d : diagnostics.take()) {
    bool allowed = false;
    for (Allowance& allowance : allowances) {
      if (!covers(allowance, d)) continue;
      if (d.severity == text::Severity::error) {
        errors.push_back(&allowance);
      } else {
        allowed = allowance.used = true;
      }
    }
    if (!allowed) kept.push_back(std::move(d));
  }
  const bool whole = std::none_of(kept.begin(), kept.end(),
                                  [](const auto& d) { return d.severity == text::Severity::error; });
  diagnostics.absorb(std::move(kept));
  for (const Allowance& allowance : allowances) {
    const bool error = std::find(errors.begin(), errors.end(), &allowance) != errors.end();
    // With errors about not everything was looked at: what is unused may be used without them.
    if (allowance.used || !allowance.reasoned) continue;
    if (whole || error || !allowance.code) report_unused(allowance, error, diagnostics);
  }
}

}  // namespace wf::compiler
