#include "tests/reference/generator/timeline_maker.hpp"

#include <algorithm>

#include "grammar/value/calendar.hpp"

namespace wf::reference {

using value::Kind;

namespace {

std::int64_t length_of(const std::string& text) {
  const std::int64_t n = std::stoll(text);
  if (text.find("minute") != text.npos) return n * value::kMinute;
  if (text.find("hour") != text.npos) return n * value::kHour;
  return n * (text.find("week") != text.npos ? 7 : 1) * value::kDay;
}

}  // namespace

std::string TimelineMaker::value_for(const Property& p) {
  if (p.kind == Kind::ref) {
    for (const Person& other : people_) {
      if (other.object == p.target) return other.name;
    }
    return {};
  }
  if (p.kind == Kind::duration) return {};
  return literal(rng_, p, words_);
}

std::string TimelineMaker::data(const std::string& object) {
  std::string text;
  for (const Property& p : words_.object(object).properties) {
    const int percent = p.required ? 100 : p.kind == Kind::ref ? 75 : p.name.starts_with("g_") ? 45 : 15;
    if (!rng_.chance(percent)) continue;
    const std::string v = value_for(p);
    if (!v.empty()) text += "; " + p.name + " " + v;
  }
  return text;
}

void TimelineMaker::given(Node& test, const std::string& name, const std::string& object) {
  std::string text = data(object);
  if (object == "contact") {
    if (rng_.chance(90)) text += "; email \"" + name + "@example.com\"";
    if (rng_.chance(85)) text += "; marketing yes";
  }
  if (!text.empty()) text.erase(0, 2);
  people_.push_back({name, object});
  test.children.push_back("given " + object + " " + name + " { " + text + " }");
}

/// Later than the line before, often by just what the program waits.
std::string TimelineMaker::offset() {
  if (rng_.chance(85)) {
    if (!hooks_.durations.empty() && rng_.chance(45)) {
      now_ += length_of(rng_.pick(hooks_.durations));
    } else {
      now_ += rng_.between(1, 30) * (rng_.chance(50) ? value::kHour : 7 * value::kMinute);
    }
  }
  if (now_ > 35 * value::kDay) now_ = rng_.between(1, 20) * value::kDay;
  return "+" + value::format_compact_duration(now_);
}

std::string TimelineMaker::event(const Person& person, const EventForm& form) {
  std::string text = form.phrase + " by " + person.name;
  std::string fields;
  if (form.fields == EventForm::Fields::probe) {
    if (rng_.chance(80)) fields += "; n " + std::to_string(rng_.between(0, 4));
    if (rng_.chance(60)) fields += "; word \"" + rng_.pick({"a", "b", "A"}) + "\"";
  } else if (form.fields == EventForm::Fields::url) {
    if (rng_.chance(60)) fields += "; url \"/" + rng_.pick({"a", "b"}) + "\"";
  } else if (form.fields == EventForm::Fields::form && rng_.chance(50)) {
    fields += "; " + rng_.pick({"firstname", "company_name", "job_title"}) + " \"" +
              rng_.pick({"a", "B", ""}) + "\"";
  }
  if (rng_.chance(10)) fields += data(person.object);
  if (!fields.empty()) text += " { " + fields.substr(2) + " }";
  if (rng_.chance(6)) text += "   #! late " + rng_.pick({"1h", "20h", "1d", "1d1h", "3d"});
  if (rng_.chance(4)) text += "   #! id " + std::to_string(rng_.chance(60) && ids_ > 1 ? ids_ - 1 : ids_++);
  return text;
}

std::string TimelineMaker::extra(const Person& person) {
  const std::string& name = person.name;
  switch (rng_.weighted({40, 35, 10, 15})) {
    case 0:
      return rng_.pick({"tag ", "untag "}) + name + " " + rng_.pick({"hot", "cold"});
    case 1:
      for (const auto& [workflow, object] : words_.workflows) {
        if (object == person.object && rng_.chance(60)) {
          return rng_.chance(70) ? "enroll " + name + " in " + workflow
                                 : "unenroll " + name + " in " + workflow;
        }
      }
      return "tag " + name + " hot";
    case 2:
      return "marketing " + name + " " + rng_.pick({"yes", "no"});
    default:
      return "untag " + name + " hot";
  }
}

std::string TimelineMaker::line(const Person& person) {
  switch (rng_.weighted({45, 35, 10, 5, 5})) {
    case 0: {
      std::vector<std::size_t> fitting, any;
      for (std::size_t i = 0; i < words_.events.size(); ++i) {
        if (words_.events[i].object == person.object) any.push_back(i);
      }
      for (const std::size_t i : hooks_.events) {
        if (words_.events[i].object == person.object) fitting.push_back(i);
      }
      if (any.empty()) break;
      const bool wanted = !fitting.empty() && rng_.chance(85);
      return "at " + offset() + " " + event(person, words_.events[rng_.pick(wanted ? fitting : any)]);
    }
    case 1:
      break;
    case 2:
      return "at " + offset() + " " +
             (rng_.chance(60) ? "add " + person.name + " to list."
                              : "remove " + person.name + " from list.") +
             (hooks_.lists.empty() ? rng_.pick(words_.lists) : rng_.pick(hooks_.lists));
    case 3:
      if (person.object != "contact") break;
      return "at " + offset() + " " +
             (rng_.chance(60) ? "unsubscribe " + person.name + " from topic."
                              : "subscribe " + person.name + " to topic.") +
             rng_.pick(words_.topics);
    default:
      return "#! " + offset() + " " + extra(person);
  }
  const auto& all = words_.object(person.object).properties;
  const Property* p = &rng_.pick(all);
  std::vector<const Property*> wanted;
  for (const auto& [object, name] : hooks_.properties) {
    if (object == person.object) wanted.push_back(words_.property(object, name));
  }
  if (!wanted.empty() && rng_.chance(90)) p = rng_.pick(wanted);
  const std::string v = value_for(*p);
  if (v.empty()) return "at " + offset() + " add " + person.name + " to list." + rng_.pick(words_.lists);
  return "at " + offset() + " set " + person.name + "." + p->name + " to " + v;
}

Node TimelineMaker::make() {
  Node test("test \"timeline\"", {});
  test.children.push_back(Node("start " +
                               rng_.pick({"2026-03-02T09:00", "2026-03-06T20:00", "2026-03-28T12:00"}) +
                               " in \"" + words_.zone + "\""));
  if (rng_.chance(60)) given(test, "c1", "company");
  for (int i = rng_.between(1, 3); i > 0; --i) given(test, "r" + std::to_string(i), "contact");
  if (rng_.chance(55)) given(test, "d1", "deal");
  if (rng_.chance(25)) given(test, "t1", "ticket");
  for (const std::string& webhook : words_.webhooks) {
    if (!rng_.chance(50)) continue;
    test.children.push_back("given webhook." + webhook + " answers " +
                            rng_.pick({"500, 200", "500", "404, 503, 200", "200, 500", "200"}));
  }
  test.children.push_back(Node("allow others"));
  for (int i = rng_.between(5, 16); i > 0; --i) test.children.push_back(line(rng_.pick(people_)));
  return test;
}

}  // namespace wf::reference
