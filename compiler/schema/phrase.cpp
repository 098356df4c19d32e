#include "compiler/schema/phrase.hpp"

#include <algorithm>
#include <cctype>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"

namespace wf::schema {
namespace {

constexpr AtomShapes kWord = 1, kPath = 2, kText = 4, kNumber = 8, kDuration = 16, kList = 32, kOther = 64,
                     kDate = 128;

AtomShapes reference_shape(bytecode::ResourceKind kind) {
  return AtomShapes{256} << static_cast<unsigned>(kind);
}

AtomShapes shape_of(const ast::Literal& literal) {
  if (std::holds_alternative<ast::Text>(literal.value)) return kText;
  if (std::holds_alternative<ast::Number>(literal.value)) return kNumber;
  if (std::holds_alternative<ast::Duration>(literal.value)) return kDuration;
  if (std::holds_alternative<ast::Date>(literal.value)) return kDate;
  if (std::holds_alternative<ast::LocalDateTime>(literal.value)) return kDate;
  return kOther;
}

AtomShapes shape_of(const ast::Atom& atom) {
  // Reserved words stand only for themselves.
  if (const std::string* word = word_of(atom)) return *word == "for" || *word == "in" ? 0 : kWord;
  if (auto reference = reference_of(atom)) return reference_shape(reference->kind);
  if (path_of(atom)) return kPath;
  if (const auto* literal = std::get_if<ast::Literal>(&atom.value)) return shape_of(*literal);
  if (std::holds_alternative<ast::AtomList>(atom.value)) return kList;
  return kOther;
}

AtomShapes shapes_of(const SlotType& type) {
  switch (type.kind) {
    case SlotKind::text:
      return kText | kWord | kPath;
    case SlotKind::number:
      return kNumber | kWord | kPath;
    case SlotKind::duration:
      return kDuration | kWord | kPath;
    case SlotKind::property:
    case SlotKind::record:
      return kWord | kPath;
    case SlotKind::name:
      return kWord;
    case SlotKind::fields:
      return kList;
    case SlotKind::date:
      return kDate;
    case SlotKind::resource:
      break;
  }
  // Only people and teams are also values of properties.
  const bool owner =
      type.resource == bytecode::ResourceKind::user || type.resource == bytecode::ResourceKind::team;
  return reference_shape(type.resource) | (owner ? kWord | kPath : 0);
}

std::optional<SlotType> slot_type(std::string_view word, const std::vector<std::string>& objects) {
  static constexpr std::pair<std::string_view, SlotKind> kKinds[] = {
      {"text", SlotKind::text},         {"number", SlotKind::number}, {"duration", SlotKind::duration},
      {"property", SlotKind::property}, {"name", SlotKind::name},     {"fields", SlotKind::fields},
      {"record", SlotKind::record},     {"date", SlotKind::date},
  };
  for (const auto& [name, kind] : kKinds) {
    if (name == word) return SlotType{kind, bytecode::ResourceKind::email, std::string(word)};
  }
  if (auto kind = bytecode::resource_kind(word))
    return SlotType{SlotKind::resource, *kind, std::string(word)};
  if (std::find(objects.begin(), objects.end(), word) != objects.end()) {
    return SlotType{SlotKind::record, bytecode::ResourceKind::email, std::string(word)};
  }
  return std::nullopt;
}

/// A phrase as written: fixed parts and runs of adjacent optional groups.
struct Run {
  Form fixed;  ///< empty when `groups` is not
  std::vector<Form> groups;
};

class Reader {
 public:
  Reader(std::string_view text, const std::vector<std::string>& objects) : text_(text), objects_(objects) {}

  std::variant<Phrase, PhraseError> read() {
    phrase_.text = std::string(text_);
    while (error_.message.empty() && skip_blanks()) {
      if (text_[at_] == '[') {
        read_group();
      } else {
        read_element(fixed_run());
      }
    }
    if (error_.message.empty()) check_whole();
    if (!error_.message.empty()) return error_;
    for (const Run& run : runs_) expand(run);
    return std::move(phrase_);
  }

 private:
  bool skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size();
  }

  void fail(std::string message) {
    if (error_.message.empty()) error_ = {at_, std::move(message)};
  }

  Form& fixed_run() {
    if (runs_.empty() || !runs_.back().groups.empty()) runs_.emplace_back();
    return runs_.back().fixed;
  }

  void read_group() {
    ++at_;
    Form group;
    while (error_.message.empty() && skip_blanks() && text_[at_] != ']') {
      if (text_[at_] == '[') return fail("optional groups cannot be nested");
      read_element(group);
    }
    if (!error_.message.empty()) return;
    if (at_ >= text_.size()) return fail("`[` is never closed");
    ++at_;
    if (group.empty()) return fail("an optional group is empty");
    if (runs_.empty() || runs_.back().groups.empty()) runs_.emplace_back();
    runs_.back().groups.push_back(std::move(group));
    if (++groups_ > kMaxGroups) fail("more than " + std::to_string(kMaxGroups) + " optional groups");
  }

  void read_element(Form& into) {
    if (text_[at_] == '{') {
      read_slot(into);
      return;
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ' ' && !is_bracket(text_[at_])) ++at_;
    if (at_ == begin) return fail(std::string("`") + text_[at_] + "` has no partner");
    into.push_back({std::string(text_.substr(begin, at_ - begin)), bytecode::kNone});
  }

