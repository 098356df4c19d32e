#include "compiler/sema/events.hpp"

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/relations.hpp"
#include "compiler/sema/witness.hpp"

namespace wf::sema {
namespace {

using schema::path_text;
using value::Kind;

std::vector<std::string> event_names(const Context& context) {
  std::vector<std::string> names;
  for (const bytecode::EventType& event : context.catalogue().events) names.push_back(event.name);
  return names;
}

std::uint32_t find_generic(Context& context, const ast::EventPhrase& phrase) {
  const std::uint32_t event = context.catalogue().find_event(phrase.verb.text);
  if (event == kNone && !context.schema.events_incomplete) {
    schema::report_unknown(context.sink, Code::unknown_event, phrase.verb.span,
                           "no event is named `" + phrase.verb.text + "`", phrase.verb.text,
                           event_names(context));
  }
  return event;
}

std::uint32_t find_by_phrase(Context& context, ResourceKind kind, const ast::EventPhrase& phrase) {
  const std::string preposition = phrase.preposition ? phrase.preposition->text : "";
  std::vector<std::string> verbs;
  for (std::size_t i = 0; i < context.schema.events.size(); ++i) {
    const auto& pattern = context.schema.events[i].pattern;
    if (!pattern || pattern->kind != kind || pattern->preposition != preposition) continue;
    if (pattern->verb == phrase.verb.text) return static_cast<std::uint32_t>(i);
    verbs.push_back(pattern->verb);
  }
  if (context.schema.events_incomplete) return kNone;
  const std::string word = bytecode::to_string(kind);
  auto& d = schema::report_unknown(
      context.sink, Code::unknown_event, phrase.verb.span,
      "no event of " + schema::with_article(word) + " reads `" + phrase.verb.text + "`", phrase.verb.text,
      verbs);
  if (!verbs.empty())
    d.notes.push_back("events of " + schema::with_article(word) + ": " + schema::one_of(verbs));
  return kNone;
}

/// The send site of a label; kNone when no label has this name.
std::uint32_t label_index(const Scope& scope, const std::string& name) {
  if (!scope.workflow) return kNone;
  for (LabelName& label : scope.workflow->labels) {
    if (label.name != name) continue;
    label.used = true;
    return label.site;
  }
  return kNone;
}

bool report_unknown_subject(Context& context, const Scope& scope, const ast::EventPhrase& phrase) {
  const ast::Path& subject = *phrase.subject;
  std::vector<std::string> names;
  if (scope.workflow) {
    for (const LabelName& label : scope.workflow->labels) names.push_back(label.name);
  }
  if (subject.parts.size() > 1) {
    for (std::size_t i = 0; i < schema::kResourceKinds; ++i) {
      names.emplace_back(bytecode::to_string(static_cast<ResourceKind>(i)));
    }
    schema::report_unknown(context.sink, Code::unknown_kind, subject.parts[0].span,
                           "`" + subject.parts[0].text + "` is no kind of resource", subject.parts[0].text,
                           names);
    return false;
  }
  auto& d = schema::report_unknown(context.sink, Code::unknown_name, subject.span,
                                   "no send has the label `" + subject.parts[0].text + "`",
                                   subject.parts[0].text, names);
  d.notes.push_back(
      "`" + path_text(subject) + " " + phrase.verb.text +
      "` reads as an event: what stands before its verb is a reference such as `form.ebook` or a label");
  return false;
}

bool workflow_sends(const Scope& scope, std::uint32_t email) {
  if (!scope.workflow) return false;
  for (const SendSite& site : scope.workflow->sites) {
    if (site.email == email) return true;
  }
  return false;
}

void filter_by(EventMatch& match, const Context& context, ResourceKind kind, std::uint32_t index) {
  const std::uint32_t parameter = context.schema.events[match.event].pattern->parameter;
  match.filters.push_back({parameter, value::Value::resource(static_cast<std::uint32_t>(kind), index)});
}

/// Fills in event and filter from the subject. False after a report.
bool resolve_subject(Context& context, const Scope& scope, const ast::EventPhrase& phrase, EventUse& use) {
  const ast::Path& subject = *phrase.subject;
  const auto reference = schema::reference_of(subject);
  if (!reference) {
    use.label = subject.parts.size() == 1 ? label_index(scope, subject.parts[0].text) : kNone;
    if (use.label == kNone) return report_unknown_subject(context, scope, phrase);
    use.match.event = find_by_phrase(context, ResourceKind::email, phrase);
    if (use.match.event == kNone) return false;
    use.email = scope.workflow->sites[use.label].email;
    if (use.email == kNone) return false;  // its send has been reported
    filter_by(use.match, context, ResourceKind::email, use.email);
    return true;
  }
  use.match.event = find_by_phrase(context, reference->kind, phrase);
  if (use.match.event == kNone) return false;
  if (reference->name->text == "any") return true;
  const std::uint32_t index = resolve_resource(context, reference->kind, *reference->name);
  if (index == kNone) return false;
  filter_by(use.match, context, reference->kind, index);
  if (reference->kind == ResourceKind::email && workflow_sends(scope, index)) use.email = index;
  return true;
}

bool check_event_object(Context& context, const Scope& scope, const ast::EventPhrase& phrase,
                        std::uint32_t event) {
  const std::uint32_t object = context.catalogue().events[event].object;
  if (object == scope.object || scope.object == kNone) return true;
  const auto& objects = context.catalogue().objects;
  auto& d = context.sink.report(
      Code::wrong_object, phrase.span,
      "this event belongs to a " + objects[object].name + ", not to a " + objects[scope.object].name);
  d.secondary.push_back({context.schema.events[event].name, "declared here"});
  return false;
}

}  // namespace

std::optional<EventUse> resolve_event(Context& context, const Scope& scope, const ast::EventPhrase& phrase) {
  EventUse use;
  if (phrase.generic || !phrase.subject) {
    use.match.event = find_generic(context, phrase);
    if (use.match.event == kNone) return std::nullopt;
  } else if (!resolve_subject(context, scope, phrase, use)) {
    return std::nullopt;
  }
  if (!check_event_object(context, scope, phrase, use.match.event)) return std::nullopt;
  if (phrase.where) {
    Scope inside;
    inside.object = scope.object;
    inside.event = use.match.event;
    inside.in_where = true;
    use.match.where = check_condition(context, inside, *phrase.where);
    if (!use.match.where) return std::nullopt;
  }
  return use;
}

std::optional<ListChange> as_list_change(Context& context, const ast::EventPhrase& phrase) {
  if (!phrase.subject || !phrase.preposition) return std::nullopt;
  const auto reference = schema::reference_of(*phrase.subject);
  if (!reference || !has_member_list(reference->kind)) return std::nullopt;
  const bool added = phrase.verb.text == "added" && phrase.preposition->text == "to";
  const bool removed = phrase.verb.text == "removed" && phrase.preposition->text == "from";
  if (!added && !removed) return std::nullopt;
  const std::uint32_t index = resolve_resource(context, reference->kind, *reference->name);
  return ListChange{added, index == kNone ? kNone : member_list(context, reference->kind, index)};
}

namespace {

/// The index of the counter with this key, added if it is new.
std::uint32_t add_counter(Context& context, Counter counter) {
  auto& counters = context.module.counters;
  const auto next = static_cast<std::uint32_t>(counters.size());
  const auto [entry, added] = context.counters.emplace(counter.head.key, next);
  if (added) counters.push_back(std::move(counter));
  return entry->second;
}

}  // namespace

std::uint32_t counter_for(Context& context, std::uint32_t object, const EventMatch& match,
                          std::int64_t window) {
  const bytecode::Catalogue& c = context.catalogue();
  std::string key = "event " + c.events[match.event].name;
  for (const auto& filter : match.filters) {
    const auto kind = static_cast<ResourceKind>(filter.value.aux());
    key += " " + c.events[match.event].parameters[filter.parameter].name + "=" +
           context.schema.names_of(kind)[filter.value.as_resource()];
  }
  if (match.where) key += " where " + canonical(context, object, match.event, *match.where);
  if (window > 0) key += " within " + std::to_string(window);
  Counter counter;
  counter.head.key = std::move(key);
  counter.head.kind = bytecode::CounterKind::event;
  counter.head.object = c.events[match.event].object;
  counter.head.match.event = match.event;
  counter.head.match.filters = match.filters;
  counter.head.window = window;
  counter.where = match.where;
  return add_counter(context, std::move(counter));
}

namespace {

Expr counted(ExprOp op, Type type, std::uint32_t counter, Span span, std::vector<Expr> args = {}) {
  Expr e = make(op, type, span, std::move(args));
  e.a = counter;
  return e;
}

Expr count_compared(std::uint32_t counter, ExprOp op, std::int64_t times, Span span) {
  std::vector<Expr> args;
  args.push_back(counted(ExprOp::count, type_of(Kind::integer), counter, span));
  args.push_back(make_constant(value::Value::integer(times), type_of(Kind::integer), span));
  return make_boolean(op, span, std::move(args));
}

/// Nothing after a report; 0 without `within last`.
std::optional<std::int64_t> window_of(Context& context, const ast::EventPhrase& phrase) {
  if (!phrase.within_last) return 0;
  return check_duration(context, *phrase.within_last, phrase.span, true);
}

std::uint32_t local_of(WorkflowState& workflow, std::uint32_t site) {
  SendSite& send = workflow.sites[site];
  if (send.local == kNone) send.local = workflow.locals++;
  return send.local;
}

Expr local_instant(WorkflowState& workflow, std::uint32_t site, Span span) {
  Expr e = make(ExprOp::local, type_of(Kind::instant, true), span);
  e.a = local_of(workflow, site);
  e.b = kOfSend;
  return e;
}

/// `since step S` and counts of reactions to one send cannot be combined with a count: a counter knows how
/// often, or whether since.
bool check_refinements(Context& context, const ast::EventPhrase& phrase, bool since) {
  if (!since || (phrase.times == ast::EventPhrase::Times::any && !phrase.within_last)) return true;
  context.sink.report(Code::not_available, phrase.span,
                      "counting since a step is not available in this version");
  return false;
}

void report_race(Context& context, const Scope& scope, const EventUse& use, const ast::EventPhrase& phrase) {
  if (!scope.flow || use.email == kNone || phrase.ever) return;
  const auto sent = scope.flow->just_sent.find(use.email);
  if (sent == scope.flow->just_sent.end()) return;
  auto& d = context.sink.report(Code::engagement_race, phrase.span,
                                "this asks for a reaction at the instant of sending, so it is never true");
  d.witness = find_witness(
      context, scope, *scope.flow,
      {{step_line(context, sent->second), context.catalogue().events[use.match.event].name}, {}, use.match});
  d.secondary.push_back({sent->second, "sent here, with no time in between"});
  d.helps.push_back("wait for the event: `wait until " + std::string(context.sources.text(phrase.span)) +
                    ", at most 2 days { happened { … } timed_out { … } }`");
}

ExprOp times_op(ast::EventPhrase::Times times) {
  if (times == ast::EventPhrase::Times::at_most) return ExprOp::le;
  return times == ast::EventPhrase::Times::exactly ? ExprOp::eq : ExprOp::ge;
}

}  // namespace

std::optional<Expr> send_instant(const Scope& scope, const EventUse& use, const ast::EventPhrase& phrase) {
  if (!scope.workflow || phrase.ever) return std::nullopt;
  WorkflowState& workflow = *scope.workflow;
  if (use.label != kNone) return local_instant(workflow, use.label, phrase.span);
  if (use.email == kNone || phrase.within_last || phrase.times != ast::EventPhrase::Times::any)
    return std::nullopt;
  // Several sends of one e-mail: the first that was sent.
  std::optional<Expr> instant;
  for (std::uint32_t i = 0; i < workflow.sites.size(); ++i) {
    if (workflow.sites[i].email != use.email) continue;
    Expr next = local_instant(workflow, i, phrase.span);
    if (!instant) {
      instant = std::move(next);
      continue;
    }
    std::vector<Expr> args;
    args.push_back(std::move(*instant));
    args.push_back(std::move(next));
    instant = make(ExprOp::coalesce, type_of(Kind::instant, true), phrase.span, std::move(args));
  }
  return instant;
}

std::optional<Expr> check_event_term(Context& context, const Scope& scope, const ast::EventPhrase& phrase) {
  if (as_list_change(context, phrase)) {
    auto& d = context.sink.report(Code::misplaced, phrase.span, "this is an occurrence, not a condition");
    d.helps.push_back("to ask for membership, write `in " + path_text(*phrase.subject) + "`");
    return std::nullopt;
  }
  const auto use = resolve_event(context, scope, phrase);
  const auto window = window_of(context, phrase);
  if (!use || !window) return std::nullopt;
  std::optional<Expr> since;
  if (phrase.since_step) {
    const std::uint32_t site = label_index(scope, phrase.since_step->text);
    if (site == kNone) {
      std::vector<std::string> names;
      if (scope.workflow) {
        for (const LabelName& label : scope.workflow->labels) names.push_back(label.name);
      }
      schema::report_unknown(context.sink, Code::unknown_name, phrase.since_step->span,
                             "no step has the label `" + phrase.since_step->text + "`",
                             phrase.since_step->text, names);
      return std::nullopt;
    }
    since = local_instant(*scope.workflow, site, phrase.span);
  } else {
    since = send_instant(scope, *use, phrase);
  }
  if (!check_refinements(context, phrase, since.has_value())) return std::nullopt;
  report_race(context, scope, *use, phrase);
  const std::uint32_t counter = counter_for(context, scope.object, use->match, *window);
  if (since) {
    std::vector<Expr> args;
    args.push_back(std::move(*since));
    return counted(ExprOp::occurred_since, type_of(Kind::boolean, true), counter, phrase.span,
                   std::move(args));
  }
  const bool any = phrase.times == ast::EventPhrase::Times::any;
  return count_compared(counter, times_op(phrase.times), any ? 1 : phrase.count, phrase.span);
}

std::optional<Expr> check_count(Context& context, const Scope& scope, const ast::Count& count, Span span) {
  const auto* phrase = std::get_if<ast::EventPhrase>(&count.what);
  if (!phrase) return check_related_count(context, scope, std::get<ast::Path>(count.what), count.where, span);
  auto use = resolve_event(context, scope, *phrase);
  const auto window = window_of(context, *phrase);
  if (!use || !window) return std::nullopt;
  if (phrase->times != ast::EventPhrase::Times::any) {
    auto& d = context.sink.report(Code::misplaced, phrase->span, "`count` already counts");
    d.helps.push_back("compare it with a number: `count(…) >= " + std::to_string(phrase->count) + "`");
    return std::nullopt;
  }
  if (phrase->since_step || use->label != kNone) {
    check_refinements(context, *phrase, true);
    context.sink.report(Code::not_available, phrase->span,
                        "counting since a step is not available in this version");
    return std::nullopt;
  }
  return counted(ExprOp::count, type_of(Kind::integer),
                 counter_for(context, scope.object, use->match, *window), span);
}

std::optional<Expr> check_no_events(Context& context, const Scope& scope, const ast::NoEvents& none,
                                    Span span) {
  const auto length = check_duration(context, none.duration, span, true);
  std::vector<Expr> all;
  bool ok = length.has_value();
  for (const ast::EventPhrase& phrase : none.events) {
    const auto use = resolve_event(context, scope, phrase);
    ok = ok && use;
    if (!ok) continue;
    const std::uint32_t counter = counter_for(context, scope.object, use->match, 0);
    std::vector<Expr> ends;
    ends.push_back(counted(ExprOp::last_event, type_of(Kind::instant, true), counter, phrase.span));
    ends.push_back(make(ExprOp::created_at, type_of(Kind::instant), phrase.span));
    std::vector<Expr> from;
    from.push_back(make(ExprOp::coalesce, type_of(Kind::instant), phrase.span, std::move(ends)));
    std::vector<Expr> args;
    args.push_back(make(ExprOp::age, type_of(Kind::duration), phrase.span, std::move(from)));
    args.push_back(make_duration(*length, span));
    all.push_back(make_boolean(ExprOp::ge, phrase.span, std::move(args)));
  }
  if (!ok || all.empty()) return std::nullopt;
  return make_logic(ExprOp::and_, std::move(all), span);
}

std::optional<Expr> check_ever_been(Context& context, const Scope& scope, const ast::EverBeen& ever,
                                    Span span) {
  auto left = check_value(context, scope, *ever.left);
  if (!left) return std::nullopt;
  if (left->op != ExprOp::property) {
    context.sink.report(Code::misplaced, left->span,
                        "`has ever been` stands behind a property of the record");
    return std::nullopt;
  }
  auto value = check_operand(context, scope, *left, *ever.value);
  if (!value) return std::nullopt;
  if (value->op != ExprOp::constant) {
    context.sink.report(Code::misplaced, value->span, "`has ever been` needs a constant value");
    return std::nullopt;
  }
  const bytecode::Object& object = context.catalogue().objects[scope.object];
  Counter counter;
  counter.head.key = "became " + object.name + "." + object.properties[left->a].name + " " +
                     canonical(context, scope.object, kNone, *value);
  counter.head.kind = bytecode::CounterKind::became;
  counter.head.object = scope.object;
  counter.head.property = left->a;
  counter.head.became = value->constant;
  return count_compared(add_counter(context, std::move(counter)), ExprOp::ge, 1, span);
}

}  // namespace wf::sema
