// What a bundle stores of each struct, in order: one description that both the encoder and the decoder
// follow, so that they cannot disagree. A changed field here is a new format version.
#pragma once

#include <concepts>
#include <type_traits>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode::bundle {

/// The highest value of each stored enum; the decoder refuses more.
template <class E>
inline constexpr E kLast = E{};
template <>
inline constexpr value::Kind kLast<value::Kind> = value::Kind::map;
template <>
inline constexpr Format kLast<Format> = Format::timezone;
template <>
inline constexpr PlaceholderSource kLast<PlaceholderSource> = PlaceholderSource::sender_address;
template <>
inline constexpr MailClass kLast<MailClass> = MailClass::internal;
template <>
inline constexpr FunctionKind kLast<FunctionKind> = FunctionKind::body;
template <>
inline constexpr CounterKind kLast<CounterKind> = CounterKind::became;
template <>
inline constexpr WaitKind kLast<WaitKind> = WaitKind::reply;
template <>
inline constexpr TriggerKind kLast<TriggerKind> = TriggerKind::related;
template <>
inline constexpr value::Schedule::Every kLast<value::Schedule::Every> = value::Schedule::Every::year;
template <>
inline constexpr LatePolicy kLast<LatePolicy> = LatePolicy::hold;
template <>
inline constexpr EndReason kLast<EndReason> = kLastEndReason;
template <>
inline constexpr CampaignPart kLast<CampaignPart> = CampaignPart::responded;
template <>
inline constexpr ReenrollMode kLast<ReenrollMode> = ReenrollMode::each_key;
template <>
inline constexpr WhenBlocked kLast<WhenBlocked> = WhenBlocked::delay;
template <>
inline constexpr OnDeploy kLast<OnDeploy> = OnDeploy::restart;
template <>
inline constexpr WinnerBy kLast<WinnerBy> = WinnerBy::goal;

/// T& for the decoder, const T& for the encoder.
template <class A, class T>
using Ref = std::conditional_t<A::kReading, T&, const T&>;

// ---- catalogue
// --------------------------------------------------------------------------------------------------

