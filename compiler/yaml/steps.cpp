#include "compiler/yaml/steps.hpp"

#include <algorithm>

namespace wf::yaml {
namespace {

bool is_true(const Node& node) {
  return node.is_scalar() && node.value == "true";
}

bool is_tail(const std::string& key) {
  return has_key(action_tail(), key);
}

}  // namespace

void Steps::block(const Node& node) {
  out_.put_here("{");
  out_.end_line();
  list(node);
  out_.put("}", std::max(node.end, node.begin));
}

void Steps::list(const Node& node) {
  if (node.kind == Node::Kind::null) return;
  each_line(node, "a list of steps is needed here", &Steps::step);
}

void Steps::each_line(const Node& node, const char* what, void (Steps::*use)(const Node&)) {
  if (!node.is_sequence()) {
    values_.report(node, what);
    return;
  }
  for (const Node& item : node.items) {
    out_.keep_blank_line(item.begin);
    out_.comments_before(item.begin);
    (this->*use)(item);
    out_.end_line();
  }
}

void Steps::step(const Node& node) {
  if (!node.is_mapping()) return values_.code(node, true);
  for (const Form& candidate : step_forms()) {
    if (node.find(candidate.head) != nullptr) return form(candidate, node, "`" + candidate.head + "`");
  }
  action(node);
}

// ---- actions ----

void Steps::action(const Node& mapping) {
  const auto begins = [&](const Node::Entry& entry) { return actions_.is_head(entry.key.value); };
  auto head = std::find_if(mapping.entries.begin(), mapping.entries.end(), begins);
  if (head == mapping.entries.end()) head = mapping.entries.begin();
  if (head == mapping.entries.end()) {
    values_.report(mapping, "a step is needed here");
    return;
  }
  action_value(head->key.value, *head);
  for (auto entry = mapping.entries.begin(); entry != mapping.entries.end(); ++entry) {
    if (entry != head && !is_tail(entry->key.value)) action_value(head->key.value, *entry);
  }
  const bool has_tail = std::any_of(mapping.entries.begin(), mapping.entries.end(),
                                    [](const Node::Entry& entry) { return is_tail(entry.key.value); });
  if (has_tail) parts(action_tail().parts, mapping);
}

void Steps::action_value(const std::string& head, const Node::Entry& entry) {
  const std::string& key = entry.key.value;
  Actions::Slot slot = actions_.slot(head, key);
  const Node& value = entry.value;
  if (value.is_mapping() && slot != Actions::Slot::fields && slot != Actions::Slot::unknown) {
    values_.report(value, "one value is needed here");
    return;
  }
  // `with: { subject: … }` is `with subject …`.
  const bool nested =
      value.is_mapping() && std::all_of(value.entries.begin(), value.entries.end(), [&](const auto& e) {
        return actions_.slot(head, key + "_" + e.key.value) != Actions::Slot::unknown;
      });
  if (nested) {
    for (const Node::Entry& inner : value.entries) {
      values_.words(entry.key);
      out_.put(" ", inner.key.begin);
      values_.words(inner.key);
      out_.put(" ", inner.value.begin);
      actions_.slot(head, key + "_" + inner.key.value) == Actions::Slot::text ? values_.text(inner.value)
                                                                              : values_.code(inner.value);
      out_.put(" ", inner.value.end);
    }
    return;
  }
  values_.words(entry.key);
  out_.put(" ", value.begin);
  if (slot == Actions::Slot::text)
    values_.text(value);
  else if (slot == Actions::Slot::code && value.is_scalar())
    values_.code(value);
  else
    values_.loose(value);
  out_.put(" ", value.end);
}

// ---- forms ----

void Steps::form(const Form& form, const Node& mapping, const std::string& what,
                 const std::vector<std::string>& others) {
  const std::vector<std::string> known = keys_of(form);
  for (const Node::Entry& entry : mapping.entries) {
    const auto is = [&](const std::vector<std::string>& keys) {
      return std::find(keys.begin(), keys.end(), entry.key.value) != keys.end();
    };
    if (!is(known) && !is(others)) values_.unknown_key(entry.key, what, known);
  }
  parts(form.parts, mapping);
}

bool Steps::wanted(const Parts& parts, const Node& mapping) const {
  return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
    if (!part.group.empty()) return wanted(part.group, mapping);
    if (part.key.empty()) return false;
    const Node::Entry* entry = mapping.find(part.key);
    return entry != nullptr && (part.shape != Shape::flag || is_true(entry->value));
  });
}

