// The verifier's first part: the catalogue refers only to what it has.
#include <algorithm>

#include "runtime/bytecode/checker.hpp"

namespace wf::bytecode::verifier {
namespace {

constexpr std::size_t kMaxOpenings = 1000;

void check_names(Checker& c) {
  const Catalogue& cat = c.catalogue();
  c.names(cat.enums, "enums");
  c.names(cat.objects, "objects");
  c.names(cat.events, "events");
  c.names(cat.senders, "senders");
  c.names(cat.topics, "topics");
  c.names(cat.emails, "emails");
  c.names(cat.messages, "messages");
  c.names(cat.forms, "forms");
  c.names(cat.pages, "pages");
  c.names(cat.links, "links");
  c.names(cat.occasions, "occasions");
  c.names(cat.lists, "lists");
  c.names(cat.segments, "segments");
  c.names(cat.users, "users");
  c.names(cat.teams, "teams");
  c.names(cat.webhooks, "webhooks");
  c.names(cat.calendars, "calendars");
  c.names(c.program().workflows, "workflows");
  for (const Object& object : cat.objects) c.names(object.properties, "properties of " + object.name);
  for (const EventType& event : cat.events) c.names(event.parameters, "fields of " + event.name);
}

void check_property(Checker& c, const Property& p) {
  c.type(p.type);
  c.constant_of(p.type, p.initial);
  const bool number = p.type.kind == value::Kind::integer || p.type.kind == value::Kind::decimal;
  c.require(number || (!p.minimum && !p.maximum), "a range of something that is not a number");
  c.require(!p.minimum || !p.maximum || *p.minimum <= *p.maximum, "a range that holds nothing");
}

void check_objects(Checker& c) {
  const Catalogue& cat = c.catalogue();
  for (std::size_t i = 0; i < cat.enums.size(); ++i) {
    c.at("enum", i);
    c.require(cat.enums[i].values.size() == cat.enums[i].titles.size(), "titles and values differ in number");
  }
  for (std::size_t i = 0; i < cat.objects.size(); ++i) {
    for (const Property& p : cat.objects[i].properties) {
      c.at("property " + cat.objects[i].name + "." + p.name);
      check_property(c, p);
    }
    for (const Inverse& inverse : cat.objects[i].inverses) {
      c.at("inverse " + cat.objects[i].name + "." + inverse.name);
      if (!c.property(inverse.object, inverse.property)) continue;
      const Type& type = cat.objects[inverse.object].properties[inverse.property].type;
      c.require(type.kind == value::Kind::ref && type.aux == i, "the other side does not refer here");
      if (inverse.primary == kNone || !c.property(static_cast<std::uint32_t>(i), inverse.primary)) continue;
      const Type& primary = cat.objects[i].properties[inverse.primary].type;
      c.require(primary.kind == value::Kind::ref && primary.aux == inverse.object,
                "the primary one is of another object");
    }
  }
  for (const EventType& event : cat.events) {
    c.at("event " + event.name);
    c.object(event.object);
    for (const EventParameter& parameter : event.parameters) c.type(parameter.type);
  }
}

void check_email(Checker& c, const Email& email) {
  const Catalogue& cat = c.catalogue();
  c.require(email.mail_class != MailClass::none, "an e-mail without a class");
  c.require(email.mail_class != MailClass::marketing || email.topic != kNone, "marketing without a topic");
  c.optional_index(email.topic, cat.topics.size(), "topic");
  c.optional_index(email.sender, cat.senders.size(), "sender");
  c.require(!email.html.parts.empty() || !email.text.parts.empty(), "an e-mail without content");
  for (const Template* t : {&email.subject, &email.html, &email.text}) {
    c.text_template(*t, email.placeholders.size());
  }
}

void check_calendar(Checker& c, const Calendar& calendar) {
  const value::BusinessHours& hours = calendar.hours;
  c.zone(hours.zone);
  c.require(!hours.open.empty() && hours.open.size() <= kMaxOpenings, "opening hours out of number");
  for (const value::WeeklyWindow& window : hours.open) c.weekly(window);
  c.require(std::is_sorted(hours.closed.begin(), hours.closed.end()), "closed days out of order");
  for (const std::int32_t day : hours.closed) c.constant(value::Value::date(day));
}

void check_resources(Checker& c) {
  const Catalogue& cat = c.catalogue();
  for (const Email& email : cat.emails) {
    c.at("email " + email.name);
    check_email(c, email);
  }
  for (const Message& message : cat.messages) {
    c.at("message " + message.name);
    c.text_template(message.subject, message.placeholders.size());
    c.text_template(message.body, message.placeholders.size());
  }
  for (const Form& form : cat.forms) {
    c.at("form " + form.name);
    c.optional_index(form.creates, cat.objects.size(), "object");
  }
  for (const Occasion& occasion : cat.occasions) {
    c.at("occasion " + occasion.name);
    c.zone(occasion.zone);
    c.constant(value::Value::instant(occasion.starts_at));
    c.constant(value::Value::instant(occasion.ends_at));
  }
  for (const Team& team : cat.teams) {
    c.at("team " + team.name);
    c.indices(team.members, cat.users, "user");
  }
  for (const Webhook& webhook : cat.webhooks) {
    c.at("webhook " + webhook.name);
    c.require(webhook.url.empty() != webhook.url_secret.empty(), "a webhook needs one address");
  }
  for (const Calendar& calendar : cat.calendars) {
    c.at("calendar " + calendar.name);
    check_calendar(c, calendar);
  }
  for (const Segment& segment : cat.segments) {
    c.at("segment " + segment.name);
    c.function(segment.condition, FunctionKind::expression, segment.object, kNone);
  }
}

}  // namespace

void check_catalogue(Checker& c) {
  c.at("project");
  c.zone(c.catalogue().zone);
  c.optional_index(c.catalogue().calendar, c.catalogue().calendars.size(), "calendar");
  check_names(c);
  check_objects(c);
  check_resources(c);
}

}  // namespace wf::bytecode::verifier