  void read_slot(Form& into) {
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) return fail("`{` is never closed");
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    const std::size_t colon = inside.find(':');
    if (colon == std::string_view::npos) return fail("a slot is written `{name: type}`");
    Slot slot;
    slot.name = trimmed(inside.substr(0, colon));
    for (const Slot& other : phrase_.slots) {
      if (other.name == slot.name) return fail("the slot `" + slot.name + "` occurs twice");
    }
    read_types(slot, inside.substr(colon + 1));
    if (!error_.message.empty()) return;
    at_ = end + 1;
    into.push_back({"", static_cast<std::uint32_t>(phrase_.slots.size())});
    phrase_.slots.push_back(std::move(slot));
  }

  void read_types(Slot& slot, std::string_view list) {
    for (bool more = true; more;) {
      const std::size_t next = list.find(" or ");
      more = next != std::string_view::npos;
      const std::string word = trimmed(list.substr(0, next));
      const auto type = slot_type(word, objects_);
      if (!type) return fail("`" + word + "` is not a type of slots");
      slot.shapes |= shapes_of(*type);
      slot.types.push_back(*type);
      if (more) list.remove_prefix(next + 4);
    }
  }

  void check_whole() {
    if (runs_.empty() || runs_[0].fixed.empty() || runs_[0].fixed[0].word.empty()) {
      at_ = 0;
      fail("a phrase starts with a word");
    }
  }

  void expand(const Run& run) {
    if (run.groups.empty()) {
      if (phrase_.forms.empty()) phrase_.forms.emplace_back();
      for (Form& form : phrase_.forms) form.insert(form.end(), run.fixed.begin(), run.fixed.end());
      return;
    }
    std::vector<Form> tails{{}};
    std::vector<bool> used(run.groups.size());
    arrange(run.groups, used, {}, tails);
    std::vector<Form> forms;
    for (const Form& head : phrase_.forms) {
      for (const Form& tail : tails) {
        forms.push_back(head);
        forms.back().insert(forms.back().end(), tail.begin(), tail.end());
      }
    }
    phrase_.forms = std::move(forms);
  }

  static void arrange(const std::vector<Form>& groups, std::vector<bool>& used, const Form& head,
                      std::vector<Form>& out) {
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (used[i]) continue;
      used[i] = true;
      Form next = head;
      next.insert(next.end(), groups[i].begin(), groups[i].end());
      out.push_back(next);
      arrange(groups, used, next, out);
      used[i] = false;
    }
  }

  static bool is_bracket(char c) { return c == '[' || c == ']' || c == '{' || c == '}'; }

  static std::string trimmed(std::string_view s) {
    while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
    while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
    return std::string(s);
  }

  std::string_view text_;
  const std::vector<std::string>& objects_;
  std::size_t at_ = 0;
  std::size_t groups_ = 0;
  Phrase phrase_;
  std::vector<Run> runs_;
  PhraseError error_;
};

}  // namespace

std::variant<Phrase, PhraseError> parse_phrase(std::string_view text,
                                               const std::vector<std::string>& objects) {
  return Reader(text, objects).read();
}

namespace {

/// Can the slot hold a value that is only known later, as in `owner else team.sales`?
bool takes_values(const Slot& slot) {
  return std::all_of(slot.types.begin(), slot.types.end(), [](const SlotType& type) {
    const bool person =
        type.resource == bytecode::ResourceKind::user || type.resource == bytecode::ResourceKind::team;
    return type.kind <= SlotKind::duration || (type.kind == SlotKind::resource && person);
  });
}

}  // namespace

bool accepts(const Slot& slot, const ast::Atom& atom) {
  if (const auto* either = std::get_if<ast::ElseAtom>(&atom.value)) {
    return takes_values(slot) && either->first && either->second && accepts(slot, *either->first) &&
           accepts(slot, *either->second);
  }
  return (slot.shapes & shape_of(atom)) != 0;
}

bool starts(const Phrase& phrase, const std::vector<ast::Atom>& atoms) {
  const std::string* first = atoms.empty() ? nullptr : word_of(atoms[0]);
  return first && *first == phrase.forms[0][0].word;
}

Fit fit(const Phrase& phrase, const Form& form, const std::vector<ast::Atom>& atoms) {
  Fit result;
  result.slots.resize(phrase.slots.size());
  for (const Element& element : form) {
    if (result.matched == atoms.size()) return result;
    const ast::Atom& atom = atoms[result.matched];
    if (element.slot == bytecode::kNone) {
      const std::string* word = word_of(atom);
      if (!word || *word != element.word) return result;
    } else {
      if (!accepts(phrase.slots[element.slot], atom)) return result;
      result.slots[element.slot] = &atom;
    }
    ++result.matched;
  }
  result.complete = result.matched == atoms.size();
  return result;
}

bool beats(const Form& a, const Form& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const bool literal_a = a[i].slot == bytecode::kNone, literal_b = b[i].slot == bytecode::kNone;
    if (literal_a != literal_b) return literal_a;
  }
  return false;
}

bool ambiguous(const Phrase& pa, const Form& a, const Phrase& pb, const Form& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool literal_a = a[i].slot == bytecode::kNone, literal_b = b[i].slot == bytecode::kNone;
    if (literal_a != literal_b) return false;
    if (literal_a && a[i].word != b[i].word) return false;
    if (!literal_a && (pa.slots[a[i].slot].shapes & pb.slots[b[i].slot].shapes) == 0) return false;
  }
  return true;
}

}  // namespace wf::schema
