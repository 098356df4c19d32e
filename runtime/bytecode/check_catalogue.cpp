// The verifier's first part: the catalogue refers only to what it has.
#include <algorithm>

#include "runtime/bytecode/checker.hpp"

namespace wf::bytecode::verifier {
namespace {

constexpr std::size_t kMaxOpenings = 100;
/// Sums of them stay far from overflow.
constexpr std::int64_t kMaxPoints = 1'000'000'000;
bool within_points(std::int64_t n) {
  return -kMaxPoints <= n && n <= kMaxPoints;
}

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
  c.names(cat.videos, "videos");
  c.names(cat.surveys, "surveys");
  c.names(cat.audiences, "audiences");
  c.names(cat.scorings, "scorings");
  c.names(cat.campaigns, "campaigns");
  c.names(c.program().workflows, "workflows");
  c.names(cat.policies, "policies");
  c.names(cat.experiments, "experiments");
  for (const Experiment& experiment : cat.experiments) c.names(experiment.arms, "arms of " + experiment.name);
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
  c.require(!email.html.text.empty() || !email.text.text.empty(), "an e-mail without content");
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
    c.optional_index(message.sender, cat.senders.size(), "sender");
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
    c.names(webhook.returns, "answer of " + webhook.name);
    for (const EventParameter& field : webhook.returns) c.type(field.type);
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

void check_policy(Checker& c, const Policy& policy) {
  for (const SendLimit& limit : policy.limits) {
    c.require(limit.mail_class != MailClass::none, "a limit for mails without a class");
    c.require(limit.most >= 1 && limit.most <= kMostLimited, "a limit that cannot be kept");
    c.require(limit.per >= 1 && limit.per <= kLongestLimit, "a limit over such a time cannot be kept");
  }
}

void check_experiment(Checker& c, const Experiment& experiment) {
  const Catalogue& cat = c.catalogue();
  c.require(c.program().find_workflow(experiment.workflow) != kNone, "an experiment of no workflow");
  c.require(!experiment.arms.empty() && experiment.arms.size() <= kBuckets, "an experiment without variants");
  std::uint64_t shares = 0;
  bool has_variant = false;
  for (const ExperimentArm& arm : experiment.arms) {
    c.require(arm.share <= kBuckets, "a share of more than everything");
    shares += arm.share;
    has_variant |= !arm.is_holdout;
    c.indices(arm.emails, cat.emails, "email");
  }
  const bool has_rest = experiment.winner_by != WinnerBy::none;
  c.require(has_variant, "an experiment without variants");
  c.require(has_rest ? shares <= kBuckets : shares == kBuckets, "shares that do not make a whole");
  c.require(experiment.after >= 0 && experiment.after <= kLongestLimit, "a winner that is never known");
  const bool by_event = experiment.winner_by == WinnerBy::opens || experiment.winner_by == WinnerBy::clicks;
  c.require(by_event == (experiment.event != kNone), "a winner by an event that it does not name");
  if (by_event && c.index(experiment.event, cat.events.size(), "event")) {
    c.index(experiment.parameter, cat.events[experiment.event].parameters.size(), "field of the event");
  }
}

void check_policies(Checker& c) {
  for (const Policy& policy : c.catalogue().policies) {
    c.at("policy " + policy.name);
    check_policy(c, policy);
  }
  for (const Experiment& experiment : c.catalogue().experiments) {
    c.at("experiment " + experiment.name);
    check_experiment(c, experiment);
  }
}

void check_audience(Checker& c, const Audience& audience) {
  c.index(audience.list, c.catalogue().lists.size(), "list");
  c.optional_index(audience.webhook, c.catalogue().webhooks.size(), "webhook");
  c.require((audience.webhook == kNone) == (audience.call == kNone), "a webhook without its call");
  if (audience.call == kNone || !c.index(audience.call, c.program().calls.size(), "call")) return;
  const Call& call = c.program().calls[audience.call];
  c.require(call.webhook == audience.webhook && call.on_failure == kNone, "a call of something else");
}

void check_scoring(Checker& c, const Scoring& scoring) {
  if (!c.object(scoring.object)) return;
  c.require(!scoring.hot || within_points(*scoring.hot), "a threshold that cannot be kept");
  for (const Scoring::Band& band : scoring.bands) {
    c.require(within_points(band.points), "points that cannot be kept");
    c.function(band.condition, FunctionKind::expression, scoring.object, kNone);
  }
}

void check_report(Checker& c, const Report& report) {
  c.require(report.weekday >= -1 && report.weekday <= 6 && report.at >= -1 && report.at < 24 * 60,
            "a report at a time that does not exist");
  c.optional_index(report.user, c.catalogue().users.size(), "user");
  c.optional_index(report.team, c.catalogue().teams.size(), "team");
  const bool somebody = (report.user == kNone) != (report.team == kNone);
  c.require(report.at < 0 || somebody, "a report for nobody");
}

void check_campaign(Checker& c, const Campaign& campaign) {
  const Catalogue& cat = c.catalogue();
  c.require(campaign.from < campaign.to, "it ends before it begins");
  c.constant(value::Value::instant(campaign.from));
  c.constant(value::Value::instant(campaign.to));
  c.index(campaign.members, cat.lists.size(), "list");
  c.optional_index(campaign.candidates, cat.lists.size(), "list");
  if (c.property(campaign.object, campaign.points) && c.property(campaign.object, campaign.active)) {
    const auto& properties = cat.objects[campaign.object].properties;
    c.require(properties[campaign.points].type.kind == value::Kind::integer, "points that are no number");
    c.require(properties[campaign.active].type.kind == value::Kind::boolean, "a mark that is no truth value");
  }
  if (c.optional_index(campaign.scoring, cat.scorings.size(), "scoring") && campaign.scoring != kNone) {
    c.require(cat.scorings[campaign.scoring].object == campaign.object, "a scoring of another object");
    c.require(cat.scorings[campaign.scoring].hot.has_value(), "a scoring without a threshold");
  }
  check_report(c, campaign.digest);
  check_report(c, campaign.summary);
}

void check_campaigns(Checker& c) {
  for (const Audience& audience : c.catalogue().audiences) {
    c.at("audience " + audience.name);
    check_audience(c, audience);
  }
  for (const Scoring& scoring : c.catalogue().scorings) {
    c.at("scoring " + scoring.name);
    check_scoring(c, scoring);
  }
  for (const Campaign& campaign : c.catalogue().campaigns) {
    c.at("campaign " + campaign.name);
    check_campaign(c, campaign);
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
  check_policies(c);
  check_campaigns(c);
}

}  // namespace wf::bytecode::verifier
