// The verifier's second part: constants, functions' heads and the tables that instructions and the engine
// refer to.
#include <optional>

#include "runtime/bytecode/checker.hpp"

namespace wf::bytecode::verifier {
namespace {

// Limits that keep arithmetic on times and counts far from overflow; no real program comes near.
constexpr std::int64_t kMaxSpan = 1000 * 366 * value::kDay;
constexpr std::int32_t kMaxBusinessDays = 10'000;
constexpr std::int64_t kMaxBusiness = 10'000 * value::kDay;
constexpr std::int32_t kMaxMonths = 1000 * 12;
constexpr std::int32_t kMaxDays = 1000 * 366;
constexpr std::uint32_t kMaxOccurrences = 1'000'000;
constexpr std::uint32_t kMaxRetries = 1000;
constexpr std::size_t kMaxHops = 16;
/// Bounds what the verifier remembers about one function.
constexpr std::uint32_t kMaxFunctionWords = 1u << 18;

bool within(std::int64_t n, std::int64_t low, std::int64_t high) {
  return low <= n && n <= high;
}

void check_functions(Checker& c) {
  std::size_t begin = 0;
  const auto& functions = c.program().functions;
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const Function& f = functions[i];
    c.at("function", i);
    c.require(f.begin == begin && f.end > f.begin, "functions must follow each other without gaps");
    c.index(f.end - 1, c.program().code.size(), "word");
    c.require(f.end - f.begin <= kMaxFunctionWords, "too many words");
    begin = f.end;
    c.object(f.object);
    c.optional_index(f.event, c.catalogue().events.size(), "event");
    c.require(f.locals <= kMaxLocals, "too many locals");
  }
  c.at("code");
  c.require(begin == c.program().code.size(), "code outside of all functions");
}

void check_counter(Checker& c, const Counter& counter) {
  c.require(!counter.key.empty(), "a counter without a key");
  c.require(within(counter.window, 0, kMaxSpan), "a window that long cannot be kept");
  c.require(within(counter.limit, 1, kMaxOccurrences), "a limit that cannot be kept");
  if (!c.object(counter.object)) return;
  if (counter.kind == CounterKind::event) {
    c.require(counter.property == kNone, "a counter of events with a property");
    c.match(counter.match, counter.object);
  } else {
    c.require(counter.match.event == kNone && counter.match.filters.empty() && counter.match.where == kNone,
              "a counter of values with an event");
    if (!c.property(counter.object, counter.property)) return;
    c.constant_of(c.catalogue().objects[counter.object].properties[counter.property].type, counter.became);
  }
}

void check_counters(Checker& c) {
  std::set<std::string_view> keys;
  const auto& counters = c.program().counters;
  for (std::size_t i = 0; i < counters.size(); ++i) {
    c.at("counter", i);
    check_counter(c, counters[i]);
    c.require(keys.insert(counters[i].key).second, "the key occurs twice");
  }
}

void check_schedule(Checker& c, const Moment& m) {
  using Every = value::Schedule::Every;
  const value::Schedule& s = m.recurs;
  const bool by_weekday = s.every == Every::week || (s.every == Every::month && s.nth != 0);
  c.require(within(s.weekdays, by_weekday ? 1 : 0, 0x7f), "a schedule without weekdays");
  c.require(
      within(s.nth, -1, 4) && within(s.day, 1, 31) && within(s.month, 1, 12) && within(s.at, 0, 24 * 60),
      "a schedule on a day that does not exist");
  c.require(s.every == Every::none || s.every == Every::year || !m.has_anchor,
            "an anchor that nothing reads");
}

void check_business(Checker& c, const Moment& m) {
  c.optional_index(m.calendar, c.catalogue().calendars.size(), "calendar");
  c.require(m.calendar != kNone || (m.business_days == 0 && m.business == 0), "business time of no calendar");
  c.require(m.calendar == kNone || m.has_anchor, "business time from nowhere");
  c.require(within(m.business_days, -kMaxBusinessDays, kMaxBusinessDays) &&
                within(m.business, -kMaxBusiness, kMaxBusiness),
            "an offset that leaves the calendar");
}

void check_times(Checker& c) {
  const Program& p = c.program();
  for (std::size_t i = 0; i < p.moments.size(); ++i) {
    const Moment& m = p.moments[i];
    c.at("moment", i);
    c.zone(m.zone);
    c.require(within(m.offset, -kMaxSpan, kMaxSpan) && within(m.offset_days, -kMaxDays, kMaxDays) &&
                  within(m.offset_months, -kMaxMonths, kMaxMonths),
              "an offset that leaves the calendar");
    c.require(within(m.at, -1, 24 * 60), "a time of day that does not exist");
    c.require(within(m.next_weekday, -1, 6), "a weekday that does not exist");
    check_schedule(c, m);
    check_business(c, m);
  }
  for (std::size_t i = 0; i < p.windows.size(); ++i) {
    c.at("window", i);
    c.require(within(static_cast<std::int64_t>(p.windows[i].all.size()), 1, kMaxStack),
              "a window without hours");
    for (const Opening& opening : p.windows[i].all) {
      c.zone(opening.zone);
      c.weekly(opening.hours);
    }
  }
}

/// Follows a path from `object`; nothing when a hop does not lead on.
std::optional<std::uint32_t> end_of(Checker& c, const std::vector<Hop>& path, std::uint32_t object) {
  if (!c.require(!path.empty() && path.size() <= kMaxHops, "a path of no length, or too long"))
    return std::nullopt;
  for (const Hop& hop : path) {
    if (!c.property(hop.object, hop.property)) return std::nullopt;
    const Type& type = c.catalogue().objects[hop.object].properties[hop.property].type;
    if (!c.require(type.kind == value::Kind::ref && (hop.back ? type.aux : hop.object) == object,
                   "a path along something that does not lead on")) {
      return std::nullopt;
    }
    object = hop.back ? hop.object : type.aux;
  }
  return object;
}

void check_counters_of(Checker& c, const std::vector<std::uint32_t>& counters, std::uint32_t object) {
  for (const std::uint32_t counter : counters) {
    if (!c.index(counter, c.program().counters.size(), "counter")) continue;
    c.require(c.program().counters[counter].object == object, "a counter of another object");
  }
}

void check_reads_elsewhere(Checker& c, const std::vector<RelatedRead>& reads, std::uint32_t object) {
  for (const RelatedRead& read : reads) {
    const auto end = end_of(c, read.path, object);
    if (!end || !c.require(*end == read.object, "a path that ends elsewhere")) continue;
    c.properties(read.object, read.properties);
    if (c.optional_index(read.relation, c.program().relations.size(), "relation") && read.relation != kNone) {
      c.require(c.program().relations[read.relation].object == read.object, "a relation to another object");
    }
    check_counters_of(c, read.counters, read.object);
    c.indices(read.lists, c.catalogue().lists, "list");
  }
}

void check_edge(Checker& c, const RelatedEdge& edge, std::uint32_t object) {
  if (edge.path.empty()) {
    c.require(edge.became == kNone && edge.where == kNone, "an edge without a path");
    return;
  }
  const auto end = end_of(c, edge.path, object);
  if (!end || !c.require(*end == edge.object, "a path that ends elsewhere")) return;
  c.require(edge.became != kNone, "an edge without its condition");
  c.optional_function(edge.became, edge.object);
  c.optional_function(edge.where, edge.object);
  c.properties(edge.object, edge.properties);
  check_counters_of(c, edge.counters, edge.object);
  c.indices(edge.lists, c.catalogue().lists, "list");
}

void check_relation(Checker& c, const Relation& r) {
  if (!c.object(r.object) || !c.optional_function(r.where, r.object)) return;
  if (r.property == kNone) {
    c.require(r.primary == kNone, "a primary one where there is only one");
    return;
  }
  if (!c.property(r.object, r.property)) return;
  const Type& type = c.catalogue().objects[r.object].properties[r.property].type;
  if (!c.require(type.kind == value::Kind::ref, "a relation by something that is no association")) return;
  if (r.primary == kNone || !c.property(type.aux, r.primary)) return;
  const Type& primary = c.catalogue().objects[type.aux].properties[r.primary].type;
  c.require(primary.kind == value::Kind::ref && primary.aux == r.object,
            "the primary one is of another object");
}

void check_create(Checker& c, const Create& create) {
  if (!c.object(create.object)) return;
  c.require(create.properties.size() <= kMaxStack, "too many values");
  std::set<std::uint32_t> seen;
  for (const std::uint32_t property : create.properties) {
    if (!c.property(create.object, property)) continue;
    c.require(seen.insert(property).second, "the same property twice");
  }
}

void check_records(Checker& c) {
  const Program& p = c.program();
  for (std::size_t i = 0; i < p.relations.size(); ++i) {
    c.at("relation", i);
    check_relation(c, p.relations[i]);
  }
  for (std::size_t i = 0; i < p.collects.size(); ++i) {
    c.at("collect", i);
    c.index(p.collects[i].relation, p.relations.size(), "relation");
    c.require(
        p.collects[i].count >= 1 && p.collects[i].count <= kMaxLocals && p.collects[i].first <= kMaxLocals,
        "a number of locals out of range");
  }
  for (std::size_t i = 0; i < p.creates.size(); ++i) {
    c.at("create", i);
    check_create(c, p.creates[i]);
  }
  for (std::size_t i = 0; i < p.rotations.size(); ++i) {
    c.at("rotation", i);
    c.require(!p.rotations[i].key.empty(), "a rotation without a key");
    c.require(!p.rotations[i].users.empty(), "a rotation of nobody");
    c.indices(p.rotations[i].users, c.catalogue().users, "user");
  }
}

void check_wait(Checker& c, const Wait& wait) {
  c.optional_index(wait.step, c.program().steps.size(), "step");
  if (wait.kind != WaitKind::until) {
    c.require(wait.recompute == kNone && wait.anchors.empty() && wait.anchors_elsewhere.empty(),
              "only a wait for a moment has anchors");
  }
  c.require(wait.sent == kNone || wait.kind == WaitKind::event, "only a wait for an event reacts to a send");
  if (wait.kind == WaitKind::reply) {
    if (c.index(wait.call, c.program().calls.size(), "call")) {
      c.require(c.program().calls[wait.call].reply != kNone, "waits for a call that brings no answer");
    }
  } else {
    c.require(wait.call == kNone, "only a wait for an answer has a call");
  }
  if (wait.kind != WaitKind::event) {
    c.require(wait.match.event == kNone && wait.match.filters.empty() && wait.match.where == kNone,
              "only a wait for an event matches one");
  } else if (c.optional_index(wait.match.where, c.program().functions.size(), "function")) {
    // Which object it runs over is known where the wait is used; the match must be sound in any case.
    const std::uint32_t where = wait.match.where;
    c.match(wait.match, where == kNone ? kNone : c.program().functions[where].object);
  }
}

void check_send(Checker& c, const Send& send) {
  if (!c.index(send.email, c.catalogue().emails.size(), "email")) return;
  const Email& email = c.catalogue().emails[send.email];
  c.require(send.mail_class != MailClass::none, "a send without a class");
  c.require(send.mail_class == email.mail_class, "its class is not the e-mail's");
  c.require(send.topic == email.topic, "its topic is not the e-mail's");
  c.require(send.mail_class != MailClass::marketing || send.topic != kNone, "marketing without a topic");
  c.require(send.arguments <= kMaxStack, "too many arguments");
  c.require(send.own_subject ? send.arguments >= email.placeholders.size()
                             : send.arguments == email.placeholders.size(),
            "its arguments are not the e-mail's");
  c.require(send.own_subject || send.subject.text.empty(), "a subject that is not used");
  c.text_template(send.subject, send.arguments);
}

void check_call(Checker& c, const Call& call) {
  if (c.index(call.webhook, c.catalogue().webhooks.size(), "webhook"))
    c.text_template(c.catalogue().webhooks[call.webhook].payload, call.fields.size());
  c.require(call.fields.size() <= kMaxStack, "too many fields");
  c.require(call.retries == kNone || call.retries <= kMaxRetries, "too many retries");
  c.require(within(call.over, 0, kMaxSpan), "retries over such a time cannot be kept");
  c.optional_index(call.on_failure, c.program().functions.size(), "function");
}

void check_effects(Checker& c) {
  const Program& p = c.program();
  for (std::size_t i = 0; i < p.sends.size(); ++i) {
    c.at("send", i);
    check_send(c, p.sends[i]);
  }
  for (std::size_t i = 0; i < p.notifies.size(); ++i) {
    c.at("notify", i);
    if (!c.index(p.notifies[i].message, c.catalogue().messages.size(), "message")) continue;
    const Message& message = c.catalogue().messages[p.notifies[i].message];
    c.require(p.notifies[i].arguments == message.placeholders.size(), "its arguments are not the message's");
  }
  for (std::size_t i = 0; i < p.calls.size(); ++i) {
    c.at("call", i);
    check_call(c, p.calls[i]);
  }
}

void check_reads(Checker& c, const Trigger& t, std::uint32_t object) {
  check_reads_elsewhere(c, t.reads_elsewhere, object);
  c.properties(object, t.reads_properties);
  c.indices(t.reads_counters, c.program().counters, "counter");
  c.indices(t.reads_lists, c.catalogue().lists, "list");
}

void check_reenroll(Checker& c, const Reenroll& r, std::uint32_t object) {
  c.optional_function(r.key, object);
  const int keys = (r.key_is_event ? 1 : 0) + (r.key != kNone ? 1 : 0);
  c.require(keys == (r.mode == ReenrollMode::each_key ? 1 : 0), "re-enrolment with the wrong number of keys");
  c.require(within(r.at_most_once_per, 0, kMaxSpan), "a re-enrolment interval that cannot be kept");
}

void check_trigger(Checker& c, const Trigger& t, std::uint32_t object) {
  const bool on_event = t.kind == TriggerKind::event;
  const bool on_list = t.kind == TriggerKind::list_added || t.kind == TriggerKind::list_removed;
  const bool on_condition = t.kind == TriggerKind::becomes || t.kind == TriggerKind::condition ||
                            t.kind == TriggerKind::moment || t.kind == TriggerKind::schedule;
  if (on_event) {
    c.match(t.match, object);
    c.require(t.times == 0 || t.counter != kNone, "a number of times without a counter");
  } else {
    c.require(t.match.event == kNone && t.match.where == kNone && t.match.filters.empty() && t.times == 0,
              "an event of a trigger that is none");
  }
  if (c.optional_index(t.counter, c.program().counters.size(), "counter") && t.counter != kNone) {
    c.require(c.program().counters[t.counter].object == object, "a counter of another object");
  }
  if (t.kind == TriggerKind::changes || t.property != kNone) c.property(object, t.property);
  if (on_list || t.list != kNone) c.index(t.list, c.catalogue().lists.size(), "list");
  c.require(!on_condition || t.condition != kNone, "a trigger without its condition");
  c.optional_function(t.condition, object);
  c.optional_function(t.guard, object, on_event ? t.match.event : kNone);
  c.optional_function(t.retest, object);
  c.require(within(t.late_within, 0, kMaxSpan), "a lateness that cannot be kept");
  c.require((t.kind == TriggerKind::related) == !t.edge.path.empty(), "an edge of a trigger that is none");
  check_edge(c, t.edge, object);
  c.require(t.own_reenroll || t.reenroll.mode == ReenrollMode::never, "a re-enrolment that does not count");
  check_reenroll(c, t.reenroll, object);
  check_reads(c, t, object);
}

void check_pauses(Checker& c, const Workflow& w) {
  if (!w.pauses.empty()) c.zone(w.pause_zone);
  for (std::size_t i = 0; i < w.pauses.size(); ++i) {
    c.constant(value::Value::date(w.pauses[i].from));
    c.constant(value::Value::date(w.pauses[i].to));
    c.require(w.pauses[i].from <= w.pauses[i].to, "a pause that ends before it begins");
    c.require(i == 0 || w.pauses[i - 1].to < w.pauses[i].from, "pauses out of order");
  }
  c.require(within(w.late.after, 0, kMaxSpan), "a lateness that cannot be kept");
}

/// What a campaign or sequence adds to a workflow.
void check_part(Checker& c, const Workflow& w) {
  for (const Exit& exit : w.exits) c.match(exit.match, w.object);
  if (w.enter_until != 0) c.constant(value::Value::instant(w.enter_until));
  if (w.ends_at != 0) c.constant(value::Value::instant(w.ends_at));
  c.require((w.campaign == kNone) == (w.part == CampaignPart::none), "a part of no campaign");
  if (w.campaign == kNone || !c.index(w.campaign, c.catalogue().campaigns.size(), "campaign")) return;
  c.require(c.catalogue().campaigns[w.campaign].object == w.object, "a campaign on another object");
}

void check_workflows(Checker& c) {
  const Program& p = c.program();
  for (const Workflow& w : p.workflows) {
    c.at("workflow " + w.name);
    if (!c.object(w.object)) continue;
    c.function(w.body, FunctionKind::body, w.object, kNone);
    for (const std::uint32_t f : {w.unless, w.goal, w.cancel}) c.optional_function(f, w.object);
    c.indices(w.suppress, c.catalogue().lists, "list");
    c.indices(w.steps, p.steps, "step");
    check_reenroll(c, w.reenroll, w.object);
    check_pauses(c, w);
    for (const Kpi& kpi : w.kpis) c.constant(value::Value::date(kpi.by));
    check_part(c, w);
    check_reads_elsewhere(c, w.exits_read, w.object);
    check_edge(c, w.goal_edge, w.object);
    for (std::size_t i = 0; i < w.triggers.size(); ++i) {
      c.at("workflow " + w.name + ", trigger " + std::to_string(i));
      check_trigger(c, w.triggers[i], w.object);
    }
  }
}

}  // namespace

void check_tables(Checker& c) {
  const Program& p = c.program();
  for (std::size_t i = 0; i < p.constants.size(); ++i) {
    c.at("constant", i);
    c.constant(p.constants[i]);
  }
  check_functions(c);
  for (std::size_t i = 0; i < p.fields.size(); ++i) {
    c.at("field", i);
    c.property(p.fields[i].object, p.fields[i].property);
  }
  check_counters(c);
  check_times(c);
  for (std::size_t i = 0; i < p.waits.size(); ++i) {
    c.at("wait", i);
    check_wait(c, p.waits[i]);
  }
  check_effects(c);
  check_records(c);
  for (std::size_t i = 0; i < p.steps.size(); ++i) {
    c.at("step", i);
    c.index(p.steps[i].file, p.files.size(), "file");
  }
  check_workflows(c);
}

}  // namespace wf::bytecode::verifier
