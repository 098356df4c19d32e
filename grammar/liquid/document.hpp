// Liquid templates: parsed once, rendered often.
//
// All of Liquid but what only a web shop has. Templates are data of files, never of records, and are not
// trusted all the same: one that nests, loops, calls itself or grows too far is refused with a Problem. A
// Document may be used by several threads at once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/liquid/datum.hpp"

namespace wf::liquid {

namespace ast {
struct Block;
}

/// Why a template cannot be parsed or rendered, and where.
struct Problem {
  std::string message;                 ///< lower case, stands alone, names in backticks
  std::string hint;                    ///< "did you mean `x`?", or empty
  std::string partial;                 ///< the name of the partial that it is in; empty: the template itself
  std::uint32_t begin = 0, end = 0;    ///< bytes of its text
  std::uint32_t line = 1, column = 1;  ///< of `begin`, counted from 1; columns in characters
};

struct ParseOptions {
  bool strict_filters = false;  ///< an unknown filter is a problem; else it gives its input
  bool allow_raw = false;       ///< the filter `raw`, which shows HTML as it is
};

class Document;
struct Parsed {
  std::shared_ptr<const Document> document;  ///< null with a problem
  std::optional<Problem> problem;
};

class Document {
 public:
  /// Copies the text. A text has up to 1 MiB and 100,000 tags and outputs, which nest up to 100 deep.
  static Parsed parse(std::string_view text, const ParseOptions& options = {});
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  std::string_view text() const { return text_; }
  /// How many lookups it has; each has a number below.
  std::uint32_t lookups() const { return lookups_; }
  const ast::Block& body() const { return *body_; }
  /// A problem at a place of the text.
  Problem problem(std::string message, std::string_view where) const;

 private:
  explicit Document(std::string_view text);
  std::string text_;
  std::vector<std::unique_ptr<std::string>> names_;  // in NFC, where the text has another form
  std::unique_ptr<ast::Block> body_;
  std::uint32_t lookups_ = 0;
};

/// Parses each partial once. One thread.
class Partials {
 public:
  /// The text of the partial of a name; nothing without one. The name is as the template gives it: not
  /// checked.
  using Loader = std::function<std::optional<std::string>(std::string_view name)>;
  explicit Partials(Loader loader, ParseOptions options = {})
      : loader_(std::move(loader)), options_(options) {}
  /// Null when there is none of the name.
  const Parsed* find(std::string_view name);

 private:
  Loader loader_;
  ParseOptions options_;
  std::map<std::string, Parsed, std::less<>> parsed_;
};

struct Limits {
  std::size_t output = 10'000'000;       ///< bytes, with what is captured
  std::size_t memory = 64'000'000;       ///< bytes of the values that are made on the way
  std::uint64_t iterations = 1'000'000;  ///< of all loops together, and partials
  std::uint64_t work = 20'000'000;       ///< tags, values and elements
  std::uint32_t partial_depth = 50;
  std::uint32_t depth = 300;  ///< of blocks and partials in each other
};

/// What outputs are made safe for.
enum class Escaping : std::uint8_t {
  none,
  html,    ///< text or a quoted attribute; what `escape` and the like made is left alone
  header,  ///< one line: a space for line breaks, no NUL
  json,    ///< inside a text in quotes; numbers and truth values also outside
};

struct RenderOptions {
  bool strict_variables = false;  ///< a name that is unknown is a problem, except under `default`
  Escaping escaping = Escaping::none;
  std::optional<std::int64_t> now;  ///< seconds since 1970; without it the clock
  Limits limits;
};

/// A path with dots, by its names: {"contact", "firstname"}.
using Path = std::vector<std::string>;

/// Which lookups of a document read which of the values that a caller has at hand.
class SlotBinding {
 public:
  struct Slot {
    std::int32_t slot = -1;   ///< -1: none
    std::uint32_t names = 0;  ///< how many names of the lookup the slot stands for
    bool is_hidden = false;   ///< a variable of the template may have the name
  };
  SlotBinding() = default;
  /// Slot n has the value of `paths[n]`; a lookup reads the slot of the longest path that it starts with.
  /// A partial may be given variables of any name.
  SlotBinding(const Document& document, std::span<const Path> paths, bool is_partial = false);
  const Slot& of(std::uint32_t lookup) const { return slots_[lookup]; }
  bool is_of(const Document& document) const { return document_ == &document; }

 private:
  const Document* document_ = nullptr;
  std::vector<Slot> slots_;
};

/// Where a template's outside values come from; all must outlive the rendering.
struct Environment {
  const Object* data = nullptr;                ///< by name
  std::span<const SlotBinding> bindings = {};  ///< by slot, which is looked at first; one for each document
  std::span<const Datum> slots = {};
};

struct Rendered {
  std::string text;  ///< also with a problem: what came before it
  std::optional<Problem> problem;
};

/// Without `partials` there are none.
Rendered render(const Document& document, const Environment& environment, Partials* partials = nullptr,
                const RenderOptions& options = {});

}  // namespace wf::liquid
