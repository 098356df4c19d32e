// Diagnostics: what `wfc check` has to say about source files.
//
// One cause gives one diagnostic; stages collect them in a DiagnosticSink and go on. The list of all codes is
// diagnostics.def: a code never changes its meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grammar/text/source.hpp"

namespace wf::text {

enum class Severity : std::uint8_t { error, warning, info };

enum class Code : std::uint16_t {
#define WF_DIAGNOSTIC(number, id, severity, summary) id = number,
#include "grammar/text/diagnostics.def"
#undef WF_DIAGNOSTIC
};

struct CodeInfo {
  Code code;
  const char* name;  ///< "nullable-use"
  Severity severity;
  const char* summary;
};

/// All codes in ascending order.
const std::vector<CodeInfo>& all_codes();
const CodeInfo& info(Code code);
/// "WF305".
std::string code_text(Code code);

struct Label {
  Span span;
  std::string text;
};

struct Edit {
  Span span;  ///< replaced; empty span inserts
  std::string text;
};

enum class Applicability : std::uint8_t { machine, maybe_incorrect, has_placeholders };

struct Fix {
  std::string title;
  Applicability applicability = Applicability::maybe_incorrect;
  std::vector<Edit> edits;
};

/// A record and events that show the finding: `wfc sim --witness` replays them.
struct Witness {
  std::string object;                                       ///< of the record
  std::string at;                                           ///< the instant at which the record is created
  std::vector<std::pair<std::string, std::string>> record;  ///< property, value as JSON
  std::vector<std::string>
      events;  ///< one JSON object each, of the subject `witness`, as `wfc sim --events` reads them; in order
  std::vector<std::string> shows;  ///< how lines begin that its timeline then has, in this order
};

struct Diagnostic {
  Code code;
  Severity severity;
  std::string message;  ///< stands alone; lower case start, no final full stop, names in backticks
  Label primary;        ///< as small as possible
  std::vector<Label> secondary;
  std::vector<std::string> notes;
  std::vector<std::string> helps;
  std::vector<Fix> fixes;
  std::optional<Witness> witness;
  /// About a place that many use, such as a placeholder of a template: the first such finding there is
  /// enough.
  bool once = false;
  /// "workflow.lead_nurturing:3.happened.1": the declaration and the place in its structure, by which the
  /// same finding is known again when lines moved.
  std::string path;
};

/// With its places in what a person wrote, where the source was generated from that. Fixes that would change
/// something else than a piece of it are left out.
Diagnostic as_written(Diagnostic diagnostic, const SourceSet& sources);

/// Collects the findings of all stages.
class DiagnosticSink {
 public:
  /// Adds a finding with the severity of its code; the reference is valid until the next call.
  Diagnostic& report(Code code, Span span, std::string message);
  /// The same with another severity than the code's own.
  Diagnostic& report(Code code, Severity severity, Span span, std::string message);
  /// Adds findings that another sink collected.
  void absorb(std::vector<Diagnostic> findings);
  /// Gives its findings away and is empty then.
  std::vector<Diagnostic> take();
  bool has_errors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  std::vector<Diagnostic>& all() { return diagnostics_; }
  const std::vector<Diagnostic>& all() const { return diagnostics_; }
  /// Sorts by (file path, offset, code) and drops exact repeats.
  void sort(const SourceSet& sources);

 private:
  std::vector<Diagnostic> diagnostics_;
  std::size_t errors_ = 0;
};

}  // namespace wf::text
