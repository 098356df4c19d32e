#include "tests/reference/generator/vocabulary.hpp"

#include <algorithm>
#include <stdexcept>

#include "grammar/value/calendar.hpp"

namespace wf::reference {

using value::Kind;

namespace {

const std::vector<std::string>& texts() {
  static const std::vector<std::string> all{"a", "b", "ab", "Example", "example", "東京", "Ａｂ", "x y"};
  return all;
}

/// Days around the start of every timeline, 2026-03-02.
std::string some_date(Rng& rng) {
  return value::format_date(value::to_days(2026, 3, 2).value() + rng.between(-30, 45));
}

std::string clock_time(Rng& rng) {
  return value::format_time_of_day(rng.between(0, 23) * 60 + rng.between(0, 3) * 15);
}

Property named(const char* name, Kind kind, bool nullable) {
  Property p;
  p.name = name;
  p.kind = kind;
  p.nullable = nullable;
  return p;
}

}  // namespace

const Object& Vocabulary::object(const std::string& name) const {
  for (const Object& o : objects) {
    if (o.name == name) return o;
  }
  throw std::logic_error("no object " + name);
}

const Property* Vocabulary::property(const std::string& owner, const std::string& name) const {
  for (const Property& p : object(owner).properties) {
    if (p.name == name) return &p;
  }
  return nullptr;
}

std::string literal(Rng& rng, const Property& p, const Vocabulary& words) {
  switch (p.kind) {
    case Kind::boolean:
      return rng.pick({"true", "false"});
    case Kind::integer:
      return std::to_string(rng.between(p.low, p.high));
    case Kind::decimal:
      return std::to_string(rng.between(p.low, p.high)) + rng.pick({"", ".5", ".25", ".000001"});
    case Kind::text:
      if (p.format == bytecode::Format::timezone) {
        return "\"" + rng.pick({"Asia/Tokyo", "America/New_York", "UTC", "Europe/Berlin"}) + "\"";
      }
      return "\"" + rng.pick(texts()) + "\"";
    case Kind::instant:
      return some_date(rng) + "T" + clock_time(rng);
    case Kind::date:
      return some_date(rng);
    case Kind::time_of_day:
      return clock_time(rng);
    case Kind::duration:
      return std::to_string(rng.between(1, 5)) + " " + rng.pick({"hours", "days"});
    case Kind::enumeration:
      return rng.pick(p.values);
    case Kind::resource:
      return p.target + "." + rng.pick(p.target == "user" ? words.users : words.teams);
    default:
      throw std::logic_error("no literal for " + p.name);
  }
}

// ---- objects
// ----------------------------------------------------------------------------------------------------

void WorldMaker::read_objects() {
  for (const char* name : {"contact", "company", "deal", "ticket"}) {
    const std::uint32_t index = standard_.find_object(name);
    if (index == bytecode::kNone) continue;
    Object object{name, {}};
    for (const bytecode::Property& p : standard_.objects[index].properties) {
      Property out = named(p.name.c_str(), p.type.kind, p.type.nullable);
      out.format = p.type.format;
      out.pii = p.pii;
      out.required = !p.type.nullable && p.initial.is_unknown();
      out.writable = !p.immutable && !p.unique;
      if (p.minimum) out.low = std::max<int>(out.low, static_cast<int>(*p.minimum / value::kMicro));
      if (p.type.kind == Kind::enumeration) {
        out.values = standard_.enums[p.type.aux].values;
        out.ordered = standard_.enums[p.type.aux].ordered;
      } else if (p.type.kind == Kind::ref) {
        out.target = standard_.objects[p.type.aux].name;
      } else if (p.type.kind == Kind::resource) {
        out.target = bytecode::to_string(static_cast<bytecode::ResourceKind>(p.type.aux));
        if (out.target != "user" && out.target != "team") continue;
      }
      // The address decides whether a mail can leave, the rest of the identities nothing.
      if (p.unique) continue;
      object.properties.push_back(std::move(out));
    }
    out_.objects.push_back(std::move(object));
  }
}

void WorldMaker::extend(Node& root, const std::string& object) {
  Node block("extend object " + object, {});
  auto& properties = std::find_if(out_.objects.begin(), out_.objects.end(), [&](const Object& o) {
                       return o.name == object;
                     })->properties;
  const auto add = [&](Property p, const std::string& type) {
    block.children.push_back(p.name + " " + type);
    properties.push_back(std::move(p));
  };
  if (rng_.chance(70)) add(named("g_int", Kind::integer, true), "int?");
  if (rng_.chance(70)) {
    Property p = named("g_num", Kind::integer, false);
    p.low = -20;
    p.high = 20;
    add(p, "int = " + std::to_string(rng_.between(-2, 3)) + "   range -20..20");
  }
  if (rng_.chance(50)) add(named("g_dec", Kind::decimal, true), "decimal?");
  if (rng_.chance(40)) add(named("g_rate", Kind::decimal, false), "decimal = 1.5");
  if (rng_.chance(50)) add(named("g_bool", Kind::boolean, true), "bool?");
  if (rng_.chance(50)) add(named("g_flag", Kind::boolean, false), "bool = false");
  if (rng_.chance(50)) add(named("g_text", Kind::text, true), "text?");
  if (rng_.chance(60)) add(named("g_date", Kind::date, true), "date?");
  if (rng_.chance(60)) add(named("g_when", Kind::instant, true), "datetime?");
  if (rng_.chance(30)) add(named("g_time", Kind::time_of_day, true), "time?");
  if (rng_.chance(60)) {
    Property p = named("g_kind", Kind::enumeration, rng_.chance(60));
    p.values = {"red", "green", "blue"};
    p.ordered = rng_.chance(50);
    const std::string type =
        std::string("enum(red \"Red one\", green, blue)") + (p.nullable ? "?" : " = red");
    add(p, type + (p.ordered ? "  ordered" : ""));
  }
  if (!block.children.empty()) root.children.push_back(std::move(block));
}

// ---- resources
// --------------------------------------------------------------------------------------------------

void WorldMaker::people(Node& root) {
  for (int i = 0; i < 2; ++i) {
    const std::string n = std::to_string(i);
    out_.users.push_back("u" + n);
    root.children.push_back("user u" + n + " { email \"u" + n + "@example.com\"" +
                            (i == 0 ? "; title \"User 0\"" : "") + " }");
  }
  out_.teams = {"t0"};
  root.children.push_back(Node("team t0 { members (user.u0, user.u1); email \"t0@example.com\" }"));
  out_.messages = {"m0", "m1"};
  out_.plain_messages = {"m0"};
  root.children.push_back(Node("message m0 { subject \"M0\"; body \"plain\" }"));
  root.children.push_back(
      Node("message m1 { subject \"M1 {{ contact.lead_score }}\"; body \"{{ contact.firstname | default: "
           "'nobody' | upcase }} {{ contact.lifecycle_stage | default: '-' }}\" }"));
  const bool pii = rng_.chance(50);
  out_.webhooks = {"w0", "w1"};
  root.children.push_back("webhook w0 { url secret.W0" + std::string(pii ? "; accepts pii" : "") + " }");
  root.children.push_back(Node("webhook w1 { url secret.W1 }"));
}

void WorldMaker::mails(Node& root) {
  root.children.push_back(
      Node("sender s0 { name \"S\"; email \"s@example.com\"; address \"1 Example Street\" }"));
  out_.topics = {"news", "offers"};
  for (const std::string& topic : out_.topics) root.children.push_back("topic " + topic + " { }");
  const int count = rng_.between(2, 4);
  for (int i = 0; i < count; ++i) {
    const std::string name = "e" + std::to_string(i);
    const std::size_t kind = rng_.weighted({60, 30, 10});
    std::string text = "email " + name + " { class ";
    text += kind == 0   ? "marketing; topic topic." + rng_.pick(out_.topics)
            : kind == 1 ? "transactional"
                        : "internal";
    text += "; from sender.s0; subject \"" + name + " {{ contact.company_name | default: 'you' }}\"";
    text += "; text \"{{ contact.firstname | default: 'x' | downcase }} {{ unsubscribe_url }}\"";
    if (rng_.chance(30)) text += "; html \"<b>{{ contact.job_title | default: 'a & b' }}</b>\"";
    root.children.push_back(text + " }");
    out_.emails.push_back(name);
  }
}

void WorldMaker::places(Node& root) {
  for (int i = 0; i < 2; ++i) {
    const std::string n = std::to_string(i);
    out_.lists.push_back("l" + n);
    root.children.push_back("list l" + n + " { title \"L" + n + "\" }");
    out_.pages.push_back("p" + n);
    root.children.push_back("page p" + n + " { url \"/p" + n + "*\" }");
  }
  out_.forms = {"f0"};
  root.children.push_back(Node("form f0 { fields (firstname, company_name); creates contact }"));
  if (rng_.chance(50)) {
    out_.forms.push_back("f1");
    root.children.push_back(Node("form f1 { fields (job_title) }"));
  }
  if (rng_.chance(40)) {
    out_.links.push_back("k0");
    root.children.push_back(Node("link k0 { url \"/k*\" }"));
  }
  root.children.push_back(Node("occasion o0 { starts_at " + some_date(rng_) + "T" + clock_time(rng_) +
                               "; ends_at 2026-04-20T12:00; zone \"Asia/Tokyo\" }"));
}

void WorldMaker::policies(Node& root) {
  if (!rng_.chance(25)) return;
  Node policy("policy p0", {});
  for (int i = rng_.between(1, 2); i > 0; --i) {
    policy.children.push_back("limit " + rng_.pick({"marketing", "marketing", "transactional"}) + " " +
                              std::to_string(rng_.between(1, 3)) + " per " +
                              rng_.pick({"1 day", "3 days", "6 hours"}) + " per contact");
  }
  if (rng_.chance(50)) {
    policy.children.push_back(std::string("quiet 21:00..08:00 in contact.timezone else \"Asia/Tokyo\""));
  }
  root.children.push_back(std::move(policy));
}

void WorldMaker::events(Node& root) {
  using Fields = EventForm::Fields;
  const auto add = [&](const char* kind, const std::string& resource, const char* verb, Fields fields) {
    out_.events.push_back({"contact", std::string(kind) + "." + resource + " " + verb,
                           std::string(kind) + ".any " + verb, resource, fields});
  };
  for (const std::string& form : out_.forms) add("form", form, "submitted", Fields::form);
  for (const std::string& page : out_.pages) add("page", page, "viewed", Fields::url);
  for (const std::string& link : out_.links) add("link", link, "clicked", Fields::url);
  for (const std::string& email : out_.emails) {
    add("email", email, "opened", Fields::none);
    add("email", email, "clicked", Fields::url);
    if (rng_.chance(20)) add("email", email, "bounced", Fields::none);
  }
  add("occasion", "o0", "attended", Fields::none);
  root.children.push_back(Node("event probe on contact { n: int?, word: text? }"));
  out_.events.push_back({"contact", "event probe", "", "", Fields::probe});
  for (const char* object : {"deal", "company", "ticket"}) {
    if (!rng_.chance(60)) continue;
    const std::string name = "nudge_" + std::string(object);
    root.children.push_back("event " + name + " on " + object + " { n: int?, word: text? }");
    out_.events.push_back({object, "event " + name, "", "", Fields::probe});
  }
}

Vocabulary WorldMaker::make(Node& root) {
  out_.zone = rng_.pick({"UTC", "Asia/Tokyo", "America/New_York"});
  out_.project_calendar = rng_.chance(50);
  root.children.push_back("project generated { zone \"" + out_.zone + "\"" +
                          (out_.project_calendar ? "; calendar calendar.office" : "") + " }");
  root.children.push_back(
      Node("calendar office { open mon..fri 09:00..12:00, 13:00..18:00; open sat 10:00..11:00 }"));
  policies(root);
  read_objects();
  extend(root, "contact");
  if (rng_.chance(40)) extend(root, "deal");
  if (rng_.chance(20)) extend(root, "company");
  people(root);
  mails(root);
  places(root);
  events(root);
  return std::move(out_);
}

}  // namespace wf::reference
