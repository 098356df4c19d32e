#include "compiler/yaml/tree.hpp"

#include <unicode/utf8.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

namespace wf::yaml {
namespace {

using text::Code;
using text::Span;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Thrown after a mistake was reported; nothing behind it can be trusted.
struct Refused {};

class Reader : public YAML::EventHandler {
 public:
  Reader(std::string_view content, text::FileId file, text::DiagnosticSink& sink)
      : content_(content), file_(file), sink_(sink) {
    if (content.starts_with(kByteOrderMark)) shift_ = static_cast<std::uint32_t>(kByteOrderMark.size());
  }

  std::optional<Tree> read() {
    try {
      check_encoding();
      parse();
      check_separators();
      find_comments();
    } catch (const Refused&) {
      return std::nullopt;
    }
    if (sink_.has_errors()) return std::nullopt;
    return std::move(tree_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    const std::uint32_t begin = place(mark);
    // At what it cannot use the library ends an empty document, and begins the next one, for ever.
    const bool is_stuck = !tree_.documents.empty() && tree_.documents.back().begin == begin;
    if (is_stuck) fail(begin, 1, "not YAML: this cannot stand here");
    tree_.documents.emplace_back();
    tree_.documents.back().begin = begin;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override {
    Node node;
    refuse_anchor(anchor, last_);
    node.begin = node.end = node.inner = last_;
    add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    fail(place(mark), 1, "aliases are not part of the notation: write the value again");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const std::uint32_t at = place(mark);
    refuse_anchor(anchor, at);
    refuse_tag(tag, at);
    Node node;
    node.kind = Node::Kind::scalar;
    node.value = value;
    node.begin = at;
    find_text(node);
    last_ = node.end;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(Node::Kind::sequence, mark, tag, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(Node::Kind::mapping, mark, tag, anchor, style);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    Node node;
    std::optional<Node> key;                              ///< of a mapping: the key that waits for its value
    std::unordered_map<std::string, std::uint32_t> keys;  ///< and where they stand
    bool flow = false;
  };

  std::uint32_t place(const YAML::Mark& mark) const {
    const std::size_t at = static_cast<std::size_t>(std::max(mark.pos, 0)) + shift_;
    return static_cast<std::uint32_t>(std::min(at, content_.size()));
  }
  Span span(std::uint32_t at, std::uint32_t size) const {
    return {file_, at, std::min<std::uint32_t>(at + size, static_cast<std::uint32_t>(content_.size()))};
  }
  [[noreturn]] void fail(std::uint32_t at, std::uint32_t size, std::string message) {
    sink_.report(Code::yaml_syntax, span(at, size), std::move(message));
    throw Refused{};
  }

  void check_encoding() {
    const auto size = static_cast<std::int32_t>(content_.size());
    for (std::int32_t i = 0; i < size;) {
      const std::int32_t from = i;
      UChar32 c = 0;
      U8_NEXT(content_.data(), i, size, c);
      if (c >= 0) continue;
      sink_.report(Code::invalid_utf8, span(static_cast<std::uint32_t>(from), 1), "the file is not UTF-8");
      throw Refused{};
    }
  }

  void parse() {
    std::istringstream in{std::string(content_.substr(shift_))};
    try {
      YAML::Parser parser(in);
      while (parser.HandleNextDocument(*this)) {
      }
    } catch (const YAML::Exception& e) {
      report(e);
      throw Refused{};
    }
  }

  void report(const YAML::Exception& e) {
    std::string message = e.msg;
    if (!message.empty())
      message[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(message[0])));
    text::Diagnostic& d = sink_.report(Code::yaml_syntax, span(e.mark.is_null() ? 0 : place(e.mark), 1),
                                       "not YAML: " + message);
    const auto open = std::find_if(levels_.rbegin(), levels_.rend(), [](const Level& l) { return l.flow; });
    if (open != levels_.rend()) d.secondary.push_back({span(open->node.begin, 1), "opened here"});
  }

  void refuse_anchor(YAML::anchor_t anchor, std::uint32_t at) {
    if (anchor != 0) fail(at, 1, "anchors are not part of the notation");
  }
  /// yaml-cpp tells of quotes and none by the tags `!` and `?`.
  void refuse_tag(const std::string& tag, std::uint32_t at) {
    if (!tag.empty() && tag != "!" && tag != "?")
      fail(at, 1, "tags are not part of the notation: `" + tag + "`");
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    const std::uint32_t at = place(mark);
    refuse_anchor(anchor, at);
    refuse_tag(tag, at);
    if (levels_.size() >= kMaxDepth) {
      sink_.report(Code::too_deep, span(at, 1),
                   "nested deeper than " + std::to_string(kMaxDepth) + " levels");
      throw Refused{};
    }
    Level level;
    level.node.kind = kind;
    level.node.begin = level.node.end = at;
    level.flow = style == YAML::EmitterStyle::Flow;
    last_ = at;
    levels_.push_back(std::move(level));
  }
  void close() {
    Node node = std::move(levels_.back().node);
    levels_.pop_back();
    node.end = std::max(node.begin, last_);
    add(std::move(node));
  }

  void add(Node node) {
    if (levels_.empty()) {
      tree_.documents.back().root = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.is_sequence()) {
      level.node.items.push_back(std::move(node));
    } else if (!level.key) {
      check_key(level, node);
      level.key = std::move(node);
    } else {
      level.node.entries.push_back({std::move(*level.key), std::move(node)});
      level.key.reset();
    }
  }

  void check_key(Level& level, const Node& key) {
    if (!key.is_scalar()) fail(key.begin, 1, "a key is a word");
    if (key.value == "<<") fail(key.begin, 2, "merge keys are not part of the notation");
    const auto [first, added] = level.keys.emplace(key.value, key.begin);
    if (added) return;
    const std::uint32_t size = key.end - key.begin;
    sink_.report(Code::yaml_syntax, span(key.begin, size), "`" + key.value + "` is given twice")
        .secondary.push_back({span(first->second, size), "first given here"});
  }

  // ---- scalars ----

  /// Finds where a scalar ends, and whether its value stands in the file as it is.
  void find_text(Node& node) {
    const std::string_view rest = content_.substr(node.begin);
    const char first = rest.empty() ? '\0' : rest[0];
    if (first == '"' || first == '\'') return find_quoted(node, first);
    if (first == '|' || first == '>') {
      node.style = Node::Style::block;
      blocks_.push_back(node.begin);
      node.end = node.inner = node.begin;
      while (node.end < content_.size() && content_[node.end] != '\n') ++node.end;
      return;
    }
    node.inner = node.begin;
    node.verbatim = rest.starts_with(node.value);
    node.end = node.begin + static_cast<std::uint32_t>(node.verbatim ? node.value.size() : 1);
  }

  void find_quoted(Node& node, char quote) {
    node.style = Node::Style::quoted;
    std::size_t at = node.begin + 1;
    for (; at < content_.size(); ++at) {
      if (quote == '"' && content_[at] == '\\') {
        ++at;
      } else if (content_[at] == quote) {
        if (quote != '\'' || content_.substr(at + 1, 1) != "'") break;
        ++at;
      }
    }
    if (at >= content_.size()) {
      const std::size_t line = std::min(content_.find('\n', node.begin), content_.size());
      sink_.report(Code::unclosed, {file_, node.begin, static_cast<std::uint32_t>(line)},
                   "a quoted text is never closed");
      throw Refused{};
    }
    node.inner = node.begin + 1;
    node.end = static_cast<std::uint32_t>(at + 1);
    node.verbatim = content_.substr(node.inner, at - node.inner) == node.value;
    quoted_.emplace_back(node.begin, node.end);
  }

  // ---- what yaml-cpp does not tell ----

  /// Calls back with each line: its start and text.
  template <class F>
  void each_line(F use) const {
    for (std::size_t at = shift_; at < content_.size();) {
      const std::size_t end = std::min(content_.find('\n', at), content_.size());
      use(static_cast<std::uint32_t>(at), content_.substr(at, end - at));
      at = end + 1;
    }
  }

  bool in_quotes(std::uint32_t at) const {
    const auto next = std::upper_bound(quoted_.begin(), quoted_.end(), at,
                                       [](std::uint32_t wanted, const auto& q) { return wanted < q.first; });
    return next != quoted_.begin() && at < (next - 1)->second;
  }

  /// Two roots in a row read as two documents, of which most programs use the first.
  void check_separators() {
    std::size_t markers = 0;
    bool at_start = true;
    each_line([&](std::uint32_t at, std::string_view line) {
      const bool marker = line.starts_with("---") && (line.size() == 3 || line[3] == ' ' || line[3] == '\r');
      if (marker && !in_quotes(at) && !at_start) ++markers;
      const std::size_t first = line.find_first_not_of(" \t\r");
      if (first != line.npos && line[first] != '#') at_start = false;
    });
    if (tree_.documents.size() <= markers + 1) return;
    const std::uint32_t at = tree_.documents[markers + 1].begin;
    fail(at, 1, "a second document begins here without `---`; is it indented too little?");
  }

  void find_comments() {
    std::optional<std::size_t> block_indent;  // of the line that opens a block scalar
    each_line([&](std::uint32_t at, std::string_view line) {
      const std::size_t first = line.find_first_not_of(" \t\r");
      if (block_indent && (first == line.npos || first > *block_indent)) return;
      block_indent.reset();
      if (first == line.npos) return;
      if (opens_block(at, line)) block_indent = first;
      for (std::size_t i = first; i < line.size(); ++i) {
        const auto here = static_cast<std::uint32_t>(at + i);
        if (line[i] != '#' || in_quotes(here)) continue;
        if (i > first && line[i - 1] != ' ' && line[i - 1] != '\t') continue;
        const std::size_t end = line.find_last_not_of(" \t\r") + 1;
        tree_.comments.push_back({here, static_cast<std::uint32_t>(at + end), i == first});
        return;
      }
    });
  }

  bool opens_block(std::uint32_t at, std::string_view line) const {
    const auto end = static_cast<std::uint32_t>(at + line.size());
    const auto next = std::lower_bound(blocks_.begin(), blocks_.end(), at);
    return next != blocks_.end() && *next < end;
  }

  std::string_view content_;
  text::FileId file_;
  text::DiagnosticSink& sink_;
  std::uint32_t shift_ = 0;
  std::uint32_t last_ = 0;  ///< behind the last token
  Tree tree_;
  std::vector<Level> levels_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> quoted_;
  std::vector<std::uint32_t> blocks_;
};

}  // namespace

const Node::Entry* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key.value == key) return &entry;
  }
  return nullptr;
}

std::optional<Tree> read_tree(std::string_view content, text::FileId file, text::DiagnosticSink& sink) {
  return Reader(content, file, sink).read();
}

}  // namespace wf::yaml
