// A YAML file as a tree with places. Reads what yaml-cpp reports as events, refuses what the notation does
// not need (anchors, aliases, merge keys, tags), and what yaml-cpp lets pass: repeated keys, quotes that are
// never closed, a second document without `---`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "grammar/text/diagnostic.hpp"

namespace wf::yaml {

inline constexpr std::size_t kMaxDepth = 64;

struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, mapping };
  enum class Style : std::uint8_t { plain, quoted, block };
  struct Entry;

  Kind kind = Kind::null;
  Style style = Style::plain;
  std::string value;           ///< of a scalar
  std::uint32_t begin = 0;     ///< in the file; a null has the place of its key
  std::uint32_t end = 0;       ///< of a scalar
  std::uint32_t inner = 0;     ///< where the value stands, if it does so byte for byte
  bool verbatim = false;       ///< does it?
  std::vector<Node> items;     ///< of a sequence
  std::vector<Entry> entries;  ///< of a mapping, in order

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_mapping() const { return kind == Kind::mapping; }
  const Entry* find(std::string_view key) const;
};

struct Node::Entry {
  Node key;
  Node value;
};

struct Comment {
  std::uint32_t begin = 0, end = 0;  ///< from `#` on
  bool alone = false;                ///< nothing before it on its line
};

struct Document {
  Node root;
  std::uint32_t begin = 0;  ///< of its first token
};

struct Tree {
  std::vector<Document> documents;
  std::vector<Comment> comments;  ///< outside of scalars, in order
};

/// Reads `content`, reporting mistakes with places in it as of `file`. Nothing: there were mistakes.
std::optional<Tree> read_tree(std::string_view content, text::FileId file, text::DiagnosticSink& sink);

}  // namespace wf::yaml
