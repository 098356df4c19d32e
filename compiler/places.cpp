#include "compiler/places.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace wf::compiler {
namespace {

using text::Span;

std::uint64_t hashed(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325u) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

/// Source text without its layout.
std::string plain(const text::SourceSet& sources, Span span) {
  std::string out;
  bool blank = false;
  for (const char c : sources.text(span)) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    out += c;
  }
  return out;
}

class Namer {
 public:
  explicit Namer(const text::SourceSet& sources) : sources_(sources) {}

  std::string path_of(const ast::File& file, Span span) {
    const auto behind = [](std::uint32_t begin, const ast::Decl& decl) { return begin < decl.span.begin; };
    const auto next = std::upper_bound(file.decls.begin(), file.decls.end(), span.begin, behind);
    const std::string own = plain(sources_, span);
    if (next == file.decls.begin()) return "file:text:" + hex(hashed(own));
    const ast::Decl& decl = *(next - 1);
    std::uint64_t hash = hashed(own);
    const auto* workflow = std::get_if<ast::WorkflowDecl>(&decl.node);
    const bool step = workflow && in_steps(workflow->steps, span, hash);
    return name_of(decl) + (step ? ":step:" : ":head:") + hex(hash);
  }

 private:
  /// "workflow.lead_nurturing", "email.welcome".
  static std::string name_of(const ast::Decl& decl) {
    if (const auto* n = std::get_if<ast::WorkflowDecl>(&decl.node)) return "workflow." + n->name.text;
    if (const auto* n = std::get_if<ast::ObjectDecl>(&decl.node)) return "object." + n->name.text;
    if (const auto* n = std::get_if<ast::EventDecl>(&decl.node)) return "event." + n->name.text;
    if (const auto* n = std::get_if<ast::ResourceDecl>(&decl.node)) return n->kind.text + "." + n->name.text;
    if (const auto* n = std::get_if<ast::SegmentDecl>(&decl.node)) return "segment." + n->name.text;
    if (const auto* n = std::get_if<ast::TestDecl>(&decl.node)) return "test." + hex(hashed(n->title));
    return "declaration";
  }

  /// Adds the steps around the place, each by its head and its number among those with the same head.
  bool in_steps(const ast::Block& block, Span place, std::uint64_t& hash) {
    const ast::Step* found = nullptr;
    for (const ast::Step& step : block) {
      if (step.span.begin <= place.begin) found = &step;
    }
    if (!found) return false;
    const std::string head = plain(sources_, found->span);
    std::size_t alike = 0;
    for (const ast::Step* step = block.data(); step != found; ++step) {
      if (plain(sources_, step->span) == head) ++alike;
    }
    hash = hashed(head + '#' + std::to_string(alike), hash);
    const ast::Block* inner = nullptr;
    ast::each_block(*found, [&](const ast::Block& candidate) {
      if (!candidate.empty() && candidate.front().span.begin <= place.begin) inner = &candidate;
    });
    if (inner) in_steps(*inner, place, hash);
    return true;
  }

  static std::string hex(std::uint64_t hash) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (int shift = 28; shift >= 0; shift -= 4) out += kDigits[(hash >> shift) & 0xf];
    return out;
  }

  const text::SourceSet& sources_;
};

}  // namespace

void name_places(const std::vector<ast::File>& files, const text::SourceSet& sources,
                 std::vector<text::Diagnostic>& findings) {
  Namer namer(sources);
  std::map<std::string, int> seen;
  for (text::Diagnostic& d : findings) {
    const Span span = d.primary.span;
    if (span.file < files.size()) {
      d.path = namer.path_of(files[span.file], span);
    } else {
      d.path = "file:text:" + plain(sources, span).substr(0, 40);
    }
    const int number =
        ++seen[std::to_string(static_cast<int>(d.code)) + ":" + std::to_string(span.file) + d.path];
    if (number > 1) d.path += "#" + std::to_string(number);
  }
}

}  // namespace wf::compiler
