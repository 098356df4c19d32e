#include "compiler/gaps.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace wf::compiler {
namespace {

using text::Code;
using text::Span;

template <std::size_t N>
bool is_one_of(Code code, const Code (&codes)[N]) {
  return std::find(codes, codes + N, code) != codes + N;
}

/// Something is not found by its name.
bool is_unknown(Code code) {
  static constexpr Code kCodes[] = {
      Code::unknown_name,   Code::unknown_kind,  Code::unknown_property,
      Code::unknown_value,  Code::unknown_type,  Code::unknown_event,
      Code::unknown_action, Code::unknown_field, Code::template_unknown_placeholder};
  return is_one_of(code, kCodes);
}

/// Something is missing in a declaration.
bool is_missing(Code code) {
  static constexpr Code kCodes[] = {
      Code::missing_field,      Code::missing_recipient, Code::missing_unsubscribe,
      Code::record_needs_value, Code::campaign_period,   Code::missing_documentation,
      Code::invalid_shares,     Code::no_winner,         Code::send_without_class};
  return is_one_of(code, kCodes);
}

/// Said of all workflows together: another one may make it untrue.
bool is_of_project(Code code) {
  static constexpr Code kCodes[] = {Code::existing_never_matches, Code::hot_unreachable, Code::trigger_never,
                                    Code::goal_unreachable, Code::unused};
  return is_one_of(code, kCodes);
}

bool in_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || byte == '_' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

std::set<std::string, std::less<>> words_of(std::string_view text) {
  std::set<std::string, std::less<>> words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && in_word(text[end])) ++end;
    if (end > at) words.emplace(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

class Gaps {
 public:
  Gaps(const std::vector<ast::File>& files, const text::SourceSet& sources) : sources_(sources) {
    for (const ast::File& file : files) {
      for (const Span& gap : file.gaps) {
        words_.merge(words_of(sources.text(gap)));
        gaps_[gap.file].push_back(gap);
      }
      if (file.gaps.empty()) continue;
      for (const ast::Decl& decl : file.decls) decls_[file.id].push_back(decl.span);
    }
  }

  bool empty() const { return gaps_.empty(); }

  bool may_cause(const text::Diagnostic& d) const {
    if (is_of_project(d.code)) return true;
    if (is_unknown(d.code) && shares_word(d.primary.span)) return true;
    const auto gaps = gaps_.find(d.primary.span.file);
    if (gaps == gaps_.end()) return false;
    const Span place = d.primary.span, whole = declaration_of(place);
    return std::any_of(gaps->second.begin(), gaps->second.end(), [&](const Span& gap) {
      if (place.begin < gap.end && gap.begin < std::max(place.end, place.begin + 1)) return true;
      if (gap.begin < whole.begin || gap.begin >= whole.end) return false;
      if (d.code == Code::non_exhaustive_match) return gap.begin >= place.end && gap.begin < block_end(place);
      if (is_missing(d.code)) return true;
      return d.severity != text::Severity::error && gap.begin < place.begin &&
             gap.begin > beginning_of(d, whole);
    });
  }

 private:
  bool shares_word(Span place) const {
    const auto words = words_of(sources_.text(place));
    return std::any_of(words.begin(), words.end(), [&](const auto& word) { return words_.count(word) > 0; });
  }

  /// Of the steps that a claim about the order of steps is about.
  static std::uint32_t beginning_of(const text::Diagnostic& d, Span whole) {
    std::uint32_t first = d.primary.span.begin;
    for (const text::Label& label : d.secondary) {
      const bool inside = label.span.file == whole.file && label.span.begin > whole.begin;
      if (inside) first = std::min(first, label.span.begin);
    }
    return first == d.primary.span.begin ? whole.begin : first;
  }

  /// Behind the block that opens behind the place; braces in texts may make it longer.
  std::uint32_t block_end(Span place) const {
    const std::string_view text = sources_.file(place.file).content();
    int depth = 0;
    for (std::size_t at = place.end; at < text.size(); ++at) {
      if (text[at] == '{') ++depth;
      if (text[at] == '}' && --depth <= 0) return static_cast<std::uint32_t>(at);
    }
    return static_cast<std::uint32_t>(text.size());
  }

  Span declaration_of(Span place) const {
    const auto decls = decls_.find(place.file);
    if (decls == decls_.end()) return {};
    for (const Span& span : decls->second) {
      if (span.begin <= place.begin && place.begin < span.end) return span;
    }
    return {};
  }

  const text::SourceSet& sources_;
  std::set<std::string, std::less<>> words_;
  std::map<text::FileId, std::vector<Span>> gaps_, decls_;
};

}  // namespace

void drop_consequences(const std::vector<ast::File>& files, const text::SourceSet& sources,
                       std::vector<text::Diagnostic>& findings) {
  const Gaps gaps(files, sources);
  if (gaps.empty()) return;
  std::erase_if(findings, [&](const text::Diagnostic& d) { return gaps.may_cause(d); });
}

}  // namespace wf::compiler