template <class A>
void fields(A& a, Ref<A, Type> t) {
  a(t.kind, t.format, t.aux, t.nullable);
}
template <class A>
void fields(A& a, Ref<A, EnumType> e) {
  a(e.name, e.values, e.titles, e.ordered);
}
template <class A>
void fields(A& a, Ref<A, Property> p) {
  a(p.name, p.title, p.type, p.initial, p.unique, p.pii, p.immutable, p.owned, p.hidden, p.minimum,
    p.maximum);
}
template <class A>
void fields(A& a, Ref<A, Inverse> i) {
  a(i.name, i.object, i.property, i.primary);
}
template <class A>
void fields(A& a, Ref<A, Object> o) {
  a(o.name, o.properties, o.inverses);
}
template <class A>
void fields(A& a, Ref<A, EventParameter> p) {
  a(p.name, p.type);
}
template <class A>
void fields(A& a, Ref<A, EventType> e) {
  a(e.name, e.object, e.parameters);
}
template <class A>
void fields(A& a, Ref<A, TemplateRead> r) {
  a(r.path, r.source, r.argument);
}
template <class A>
void fields(A& a, Ref<A, Partial> p) {
  a(p.name, p.text);
}
template <class A>
void fields(A& a, Ref<A, Template> t) {
  a(t.text, t.reads, t.partials);
}
template <class A>
void fields(A& a, Ref<A, Sender> s) {
  a(s.name, s.display_name, s.address, s.postal_address);
}
template <class A>
void fields(A& a, Ref<A, Topic> t) {
  a(t.name, t.title);
}
template <class A>
void fields(A& a, Ref<A, Email> e) {
  a(e.name, e.mail_class, e.topic, e.sender, e.subject, e.html, e.text, e.placeholders, e.reply_to);
}
template <class A>
void fields(A& a, Ref<A, Message> m) {
  a(m.name, m.subject, m.body, m.placeholders, m.sender);
}
template <class A>
void fields(A& a, Ref<A, FormField> f) {
  a(f.property, f.required);
}
template <class A>
void fields(A& a, Ref<A, Form> f) {
  a(f.name, f.title, f.fields, f.creates);
}
template <class A>
void fields(A& a, Ref<A, Page> p) {
  a(p.name, p.urls);
}
template <class A>
void fields(A& a, Ref<A, Occasion> o) {
  a(o.name, o.starts_at, o.ends_at, o.zone);
}
template <class A>
void fields(A& a, Ref<A, StaticList> l) {
  a(l.name, l.title);
}
template <class A>
void fields(A& a, Ref<A, User> u) {
  a(u.name, u.email, u.title);
}
template <class A>
void fields(A& a, Ref<A, Team> t) {
  a(t.name, t.email, t.title, t.members);
}
template <class A>
void fields(A& a, Ref<A, Webhook> w) {
  a(w.name, w.url, w.url_secret, w.sign_secret, w.accepts_pii, w.returns, w.payload);
}
template <class A>
void fields(A& a, Ref<A, Segment> s) {
  a(s.name, s.title, s.object, s.condition);
}
template <class A>
void fields(A& a, Ref<A, value::WeeklyWindow> w) {
  a(w.days, w.from, w.to);
}
template <class A>
void fields(A& a, Ref<A, Calendar> c) {
  a(c.name, c.title, c.hours.zone, c.hours.open, c.hours.closed, c.known_until);
}
template <class A>
void fields(A& a, Ref<A, SendLimit> l) {
  a(l.mail_class, l.most, l.per);
}
template <class A>
void fields(A& a, Ref<A, Policy> p) {
  a(p.name, p.limits, p.marketing_contacts);
}
template <class A>
void fields(A& a, Ref<A, ExperimentArm> e) {
  a(e.name, e.share, e.is_holdout, e.emails);
}
template <class A>
void fields(A& a, Ref<A, Experiment> e) {
  a(e.name, e.workflow, e.arms, e.winner_by, e.after, e.event, e.parameter);
}
template <class A>
void fields(A& a, Ref<A, Video> v) {
  a(v.name, v.title, v.url);
}
template <class A>
void fields(A& a, Ref<A, Survey> s) {
  a(s.name, s.title, s.url, s.fields);
}
template <class A>
void fields(A& a, Ref<A, Audience> x) {
  a(x.name, x.title, x.platform, x.list, x.webhook, x.call);
}
template <class A>
void fields(A& a, Ref<A, Scoring::Band> b) {
  a(b.points, b.condition, b.label);
}
template <class A>
void fields(A& a, Ref<A, Scoring> s) {
  a(s.name, s.title, s.object, s.hot, s.bands);
}
template <class A>
void fields(A& a, Ref<A, Report> r) {
  a(r.weekday, r.at, r.user, r.team);
}
template <class A>
void fields(A& a, Ref<A, Campaign> c) {
  a(c.name, c.title, c.object, c.on, c.from, c.to, c.members, c.candidates, c.points, c.active, c.scoring);
  a(c.digest, c.summary);
}
template <class A>
void fields(A& a, Ref<A, Catalogue> c) {
  a(c.project, c.zone, c.locale, c.enums, c.objects, c.events, c.senders, c.topics, c.emails, c.messages);
  a(c.forms, c.pages, c.links, c.occasions, c.lists, c.segments, c.users, c.teams, c.webhooks, c.calendars);
  a(c.calendar, c.policies, c.experiments);
  a(c.videos, c.surveys, c.audiences, c.scorings, c.campaigns);
}

// ---- tables of the code
// -----------------------------------------------------------------------------------------

