// Events and actions: their parameters and phrases.
#include "compiler/schema/atoms.hpp"
#include "compiler/schema/builder.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/schema/types.hpp"

namespace wf::schema {

void Builder::declare_events() {
  const std::size_t errors = sink_.errors();
  each<ast::EventDecl>([&](const ast::EventDecl& decl, const ast::Decl&) { declare_event(decl); });
  schema_.events_incomplete = sink_.errors() > errors;
  check_event_phrases();
}

void Builder::declare_event(const ast::EventDecl& decl) {
  const std::uint32_t first = schema_.catalogue.find_event(decl.name.text);
  if (first != kNone) {
    report_duplicate(sink_, decl.name.span, schema_.events[first].name, "event", decl.name.text);
    return;
  }
  if (!decl.on) {
    auto& d = sink_.report(text::Code::missing_field, decl.name.span,
                           "the event `" + decl.name.text + "` does not say whose it is");
    d.helps.push_back("write `event " + decl.name.text + " on contact { … }`");
    return;
  }
  bytecode::EventType event;
  event.name = decl.name.text;
  event.object = object_named(*decl.on);
  if (event.object == kNone) return;
  for (const ast::Parameter& parameter : decl.parameters) {
    for (const bytecode::EventParameter& other : event.parameters) {
      if (other.name == parameter.name.text) {
        sink_.report(text::Code::duplicate_name, parameter.name.span,
                     "the field `" + parameter.name.text + "` is declared twice");
      }
    }
    const auto type = scalar_type(parameter.type, schema_, TypePlace::parameter, sink_);
    if (type) event.parameters.push_back({parameter.name.text, *type});
  }
  schema_.catalogue.events.push_back(std::move(event));
  schema_.events.push_back({decl.name.span, std::nullopt});
  read_event_phrase(static_cast<std::uint32_t>(schema_.events.size() - 1), decl);
}

namespace {

std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

bool is_slot(const std::string& word) {
  return word.size() > 2 && word.front() == '{' && word.back() == '}';
}

}  // namespace

void Builder::read_event_phrase(std::uint32_t event, const ast::EventDecl& decl) {
  if (!decl.phrase) return;
  const auto invalid = [&](const std::string& label) {
    sink_
        .report(text::Code::invalid_phrase, decl.phrase_span,
                "the phrase of the event `" + decl.name.text + "` cannot be read")
        .primary.text = label;
  };
  std::vector<std::string> words = split_words(*decl.phrase);
  EventPattern pattern;
  std::string slot;
  if (words.size() == 2 && is_slot(words[0]) && !is_slot(words[1])) {
    slot = words[0];
    pattern.verb = words[1];
  } else if (words.size() == 3 && is_slot(words[2]) && !is_slot(words[0]) && !is_slot(words[1])) {
    slot = words[2];
    pattern.verb = words[0];
    pattern.preposition = words[1];
  } else {
    return invalid("an event reads `{field} verb` or `verb preposition {field}`");
  }
  const std::string name = slot.substr(1, slot.size() - 2);
  const auto& parameters = schema_.catalogue.events[event].parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].name != name) continue;
    if (parameters[i].type.kind != value::Kind::resource) {
      return invalid("`" + name + "` is not a reference to a resource");
    }
    pattern.parameter = static_cast<std::uint32_t>(i);
    pattern.kind = static_cast<ResourceKind>(parameters[i].type.aux);
    schema_.events[event].pattern = std::move(pattern);
    return;
  }
  invalid("the event has no field `" + name + "`");
}

void Builder::check_event_phrases() {
  for (std::size_t i = 0; i < schema_.events.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto& a = schema_.events[i].pattern;
      const auto& b = schema_.events[j].pattern;
      if (!a || !b || a->kind != b->kind || a->verb != b->verb || a->preposition != b->preposition) continue;
      auto& d = sink_.report(text::Code::ambiguous_phrase, schema_.events[i].name,
                             "the events `" + schema_.catalogue.events[i].name + "` and `" +
                                 schema_.catalogue.events[j].name + "` have the same phrase");
      d.secondary.push_back({schema_.events[j].name, "the other event"});
    }
  }
}

