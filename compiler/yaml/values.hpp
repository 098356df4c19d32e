// Internal to lower(): scalars and lists of the YAML notation as pieces of the text notation.
#pragma once

#include <string>
#include <string_view>

#include "compiler/yaml/output.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::yaml {

/// Writes values and reports those that are not what their place needs; then something is written all the
/// same.
class Values {
 public:
  Values(text::FileId file, Output& out, text::DiagnosticSink& sink) : file_(file), out_(out), sink_(sink) {}

  /// A piece of the text notation: nothing in it may end it. `statement`: it may hold blocks.
  void code(const Node& node, bool statement = false);
  void text(const Node& node);
  /// A text when it is quoted, else code; a sequence is a list in parentheses, a mapping pairs in them.
  void loose(const Node& node);
  /// `( a, b )` from a sequence; a scalar is code.
  void list(const Node& node);
  /// `a, b` from a sequence; a scalar is code.
  void commas(const Node& node, bool texts = false);
  /// A key with blanks for `_`.
  void words(const Node& key);
  /// A key as it is.
  void name(const Node& key) { out_.copy(key.value, key.inner); }

  text::Diagnostic& report(const Node& node, std::string message);
  /// An unknown key, with the ones that there are.
  void unknown_key(const Node& key, const std::string& of, const std::vector<std::string>& known);

 private:
  void check_code(const Node& node, bool statement);
  template <class Item>
  void separated(const Node& node, Item item);

  text::FileId file_;
  Output& out_;
  text::DiagnosticSink& sink_;
};

}  // namespace wf::yaml
