// How statements of the text notation are taken apart into keys of the YAML notation, and put together again:
// one table for both ways.
//
// "wait until $wait_until [ , at most $at_most ]" is words, keys and optional groups. A key stands for what
// has its place in the statement; `:type` says how its value looks in YAML.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/schema/phrase.hpp"
#include "grammar/format/tokens.hpp"

namespace wf::yaml {

enum class Shape : std::uint8_t {
  code,      ///< a piece of the text notation
  word,      ///< one token of it
  text,      ///< what the text notation has in quotes
  flag,      ///< `true`, or absent
  steps,     ///< a sequence of steps; `{ … }` in text
  chain,     ///< a sequence of { if, then }; `else if …` in text
  arms,      ///< a mapping of values to steps
  variants,  ///< a sequence of variants of an experiment
  items,     ///< a sequence of pieces, one a line in text
  points,    ///< a number with a sign in text
  failure,   ///< a mapping of the form `failure`
};

struct Part;
using Parts = std::vector<Part>;
struct Part {
  std::string word;  ///< a word or sign, or …
  std::string key;   ///< … a key, or …
  Shape shape = Shape::code;
  Parts group;  ///< … optional parts
};

struct Form {
  std::string head;  ///< its first key
  Parts parts;
};

/// The forms of steps but actions, in the order in which they are tried.
const std::vector<Form>& step_forms();
/// What may follow an action: `on failure …`, and the outcomes of a call.
const Form& action_tail();
const Form& failure_form();
const std::vector<Form>& enrol_forms();
const Form& window_form();
const Form& runs_form();
const Form& story_form();
const Form& band_form();
const std::vector<Form>& variant_forms();
/// The link of a chain: `else if $if $then:steps`.
const Form& chain_form();

bool has_key(const Form& form, std::string_view key);
std::vector<std::string> keys_of(const Form& form);

/// What a statement has for each key: tokens [first, last).
struct Capture {
  const Part* part = nullptr;
  std::uint32_t first = 0, last = 0;
};
/// Matches all tokens [first, last); nothing when they do not fit the form.
std::optional<std::vector<Capture>> match(const Parts& parts, const std::vector<format::Token>& tokens,
                                          std::uint32_t first, std::uint32_t last);

/// The phrases of the standard actions, by the words before their slots.
class Actions {
 public:
  explicit Actions(std::vector<schema::Phrase> phrases);

  /// The words of the slot behind `key` of the action that begins with the key `head` (both with `_` between
  /// words; the head's own slot: `key` = `head`).
  enum class Slot : std::uint8_t { unknown, code, text, fields };
  Slot slot(const std::string& head, const std::string& key) const;
  bool is_head(const std::string& key) const;
  /// Each way to say each action as parts.
  const std::vector<Form>& forms() const { return forms_; }

 private:
  std::map<std::pair<std::string, std::string>, Slot> slots_;
  std::vector<Form> forms_;
};

}  // namespace wf::yaml