void Builder::declare_actions() {
  const std::size_t errors = sink_.errors();
  each<ast::ResourceDecl>([&](const ast::ResourceDecl& decl, const ast::Decl&) {
    if (decl.kind.text == "action") declare_action(decl);
  });
  schema_.actions_incomplete = sink_.errors() > errors;
  for (std::uint32_t a = 0; a < schema_.actions.size(); ++a) {
    const auto& phrases = schema_.actions[a].phrases;
    for (std::uint32_t p = 0; p < phrases.size(); ++p) {
      schema_.phrases[phrases[p].forms[0][0].word].emplace_back(a, p);
    }
  }
  check_action_phrases();
}

void Builder::declare_action(const ast::ResourceDecl& decl) {
  for (const ActionInfo& other : schema_.actions) {
    if (other.name != decl.name.text) continue;
    report_duplicate(sink_, decl.name.span, other.name_span, "action", decl.name.text);
    return;
  }
  ActionInfo action;
  action.name = decl.name.text;
  action.name_span = decl.name.span;
  const std::size_t before = sink_.errors();
  for (const ast::Field& field : decl.fields) read_action_field(action, field);
  if (sink_.errors() > before) return;
  if (action.phrases.empty() || action.effect.empty()) {
    const std::string missing = action.phrases.empty() ? "phrase" : "effect";
    sink_.report(text::Code::missing_field, decl.name.span,
                 "the action `" + action.name + "` has no `" + missing + "`");
    return;
  }
  schema_.actions.push_back(std::move(action));
}

void Builder::read_action_field(ActionInfo& action, const ast::Field& field) {
  const ast::Atom* atom = field.atoms.size() == 1 ? &field.atoms[0] : nullptr;
  const std::string* text = atom ? text_of(*atom) : nullptr;
  const std::string& name = field.name.text;
  const auto invalid = [&](const std::string& expected) {
    sink_.report(text::Code::invalid_field, field.span, "`" + name + "` of an action cannot be read")
        .primary.text = "expected " + expected;
  };
  if (name == "doc") {
    if (!text) invalid("a text in quotes");
  } else if (name == "effect") {
    const ast::Path* path = atom ? path_of(*atom) : nullptr;
    if (!path) return invalid("the name of an effect");
    action.effect = path_text(*path);
    action.effect_span = path->span;
  } else if (name == "phrase") {
    if (!text) return invalid("a text in quotes");
    auto parsed = parse_phrase(*text, schema_.object_names());
    if (auto* phrase = std::get_if<Phrase>(&parsed)) {
      action.phrases.push_back(std::move(*phrase));
    } else {
      auto& d = sink_.report(text::Code::invalid_phrase, atom->span,
                             "the phrase of the action `" + action.name + "` cannot be read");
      d.primary.text = std::get<PhraseError>(parsed).message;
    }
  } else {
    report_unknown(sink_, text::Code::unknown_field, field.name.span, "an action has no field `" + name + "`",
                   name, {"doc", "phrase", "effect"});
  }
}

namespace {

bool can_match_same(const Phrase& a, const Phrase& b) {
  for (const Form& form_a : a.forms) {
    for (const Form& form_b : b.forms) {
      if (&form_a != &form_b && ambiguous(a, form_a, b, form_b)) return true;
    }
  }
  return false;
}

}  // namespace

void Builder::check_action_phrases() {
  for (std::size_t i = 0; i < schema_.actions.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      for (const Phrase& a : schema_.actions[i].phrases) {
        for (const Phrase& b : schema_.actions[j].phrases) {
          // Inside one action each pair is met twice.
          if ((i == j && &b > &a) || !can_match_same(a, b)) continue;
          auto& d = sink_.report(text::Code::ambiguous_phrase, schema_.actions[i].name_span,
                                 "one statement can mean \"" + a.text + "\" and \"" + b.text + "\"");
          d.primary.text = "the action `" + schema_.actions[i].name + "`";
          if (i != j) d.secondary.push_back({schema_.actions[j].name_span, "the other action"});
          d.helps.push_back("add a literal word that tells them apart");
        }
      }
    }
  }
}

}  // namespace wf::schema
