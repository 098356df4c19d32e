#include "compiler/yaml/forms.hpp"

#include <algorithm>
#include <sstream>

#include "grammar/text/result.hpp"

namespace wf::yaml {
namespace {

using format::Kind;
using format::Token;

Shape shape_of(std::string_view name) {
  constexpr std::string_view kNames[] = {"code", "word",     "text",  "flag",   "steps",  "chain",
                                         "arms", "variants", "items", "points", "failure"};
  const auto found = std::find(std::begin(kNames), std::end(kNames), name);
  WF_ASSERT(found != std::end(kNames));
  return static_cast<Shape>(found - std::begin(kNames));
}

Part part_of(const std::string& word) {
  Part part;
  if (word[0] != '$') {
    part.word = word;
    return part;
  }
  const std::size_t colon = word.find(':');
  part.key = word.substr(1, colon == word.npos ? colon : colon - 1);
  if (colon != word.npos) part.shape = shape_of(std::string_view(word).substr(colon + 1));
  return part;
}

Parts parts_of(std::istringstream& in) {
  Parts parts;
  for (std::string word; in >> word && word != "]";) {
    if (word == "[")
      parts.emplace_back().group = parts_of(in);
    else
      parts.push_back(part_of(word));
  }
  return parts;
}

const Part* first_key(const Parts& parts) {
  for (const Part& part : parts) {
    if (!part.key.empty()) return &part;
    if (const Part* inside = first_key(part.group)) return inside;
  }
  return nullptr;
}

Form form_of(const char* text) {
  std::istringstream in(text);
  Form form;
  form.parts = parts_of(in);
  if (const Part* first = first_key(form.parts)) form.head = first->key;
  return form;
}

std::vector<Form> forms_of(std::initializer_list<const char*> texts) {
  std::vector<Form> forms;
  for (const char* text : texts) forms.push_back(form_of(text));
  return forms;
}

void collect_keys(const Parts& parts, std::vector<std::string>& keys) {
  for (const Part& part : parts) {
    if (!part.key.empty()) keys.push_back(part.key);
    collect_keys(part.group, keys);
  }
}

/// Tries parts from `part` on with tokens from `at` on: the shortest values first, groups rather than none.
class Matcher {
 public:
  Matcher(const std::vector<Token>& tokens, std::uint32_t last) : tokens_(tokens), last_(last) {}

  bool run(const Parts& parts, std::uint32_t first) { return match({{&parts, 0}}, first); }
  std::vector<Capture> captures;

 private:
  /// Attempts of one statement; what needs more is shown as it is written.
  static constexpr int kMostAttempts = 20'000;

  struct Place {
    const Parts* parts;
    std::size_t index;
  };
  using Rest = std::vector<Place>;

  bool match(Rest rest, std::uint32_t at) {
    if (++attempts_ > kMostAttempts) return false;
    while (!rest.empty() && rest.back().index == rest.back().parts->size()) rest.pop_back();
    if (rest.empty()) return at == last_;
    const Part& part = (*rest.back().parts)[rest.back().index++];
    if (!part.group.empty()) {
      Rest inside = rest;
      inside.push_back({&part.group, 0});
      return match(std::move(inside), at) || match(std::move(rest), at);
    }
    if (!part.word.empty()) return at < last_ && tokens_[at].is(part.word) && match(std::move(rest), at + 1);
    return capture(part, std::move(rest), at);
  }

  bool capture(const Part& part, Rest rest, std::uint32_t at) {
    std::vector<std::uint32_t> ends;
    for (std::uint32_t end = shortest(part, at); end <= last_ && end > at; end = longer(part, end))
      ends.push_back(end);
    // A block behind `then` is no block of answers, even when it is empty.
    if (part.shape == Shape::failure) std::reverse(ends.begin(), ends.end());
    for (const std::uint32_t end : ends) {
      const std::size_t size = captures.size();
      captures.push_back({&part, at, end});
      if (match(rest, end)) return true;
      captures.resize(size);
    }
    // Lists may be empty.
    const bool may_lack = part.shape == Shape::chain || part.shape == Shape::arms ||
                          part.shape == Shape::variants || part.shape == Shape::items;
    return may_lack && match(std::move(rest), at);
  }

  /// Behind the first token, or behind the brackets that it opens; 0: it cannot begin here.
  std::uint32_t shortest(const Part& part, std::uint32_t at) const {
    if (at >= last_) return 0;
    const Token& token = tokens_[at];
    const bool block = token.kind == Kind::open && token.is("{");
    switch (part.shape) {
      case Shape::steps:
        return block ? token.partner + 1 : 0;
      case Shape::text:
        return token.kind == Kind::text ? at + 1 : 0;
      case Shape::flag:
        return token.is(part.key) ? at + 1 : 0;
      case Shape::chain:
        return token.is("else") && at + 1 < last_ && tokens_[at + 1].is("if") ? at + 2 : 0;
      case Shape::word:
        return token.kind == Kind::open || token.kind == Kind::close ? 0 : at + 1;
      default:
        return behind(at);
    }
  }
  std::uint32_t longer(const Part& part, std::uint32_t end) const {
    const bool fixed = part.shape == Shape::steps || part.shape == Shape::text || part.shape == Shape::flag ||
                       part.shape == Shape::word;
    return fixed || end >= last_ ? last_ + 1 : behind(end);
  }
  std::uint32_t behind(std::uint32_t at) const {
    const Token& token = tokens_[at];
    if (token.kind == Kind::close) return 0;
    return (token.kind == Kind::open ? std::max(token.partner, at) : at) + 1;
  }