/// max_stack is not stored: the verifier computes it when the bundle is read.
template <class A>
void fields(A& a, Ref<A, Function> f) {
  a(f.kind, f.begin, f.end, f.object, f.event, f.locals);
}
template <class A>
void fields(A& a, Ref<A, FieldRef> f) {
  a(f.object, f.property);
}
template <class A>
void fields(A& a, Ref<A, Hop> h) {
  a(h.object, h.property, h.back);
}
template <class A>
void fields(A& a, Ref<A, RelatedRead> r) {
  a(r.path, r.object, r.properties, r.counters, r.lists, r.tags, r.relation);
}
template <class A>
void fields(A& a, Ref<A, Relation> r) {
  a(r.object, r.property, r.where, r.limit, r.primary);
}
template <class A>
void fields(A& a, Ref<A, Collect> c) {
  a(c.relation, c.first, c.count);
}
template <class A>
void fields(A& a, Ref<A, Create> c) {
  a(c.object, c.properties, c.label);
}
template <class A>
void fields(A& a, Ref<A, Rotation> r) {
  a(r.key, r.users);
}
template <class A>
void fields(A& a, Ref<A, RelatedEdge> e) {
  a(e.path, e.object, e.became, e.where, e.properties, e.counters, e.lists, e.tags);
}
template <class A>
void fields(A& a, Ref<A, EventMatch::Filter> f) {
  a(f.parameter, f.value);
}
template <class A>
void fields(A& a, Ref<A, EventMatch> m) {
  a(m.event, m.filters, m.where);
}
template <class A>
void fields(A& a, Ref<A, Counter> c) {
  a(c.key, c.kind, c.object, c.match, c.property, c.became, c.window, c.limit);
}
template <class A>
void fields(A& a, Ref<A, value::Schedule> s) {
  a(s.every, s.weekdays, s.nth, s.day, s.month, s.at);
}
template <class A>
void fields(A& a, Ref<A, Moment> m) {
  a(m.has_anchor, m.dynamic_zone, m.zone, m.offset, m.offset_months, m.offset_days, m.at, m.next_weekday);
  a(m.calendar, m.business_days, m.business, m.recurs);
}
template <class A>
void fields(A& a, Ref<A, Opening> o) {
  a(o.hours, o.dynamic_zone, o.zone);
}
template <class A>
void fields(A& a, Ref<A, Window> w) {
  a(w.all);
}
template <class A>
void fields(A& a, Ref<A, Wait> w) {
  a(w.kind, w.step, w.recompute, w.anchors, w.match, w.sent, w.call, w.anchors_elsewhere);
}
template <class A>
void fields(A& a, Ref<A, Send> s) {
  a(s.email, s.mail_class, s.topic, s.arguments, s.own_subject, s.subject, s.label);
}
template <class A>
void fields(A& a, Ref<A, Task> t) {
  a(t.has_due, t.has_about, t.label);
}
template <class A>
void fields(A& a, Ref<A, Notify> n) {
  a(n.message, n.arguments, n.by_mail, n.in_app);
}
template <class A>
void fields(A& a, Ref<A, Call> c) {
  a(c.webhook, c.fields, c.retries, c.over, c.on_failure, c.reply);
}
template <class A>
void fields(A& a, Ref<A, Step> s) {
  a(s.label, s.file, s.line, s.column);
}
template <class A>
void fields(A& a, Ref<A, Reenroll> r) {
  a(r.mode, r.key_is_event, r.key, r.at_most_once_per, r.restart);
}
template <class A>
void fields(A& a, Ref<A, Trigger> t) {
  a(t.kind, t.match, t.times, t.counter, t.property, t.list, t.condition, t.guard, t.late_ok, t.late_within);
  a(t.reads_properties, t.reads_counters, t.reads_lists, t.reads_tags, t.reads_elsewhere, t.retest, t.edge);
  a(t.own_reenroll, t.reenroll);
}
template <class A>
void fields(A& a, Ref<A, Pause> p) {
  a(p.from, p.to);
}
template <class A>
void fields(A& a, Ref<A, Late> l) {
  a(l.policy, l.after);
}
template <class A>
void fields(A& a, Ref<A, Kpi> k) {
  a(k.title, k.target, k.percent, k.by);
}
template <class A>
void fields(A& a, Ref<A, Exit> e) {
  a(e.match, e.reason);
}
template <class A>
void fields(A& a, Ref<A, Workflow> w) {
  a(w.name, w.title, w.owner, w.object, w.body, w.triggers, w.suppress, w.unless, w.goal, w.goal_is_edge);
  a(w.cancel, w.exits_read, w.goal_edge, w.reenroll, w.existing, w.manual, w.priority, w.steps, w.pauses);
  a(w.pause_zone, w.late);
  a(w.exclusive_group, w.when_blocked, w.on_deploy, w.allow_loop, w.kpis);
  a(w.exits, w.enter_until, w.ends_at, w.campaign, w.part);
}

// ---- sections
// ---------------------------------------------------------------------------------------------------

/// In this order, each exactly once.
enum class Section : std::uint32_t { catalogue = 1, code, constants, functions, tables, steps, files };
inline constexpr std::uint32_t kSections = static_cast<std::uint32_t>(Section::files);

template <class A>
void section(A& a, Section s, Ref<A, Program> p) {
  switch (s) {
    case Section::catalogue:
      a(p.catalogue);
      break;
    case Section::code:
      a.words(p.code);
      break;
    case Section::constants:
      a(p.constants);
      break;
    case Section::functions:
      a(p.functions);
      break;
    case Section::tables:
      a(p.fields, p.counters, p.moments, p.windows, p.waits, p.sends, p.tasks, p.notifies, p.calls,
        p.relations, p.collects, p.creates, p.rotations, p.workflows);
      break;
    case Section::steps:
      a(p.steps);
      break;
    case Section::files:
      a(p.files);
      break;
  }
}

}  // namespace wf::bytecode::bundle