void Steps::parts(const Parts& parts, const Node& mapping) {
  std::string words;
  for (const Part& p : parts) part(p, mapping, words);
  if (words.ends_with(' ')) words.pop_back();
  flush(words, mapping.end);
}

void Steps::flush(std::string& words, std::uint32_t place) {
  const std::size_t blanks = words.starts_with(' ') ? 1 : 0;
  if (blanks > 0) out_.put_here(" ");
  if (words.size() > blanks) out_.put(words.substr(blanks), place);
  words.clear();
}

void Steps::part(const Part& p, const Node& mapping, std::string& words) {
  if (!p.word.empty()) {
    if (p.word == "," && words.ends_with(' ')) words.pop_back();
    // What follows the brace has a line of its own, so that it may end in a comment.
    words += p.word == "{" ? "{\n" : p.word + " ";
    return;
  }
  if (!p.group.empty()) {
    if (!wanted(p.group, mapping)) return;
    for (const Part& inner : p.group) part(inner, mapping, words);
    return;
  }
  const Node::Entry* entry = mapping.find(p.key);
  const bool list = p.shape == Shape::chain || p.shape == Shape::variants;
  if (entry == nullptr && list) return;
  if (entry == nullptr) {
    flush(words, mapping.begin);
    words = " ";
    Node at = mapping;
    at.end = at.begin + 1;
    values_.report(at, "`" + p.key + "` is missing here");
    out_.put("missing", mapping.begin);
    return;
  }
  flush(words, entry->key.begin);
  value(p, *entry);
  words = " ";
}

void Steps::value(const Part& p, const Node::Entry& entry) {
  switch (p.shape) {
    case Shape::flag:
      return values_.words(entry.key);
    case Shape::text:
      return values_.text(entry.value);
    case Shape::code:
    case Shape::word:
      return values_.code(entry.value);
    case Shape::steps:
      return block(entry.value);
    case Shape::chain:
      return chain(entry.value);
    case Shape::arms:
      return arms(entry.value);
    case Shape::variants:
      return variants(entry.value);
    case Shape::items:
      return items(entry.value);
    case Shape::points: {
      const bool plain = entry.value.is_scalar() && !entry.value.value.empty();
      if (plain && entry.value.value[0] >= '0' && entry.value.value[0] <= '9')
        out_.put("+", entry.value.begin);
      return values_.code(entry.value);
    }
    case Shape::failure:
      if (entry.value.is_scalar()) return values_.code(entry.value, true);
      return form(failure_form(), entry.value, "`on_failure`");
  }
}

void Steps::link(const Node& node) {
  form(chain_form(), node, "`else_if`");
}

void Steps::chain(const Node& node) {
  if (!node.is_sequence()) {
    values_.report(node, "a list of conditions with `then` is needed here");
    return;
  }
  for (const Node& item : node.items) {
    if (&item != &node.items.front()) out_.put_here(" ");
    link(item);
  }
}

void Steps::arms(const Node& node) {
  if (!node.is_mapping()) {
    values_.report(node, "the values with their steps are needed here");
    return;
  }
  for (const Node::Entry& entry : node.entries) {
    out_.keep_blank_line(entry.key.begin);
    out_.comments_before(entry.key.begin);
    values_.code(entry.key);
    out_.put(" ", entry.key.end);
    block(entry.value);
    out_.end_line();
  }
}

void Steps::variant(const Node& node) {
  for (const Form& candidate : variant_forms()) {
    if (node.find(candidate.head) != nullptr) return form(candidate, node, "a variant");
  }
  values_.report(node, "`variant` or `holdout` is needed here");
}

void Steps::variants(const Node& node) {
  each_line(node, "a list of variants is needed here", &Steps::variant);
}

void Steps::items(const Node& node) {
  if (!node.is_sequence()) {
    values_.report(node, "a list is needed here");
    return;
  }
  for (const Node& item : node.items) {
    out_.comments_before(item.begin);
    values_.code(item, true);
    out_.end_line();
  }
}

}  // namespace wf::yaml