  const std::vector<Token>& tokens_;
  const std::uint32_t last_;
  int attempts_ = 0;
};

/// The word before a slot joined by `_`; words behind the last slot belong to its value.
std::string joined(const std::vector<std::string>& words) {
  std::string key;
  for (const std::string& word : words) key += (key.empty() ? "" : "_") + word;
  return key;
}

Actions::Slot slot_of(const schema::Slot& slot) {
  const auto is = [&](schema::SlotKind kind) {
    return std::all_of(slot.types.begin(), slot.types.end(), [&](const auto& t) { return t.kind == kind; });
  };
  if (is(schema::SlotKind::text)) return Actions::Slot::text;
  if (is(schema::SlotKind::fields)) return Actions::Slot::fields;
  return Actions::Slot::code;
}

}  // namespace

const std::vector<Form>& step_forms() {
  static const std::vector<Form> forms = forms_of({
      "wait until $wait_until [ , at most $at_most ] [ , if past $if_past ] [ , if unknown $if_unknown ] "
      "[ , $frozen:flag ] [ { [ happened $happened:steps ] [ timed_out $timed_out:steps ] } ]",
      "wait $wait",
      "at $at [ , if past $if_past ] [ , if unknown $if_unknown ] [ , $frozen:flag ] $do:steps",
      "if $if $then:steps $else_if:chain [ else $else:steps ]",
      "match $match { $cases:arms }",
      "set $set to $to",
      "let $let = $be",
      "for each $for_each as $as [ where $where ] [ , at most $at_most ] $do:steps",
      "experiment $experiment split by $split_by { $variants:variants [ rest winner by $winner ] }",
  });
  return forms;
}

const Form& action_tail() {
  static const Form form = form_of(
      "[ on failure $on_failure:failure ] [ { [ answered $answered:steps ] [ failed $failed:steps ] [ "
      "timed_out "
      "$timed_out:steps ] } ]");
  return form;
}

const Form& failure_form() {
  static const Form form = form_of("[ retry $retry times [ over $over ] ] [ then $then:steps ]");
  return form;
}

const std::vector<Form>& enrol_forms() {
  static const std::vector<Form> forms = forms_of({
      "enroll when any { $any:items }",
      "enroll when all { $all:items }",
      "enroll when $when [ , if $if ] [ , reenroll $reenroll ]",
      "enroll at $at [ , if past $if_past ] [ , if $if ] [ , reenroll $reenroll ]",
      "enroll $every [ , if $if ] [ , reenroll $reenroll ]",
  });
  return forms;
}

const Form& window_form() {
  static const Form form = form_of("window [ $days ] $hours [ in $in ] [ else $else:text ]");
  return form;
}

const Form& runs_form() {
  static const Form form = form_of("runs from $from to $to");
  return form;
}

const Form& story_form() {
  static const Form form = form_of("story $story [ starts $starts ] $steps:steps");
  return form;
}

const Form& band_form() {
  static const Form form = form_of("$points:points when $when");
  return form;
}

const std::vector<Form>& variant_forms() {
  static const std::vector<Form> forms =
      forms_of({"variant $variant:word $share:word $do:steps", "holdout $holdout:word [ $do:steps ]"});
  return forms;
}

const Form& chain_form() {
  static const Form form = form_of("else if $if $then:steps");
  return form;
}

std::vector<std::string> keys_of(const Form& form) {
  std::vector<std::string> keys;
  collect_keys(form.parts, keys);
  return keys;
}

bool has_key(const Form& form, std::string_view key) {
  const auto keys = keys_of(form);
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::optional<std::vector<Capture>> match(const Parts& parts, const std::vector<Token>& tokens,
                                          std::uint32_t first, std::uint32_t last) {
  Matcher matcher(tokens, last);
  if (!matcher.run(parts, first)) return std::nullopt;
  return std::move(matcher.captures);
}

Actions::Actions(std::vector<schema::Phrase> phrases) {
  for (const schema::Phrase& phrase : phrases) {
    for (const schema::Form& written : phrase.forms) {
      Form form;
      std::vector<std::string> words;
      for (const schema::Element& element : written) {
        Part part;
        if (element.slot == bytecode::kNone) {
          words.push_back(element.word);
          part.word = element.word;
        } else {
          part.key = joined(words);
          words.clear();
          const Slot slot = slot_of(phrase.slots[element.slot]);
          if (slot == Slot::text) part.shape = Shape::text;
          if (form.head.empty()) form.head = part.key;
          const auto [known, added] = slots_.emplace(std::make_pair(form.head, part.key), slot);
          if (!added && known->second != slot) known->second = Slot::code;
        }
        form.parts.push_back(std::move(part));
      }
      if (!form.head.empty()) forms_.push_back(std::move(form));
    }
  }
  // More words first: they say more.
  const auto words = [](const Form& form) {
    return std::count_if(form.parts.begin(), form.parts.end(), [](const Part& p) { return !p.word.empty(); });
  };
  std::stable_sort(forms_.begin(), forms_.end(),
                   [&](const Form& a, const Form& b) { return words(a) > words(b); });
}

Actions::Slot Actions::slot(const std::string& head, const std::string& key) const {
  const auto found = slots_.find({head, key});
  return found == slots_.end() ? Slot::unknown : found->second;
}

bool Actions::is_head(const std::string& key) const {
  const auto found = slots_.lower_bound({key, ""});
  return found != slots_.end() && found->first.first == key;
}

}  // namespace wf::yaml
