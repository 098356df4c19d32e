#include "tests/reference/generator/conditions.hpp"

#include <algorithm>

namespace wf::reference {

using value::Kind;

namespace {

bool is_sure(const Place& place, const Property& p) {
  return !p.nullable || place.known.count(p.name) != 0;
}

}  // namespace

const Property& Conditions::property_of(const std::string& object) {
  const auto& all = words_.object(object).properties;
  // The generated ones have small ranges, so that conditions over them come true.
  for (int tries = 0; tries < 3; ++tries) {
    const Property& p = rng_.pick(all);
    if (p.name.starts_with("g_") || p.name == "lifecycle_stage" || p.name == "lead_score" ||
        p.name == "stage" || rng_.chance(25)) {
      return p;
    }
  }
  return rng_.pick(all);
}

std::string Conditions::duration() {
  const std::string d = rng_.pick(
      {"30 minutes", "1 hour", "2 hours", "6 hours", "12 hours", "1 day", "2 days", "3 days", "1 week"});
  hooks_.durations.push_back(d);
  return d;
}

std::string Conditions::in_full(const std::string& condition) const {
  std::string text = condition;
  for (const auto& [name, conditions] : words_.segment_texts) {
    if (condition.find("segment." + name) != condition.npos) text += "\n" + conditions;
  }
  return text;
}

bool Conditions::asks_others(const std::string& object, const std::string& condition) const {
  const std::string text = in_full(condition);
  const auto has = [&](const std::string& part) { return text.find(part) != text.npos; };
  const auto& all = words_.object(object).properties;
  return std::any_of(all.begin(), all.end(),
                     [&](const Property& p) { return p.kind == Kind::ref && has(p.name + "."); });
}

// ---- events
// ----------------------------------------------------------------------------------------------------

std::size_t Conditions::event_of(const std::string& object) {
  std::vector<std::size_t> fitting;
  for (std::size_t i = 0; i < words_.events.size(); ++i) {
    if (words_.events[i].object == object) fitting.push_back(i);
  }
  if (fitting.empty()) return words_.events.size();
  const std::size_t event = rng_.pick(fitting);
  hooks_.events.push_back(event);
  return event;
}

std::string Conditions::phrase_of(std::size_t event) {
  const EventForm& form = words_.events[event];
  return !form.any.empty() && rng_.chance(15) ? form.any : form.phrase;
}

std::string Conditions::where(const EventForm& event) {
  if (event.fields == EventForm::Fields::probe) {
    return rng_.chance(60)
               ? "n " + rng_.pick({">", ">=", "=", "<"}) + " " + std::to_string(rng_.between(0, 4))
               : "word is " + rng_.pick({"\"a\"", "\"b\"", "\"A\""});
  }
  if (event.fields == EventForm::Fields::url) return "url " + rng_.pick({"contains \"a\"", "is known"});
  const Property& p = property_of(event.object);
  return p.target.empty() || p.target == "user" ? p.name + " is known" : p.name + " is unknown";
}

std::string Conditions::event_phrase(const Place& place, bool refined) {
  const std::size_t event = event_of(place.object);
  if (event == words_.events.size()) return {};
  std::string text = phrase_of(event);
  if (refined && rng_.chance(35)) {
    text += " " + rng_.pick({"at least ", "at most ", "exactly "}) + std::to_string(rng_.between(1, 3)) +
            " times";
  }
  if (refined && rng_.chance(30)) text += " within last " + duration();
  if (rng_.chance(20)) text += " where (" + where(words_.events[event]) + ")";
  return text;
}

// ---- values
// ----------------------------------------------------------------------------------------------------

std::string Conditions::number_of(const Place& place) {
  std::vector<std::string> sure;
  static const std::vector<Property> none;
  for (const Property& p : place.object.empty() ? none : words_.object(place.object).properties) {
    if (p.kind == Kind::integer && is_sure(place, p)) sure.push_back(p.name);
  }
  for (const Property& let : place.lets) {
    if (let.kind == Kind::integer && !let.nullable) sure.push_back(let.name);
  }
  if (sure.empty() || rng_.chance(25)) return std::to_string(rng_.between(0, 9));
  return rng_.pick(sure) + (rng_.chance(40) ? rng_.pick({" + 1", " - 2", " * 2", " + 3 * 2"}) : "");
}

std::string Conditions::value(const Place& place, const Property& p) {
  if (p.kind == Kind::ref || p.kind == Kind::duration) return {};
  if (p.kind == Kind::integer && rng_.chance(45)) return number_of(place);
  if (p.kind == Kind::instant && rng_.chance(50)) return rng_.pick({"now", "now + 2 days", "now - 1 hour"});
  if (p.kind != Kind::enumeration && rng_.chance(30)) {
    std::vector<std::string> fitting;
    for (const Property& other : words_.object(place.object).properties) {
      const bool same = other.kind == p.kind && other.format == p.format && other.target == p.target;
      if (same && other.name != p.name && (p.nullable || is_sure(place, other)))
        fitting.push_back(other.name);
    }
    for (const Property& let : place.lets) {
      if (let.kind == p.kind && (p.nullable || !let.nullable)) fitting.push_back(let.name);
    }
    if (!fitting.empty()) return rng_.pick(fitting);
  }
  return literal(rng_, p, words_);
}

// ---- comparisons
// -----------------------------------------------------------------------------------------------

std::string Conditions::any_of(const Property& p, const std::string& path) {
  std::set<std::string> values;
  for (int i = rng_.between(1, 3); i > 0; --i) values.insert(literal(rng_, p, words_));
  std::string list;
  for (const std::string& v : values) list += (list.empty() ? "" : ", ") + v;
  return path + rng_.pick({" is any of (", " is none of ("}) + list + ")";
}

std::string Conditions::numeric(const Place& place, const Property& p, const std::string& path) {
  const bool own = path == p.name;
  switch (rng_.weighted({50, 15, 10, 15, 10})) {
    case 0:
      return path + " " + rng_.pick({"=", "!=", "<", "<=", ">", ">=", "is", "is not"}) + " " +
             literal(rng_, p, words_);
    case 1: {
      const int low = rng_.between(p.low, p.high), high = rng_.between(low, p.high);
      return path + " between " + std::to_string(low) + " and " + std::to_string(high);
    }
    case 2: {
      // Equal numbers of different spelling would be one value twice.
      Property whole = p;
      whole.kind = Kind::integer;
      return any_of(whole, path);
    }
    case 3:
      if (own && is_sure(place, p)) {
        return path + rng_.pick({" + 2", " * 2", " - 1", " / 2"}) + rng_.pick({" > ", " <= "}) +
               std::to_string(rng_.between(p.low, p.high));
      }
      return std::to_string(rng_.between(p.low, p.high)) + rng_.pick({" < ", " >= "}) + path;
    default:
      return path + rng_.pick({" > ", " <= "}) + number_of(place);
  }
}

std::string Conditions::textual(const Property& p, const std::string& path) {
  if (p.format == bytecode::Format::timezone || rng_.chance(40)) {
    return path + rng_.pick({" is ", " is not ", " = "}) + literal(rng_, p, words_);
  }
  if (rng_.chance(25)) return any_of(p, path);
  return path + rng_.pick({" contains \"a\"", " starts with \"E\"", " ends with \"B\"", " matches \"?b\"",
                           " matches \"*a*\"", " contains \"AB\"", " starts with \"東\""});
}

std::string Conditions::dated(const Property& p, const std::string& path) {
  if (p.kind != Kind::time_of_day && rng_.chance(65)) {
    return path + rng_.pick({" is more than ", " is less than "}) + duration() + " ago";
  }
  if (p.kind != Kind::time_of_day && rng_.chance(50)) {
    return path + rng_.pick({" is within last ", " is within next "}) + duration();
  }
  return path + rng_.pick({" < ", " >= ", " = ", " > "}) + literal(rng_, p, words_);
}

std::string Conditions::named(const Place& place, const Property& p, const std::string& path) {
  const bool own = path == p.name;
  switch (rng_.weighted({35, 25, 20, 20})) {
    case 0:
      return path + rng_.pick({" is ", " is not "}) + literal(rng_, p, words_);
    case 1:
      return any_of(p, path);
    case 2:
      if (p.ordered) return path + rng_.pick({" is at least ", " is at most "}) + literal(rng_, p, words_);
      return path + " is " + literal(rng_, p, words_);
    default:
      if (own && !place.object.empty()) return path + " has ever been " + literal(rng_, p, words_);
      return path + " is " + literal(rng_, p, words_);
  }
}

std::string Conditions::about(const Place& place, const Property& p, const std::string& path) {
  if (path == p.name && !place.object.empty()) hooks_.properties.emplace_back(place.object, p.name);
  if (p.nullable && rng_.chance(15)) return path + rng_.pick({" is known", " is unknown"});
  switch (p.kind) {
    case Kind::boolean:
      return rng_.chance(20) ? path : path + rng_.pick({" is true", " is false", " = true", " != true"});
    case Kind::integer:
    case Kind::decimal:
      return numeric(place, p, path);
    case Kind::text:
      return textual(p, path);
    case Kind::instant:
    case Kind::date:
    case Kind::time_of_day:
      return dated(p, path);
    case Kind::enumeration:
      return named(place, p, path);
    case Kind::resource:
      return path + rng_.pick({" is ", " is not "}) + literal(rng_, p, words_);
    default:
      return path + rng_.pick({" is known", " is unknown"});
  }
}

std::string Conditions::counted(const Place& place) {
  const std::string phrase = event_phrase(place, false);
  if (phrase.empty()) return "created_at is less than " + duration() + " ago";
  switch (rng_.weighted({50, 25, 25})) {
    case 0:
      return "count(" + phrase + (rng_.chance(30) ? " within last " + duration() : "") + ")" +
             rng_.pick({" >= ", " = ", " < ", " + 1 > "}) + std::to_string(rng_.between(0, 3));
    case 1:
      return "no (" + phrase + ") for " + duration();
    default:
      return rng_.chance(30) ? phrase + " ever" : event_phrase(place, true);
  }
}

std::string Conditions::plain(const Place& place) {
  if (!place.recent.empty() && rng_.chance(30)) return rng_.pick(place.recent);
  switch (rng_.weighted({50, 10, 20, 8, 6, 6})) {
    case 0: {
      const Property& p = property_of(place.object);
      return about(place, p, p.name);
    }
    case 1: {
      for (const Property& p : words_.object(place.object).properties) {
        if (p.kind != Kind::ref || !rng_.chance(50)) continue;
        const Property& far = property_of(p.target);
        if (far.kind == Kind::ref) return p.name + " is known";
        Place other = place;
        other.known.clear();
        return about(other, far, p.name + "." + far.name);
      }
      return "created_at is less than " + duration() + " ago";
    }
    case 2:
      return counted(place);
    case 3: {
      hooks_.lists.push_back(rng_.pick(words_.lists));
      return rng_.pick({"in list.", "not in list."}) + hooks_.lists.back();
    }
    case 4:
      hooks_.tags.push_back(rng_.pick({"hot", "cold"}));
      return "has tag " + hooks_.tags.back();
    default:
      for (const auto& [name, object] : words_.segments) {
        if (object == place.object) return rng_.pick({"in segment.", "not in segment."}) + name;
      }
      if (place.body && !place.labels.empty()) {
        return rng_.pick(place.labels) + rng_.pick({" opened", " clicked", " delivered"});
      }
      if (!place.lets.empty()) {
        const Property& let = rng_.pick(place.lets);
        Place elsewhere;
        return about(elsewhere, let, let.name);
      }
      return counted(place);
  }
}

std::string Conditions::condition(const Place& place, int depth) {
  if (depth == 0 || rng_.chance(55)) return plain(place);
  const auto inner = [&] {
    const std::string c = condition(place, depth - 1);
    const bool single = c.find(" and ") == c.npos && c.find(" or ") == c.npos && !c.starts_with("not ");
    return single ? c : "(" + c + ")";
  };
  switch (rng_.weighted({40, 40, 20})) {
    case 0:
      return inner() + " and " + inner();
    case 1:
      return inner() + " or " + inner();
    default: {
      const std::string c = plain(place);
      return "not (" + c + ")";
    }
  }
}

// ---- moments
// ----------------------------------------------------------------------------------------------------

std::string Conditions::zone_clause(const Place& place) {
  if (rng_.chance(60)) return {};
  if (place.object == "contact" && rng_.chance(50)) return " in contact.timezone else \"Asia/Tokyo\"";
  return " in \"" + rng_.pick({"Asia/Tokyo", "America/New_York", "Europe/Berlin"}) + "\"";
}

std::string Conditions::business_length() {
  return std::to_string(rng_.between(1, 12)) + " business " +
         rng_.pick({"days", "hours", "hours", "minutes"});
}

std::string Conditions::calendar_clause() {
  return words_.project_calendar && rng_.chance(60) ? "" : " in calendar.office";
}

std::string Conditions::moment(const Place& place, bool& needs_if_past) {
  needs_if_past = true;
  const std::string at =
      rng_.chance(40) ? " at " + rng_.pick({"09:00", "00:00", "10:30", "18:00", "02:30"}) : "";
  std::vector<std::string> anchors;
  for (const Property& p : words_.object(place.object).properties) {
    if (p.kind != Kind::date && p.kind != Kind::instant) continue;
    if (p.name.starts_with("g_")) anchors.insert(anchors.end(), {p.name, p.name});
    anchors.push_back(p.name);
  }
  if (anchors.empty() || rng_.chance(25)) {
    if (rng_.chance(50)) {
      needs_if_past = false;
      return rng_.pick({"next mon at 09:00", "next fri at 18:00", "09:00", "18:30"}) + zone_clause(place);
    }
    return rng_.pick({"2026-03-05", "2026-03-10T14:00", "occasion.o0.starts_at", "2026-03-29T02:30"}) +
           zone_clause(place);
  }
  const std::string anchor = rng_.pick(anchors);
  hooks_.properties.emplace_back(place.object, anchor);
  std::string text = anchor;
  if (rng_.chance(10)) {
    return business_length() + rng_.pick({" before ", " after "}) + anchor + calendar_clause();
  }
  if (rng_.chance(60)) {
    text = std::to_string(rng_.between(1, 6)) + " " + rng_.pick({"days", "hours", "weeks", "months"}) +
           rng_.pick({" before ", " after "}) + anchor;
  }
  return text + at + zone_clause(place);
}

}  // namespace wf::reference
