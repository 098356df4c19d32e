// The built-in effects: one row each, from the slots of a statement to a step.
#include "compiler/sema/effects.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/calendars.hpp"
#include "compiler/sema/campaigns.hpp"
#include "compiler/sema/effect_call.hpp"
#include "compiler/sema/entry.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/policies.hpp"
#include "compiler/sema/steps.hpp"
#include "compiler/sema/templates.hpp"
#include "compiler/sema/waits.hpp"

namespace wf::sema {
namespace {

using value::Kind;
using Node = decltype(Step::node);

using Call = EffectCall;

}  // namespace

std::optional<Expr> atom_value(const Call& call, const ast::Atom& atom) {
  if (const ast::Path* path = schema::path_of(atom)) return resolve_path(call.context, call.scope, *path);
  if (const auto* literal = std::get_if<ast::Literal>(&atom.value)) {
    const value::Value value = schema::natural_value(*literal, call.context.zone());
    return make_constant(value, type_of(value.kind()), atom.span);
  }
  const auto* either = std::get_if<ast::ElseAtom>(&atom.value);
  if (!either) return std::nullopt;
  auto first = atom_value(call, *either->first);
  auto second = atom_value(call, *either->second);
  if (!first || !second) return std::nullopt;
  Type type = first->type;
  type.nullable = first->type.nullable && second->type.nullable;
  std::vector<Expr> args;
  args.push_back(std::move(*first));
  args.push_back(std::move(*second));
  return make(ExprOp::coalesce, type, atom.span, std::move(args));
}

namespace {

bool check_assignee_type(const Call& call, const Expr& e) {
  if (e.op == ExprOp::coalesce)
    return check_assignee_type(call, e.args[0]) && check_assignee_type(call, e.args[1]);
  const bool resource = e.type.kind == Kind::resource;
  if (resource && (e.type.aux == static_cast<std::uint32_t>(ResourceKind::user) ||
                   e.type.aux == static_cast<std::uint32_t>(ResourceKind::team))) {
    return true;
  }
  auto& d = call.context.sink.report(Code::type_mismatch, e.span, "a user or a team is needed here");
  d.primary.text = "this is a " + schema::type_name(e.type, call.context.catalogue());
  point_at_declaration(call.context, call.scope, e, d);
  return false;
}

std::optional<Expr> assignee(const Call& call) {
  auto e = atom_value(call, *call.slot("assignee"));
  if (!e || !check_assignee_type(call, *e)) return std::nullopt;
  return e;
}

}  // namespace

std::uint32_t resource_slot(const Call& call, ResourceKind kind, std::string_view name) {
  const auto reference = schema::reference_of(*call.slot(name));
  return reference ? resolve_resource(call.context, kind, *reference->name) : kNone;
}

std::optional<Expr> record_slot(const Call& call, std::string_view name, std::uint32_t object) {
  const ast::Atom* atom = call.slot(name);
  std::optional<Expr> e;
  if (atom) {
    e = resolve_record(call.context, call.scope, *schema::path_of(*atom));
  } else {
    e = make(ExprOp::self, type_of(Kind::ref, false, call.scope.object), call.statement.span);
  }
  if (!e || object == kNone || e->type.aux == object) return e;
  const auto& objects = call.context.catalogue().objects;
  auto& d = call.context.sink.report(
      Code::wrong_object, e->span,
      "a " + objects[object].name + " is needed here, not a " + objects[e->type.aux].name);
  if (!atom) d.helps.push_back("name the record, as in `enroll contact in workflow.x`");
  return std::nullopt;
}

std::optional<Expr> writable_slot(const Call& call) {
  return check_target(call.context, call.scope, *schema::path_of(*call.slot("property")));
}

std::optional<std::uint32_t> label_slot(const Call& call, std::uint32_t object) {
  const ast::Atom* atom = call.slot("label");
  if (!atom) return kNone;
  const ast::Name& name = schema::path_of(*atom)->parts[0];
  if (!name_is_free(call.context, call.scope, name)) return std::nullopt;
  WorkflowState& workflow = *call.scope.workflow;
  LetName let;
  let.name = name.text;
  let.span = name.span;
  let.local = workflow.locals++;
  let.type = type_of(Kind::ref, false, object);
  workflow.lets.push_back(let);
  return let.local;
}

namespace {

// ---- mail
// -------------------------------------------------------------------------------------------------------

std::optional<Expr> recipient(const Call& call) {
  const std::uint32_t contact = call.context.catalogue().find_object("contact");
  if (!call.slot("recipient") && call.scope.object != contact) {
    const std::string& object = call.context.catalogue().objects[call.scope.object].name;
    auto& d = call.context.sink.report(Code::missing_recipient, call.statement.span,
                                       "whom does a workflow on " + object + " send this to?");
    d.helps.push_back("name the contact: `send … to contact`");
    return std::nullopt;
  }
  return record_slot(call, "recipient", contact);
}

std::optional<Node> lower_send(const Call& call) {
  Send send;
  send.email = resource_slot(call, ResourceKind::email, "email");
  auto to = recipient(call);
  if (send.email == kNone || !to) return std::nullopt;
  send.recipient = std::move(*to);
  send.arguments = email_arguments(call.context, call.scope, send.email, send.recipient, call.statement.span);
  if (const ast::Atom* subject = call.slot("subject")) {
    if (!own_subject(call.context, call.scope, *subject, send)) return std::nullopt;
  }
  const bytecode::Email& email = call.context.catalogue().emails[send.email];
  const bool has_windows = call.scope.workflow && call.scope.workflow->has_windows;
  send.windowed = has_windows && email.mail_class == bytecode::MailClass::marketing;
  if (email.mail_class == bytecode::MailClass::marketing)
    send.quiet = quiet_windows(call.context, send.recipient);
  send.label = call.statement.site;
  if (call.scope.flow) call.scope.flow->just_sent[send.email] = call.statement.span;
  return send;
}

// ---- people and webhooks
// ------------------------------------------------------------------------------------------

/// When something is due that is due in the duration of the slot.
std::optional<Expr> due_instant(const Call& call, const ast::Atom& due) {
  std::optional<ast::ZoneClause> calendar;
  if (const ast::Atom* named = call.slot("calendar")) {
    if (resource_slot(call, ResourceKind::calendar, "calendar") == kNone) return std::nullopt;
    calendar.emplace();
    calendar->property = *schema::path_of(*named);
    calendar->span = named->span;
  }
  const auto* literal = std::get_if<ast::Literal>(&due.value);
  if (const auto* duration = literal ? std::get_if<ast::Duration>(&literal->value) : nullptr) {
    return check_due(call.context, *duration, calendar, due.span);
  }
  auto length = atom_value(call, due);
  if (!length || !require_type(call.context, call.scope, *length, type_of(Kind::duration), "the due time")) {
    return std::nullopt;
  }
  std::vector<Expr> args;
  args.push_back(make(ExprOp::now, type_of(Kind::instant), due.span));
  args.push_back(std::move(*length));
  return make(ExprOp::add, type_of(Kind::instant, args[1].type.nullable), due.span, std::move(args));
}

std::optional<Node> lower_task(const Call& call) {
  CreateTask task;
  auto title = atom_value(call, *call.slot("title"));
  auto person = assignee(call);
  bool ok = title && person;
  if (const ast::Atom* due = call.slot("due")) {
    task.due = due_instant(call, *due);
    ok = ok && task.due;
  } else if (const ast::Atom* calendar = call.slot("calendar")) {
    call.context.sink.report(Code::misplaced, calendar->span, "a calendar counts business time only")
        .primary.text = "the task is not due at any time";
    ok = false;
  }
  if (!ok || !require_type(call.context, call.scope, *title, type_of(Kind::text), "a title") ||
      !require_known(call.context, call.scope, *title, "a task needs a title")) {
    return std::nullopt;
  }
  if (call.slot("record")) {
    task.about = record_slot(call, "record", kNone);
    if (!task.about) return std::nullopt;
  }
  const auto local = label_slot(call, call.context.catalogue().find_object("task"));
  if (!local) return std::nullopt;
  task.local = *local;
  task.title = std::move(*title);
  task.assignee = std::move(*person);
  return task;
}

/// `by mail`, `by app`, `by both`; without it in the application.
bool take_way(const Call& call, Notify& notify) {
  const ast::Atom* way = call.slot("way");
  if (!way) return true;
  const std::string& word = *schema::word_of(*way);
  if (word != "mail" && word != "app" && word != "both") {
    schema::report_unknown(call.context.sink, Code::unknown_name, way->span,
                           "nobody is notified by `" + word + "`", word, {"mail", "app", "both"});
    return false;
  }
  notify.by_mail = word != "app";
  notify.in_app = word != "mail";
  const auto& catalogue = call.context.catalogue();
  if (!notify.by_mail || catalogue.messages[notify.message].sender != kNone) return true;
  auto& d = call.context.sink.report(
      Code::missing_field, way->span,
      "the message `" + catalogue.messages[notify.message].name + "` does not say who sends it");
  d.secondary.push_back({call.context.schema.resource(ResourceKind::message, notify.message).name,
                         "add `from sender.name` here"});
  return false;
}

std::optional<Node> lower_notify(const Call& call) {
  Notify notify;
  auto person = assignee(call);
  notify.message = resource_slot(call, ResourceKind::message, "message");
  if (!person || notify.message == kNone) return std::nullopt;
  notify.assignee = std::move(*person);
  if (!take_way(call, notify)) return std::nullopt;
  notify.arguments = message_arguments(call.context, call.scope, notify.message, call.statement.span);
  return notify;
}

bool check_pii(const Call& call, std::uint32_t webhook, const Expr& e) {
  const auto ref = personal_in(call.context, call.scope, e);
  if (!ref || call.context.catalogue().webhooks[webhook].accepts_pii) return true;
  const auto& info = call.context.schema.resource(ResourceKind::webhook, webhook);
  auto& d = call.context.sink.report(Code::pii_to_webhook, e.span,
                                     "`" + declared(call.context, *ref).name + "` is personal data");
  d.primary.text = "the webhook does not accept it";
  d.secondary.push_back({info.name, "declared without `accepts pii`"});
  d.secondary.push_back({call.context.schema.property(ref->object, ref->property).name, "declared `pii`"});
  return false;
}

bool lower_fields(const Call& call, CallWebhook& result) {
  const ast::Atom* fields = call.slot("fields");
  if (!fields) return true;
  bool ok = true;
  for (const ast::Atom& item : std::get<ast::AtomList>(fields->value).items) {
    const ast::Path* path = schema::path_of(item);
    if (!path) {
      call.context.sink.report(Code::phrase_mismatch, item.span, "a webhook takes properties, by name");
      ok = false;
      continue;
    }
    auto e = resolve_path(call.context, call.scope, *path);
    ok = e && check_pii(call, result.webhook, *e) && ok;
    if (e) result.fields.emplace_back(schema::path_text(*path), std::move(*e));
  }
  return ok;
}

bool lower_failure(const Call& call, CallWebhook& result) {
  const auto& failure = call.statement.source->on_failure;
  if (!failure) return true;
  if (failure->retries > 0) result.retries = static_cast<std::uint32_t>(failure->retries);
  if (failure->over) {
    const auto over = check_duration(call.context, *failure->over, failure->span, false);
    if (!over) return false;
    result.over = *over;
  }
  result.on_failure = check_failure_block(call.context, call.scope, failure->then);
  return true;
}

/// One outcome of a call that waits. What the answer always has is known where there is one.
Block reply_block(const Call& call, const ast::Rare<ast::Block>& source, const ReplyName* answered,
                  std::optional<Flow>& after) {
  Flow flow = *call.scope.flow;
  if (answered) {
    const auto& returns = call.context.catalogue().webhooks[answered->webhook].returns;
    for (std::size_t i = 0; i < returns.size(); ++i) {
      const auto local = answered->first_local + static_cast<std::uint32_t>(i);
      if (returns[i].type.nullable) continue;
      Type type = returns[i].type;
      type.nullable = true;
      Expr value = make(ExprOp::local, type, answered->span);
      value.a = local;
      std::vector<Expr> args;
      args.push_back(std::move(value));
      assume(flow, make_boolean(ExprOp::is_known, answered->span, std::move(args)), kTrue);
    }
  }
  Scope inside = call.scope;
  inside.flow = &flow;
  Block block = source ? check_block(call.context, inside, *source) : Block();
  after = after ? joined(*after, flow) : flow;
  return block;
}

/// `as reply, at most 1 hour { answered { … } failed { … } timed_out { … } }`
bool lower_reply(const Call& call, CallWebhook& result) {
  const ast::Atom* label = call.slot("reply");
  const auto& blocks = call.statement.source->reply;
  if (!label) return true;
  const ast::Name& name = schema::path_of(*label)->parts[0];
  const auto* literal = std::get_if<ast::Literal>(&call.slot("limit")->value);
  const auto* limit = literal ? std::get_if<ast::Duration>(&literal->value) : nullptr;
  const auto at_most =
      limit ? check_duration(call.context, *limit, literal->span, false) : std::optional<std::int64_t>();
  if (!allow_wait(call.context, call.scope, call.statement.span)) return false;
  if (!name_is_free(call.context, call.scope, name) || !at_most) return false;
  WorkflowState& workflow = *call.scope.workflow;
  const ReplyName reply{name.text, name.span, result.webhook, workflow.locals, false};
  const auto& returns = call.context.catalogue().webhooks[result.webhook].returns;
  workflow.locals += static_cast<std::uint32_t>(returns.size()) + 1;
  workflow.replies.push_back(reply);
  CallWebhook::Reply& out = result.reply.emplace();
  out.first_local = reply.first_local;
  out.at_most = make_duration(*at_most, literal->span);
  forget(*call.scope.flow);
  for (std::uint32_t local = reply.first_local; local < workflow.locals; ++local) {
    changed_local(*call.scope.flow, local);
  }
  if (!blocks) return true;
  std::optional<Flow> after;
  out.answered = reply_block(call, blocks->answered, &reply, after);
  out.failed = reply_block(call, blocks->failed, nullptr, after);
  out.timed_out = reply_block(call, blocks->timed_out, nullptr, after);
  *call.scope.flow = std::move(*after);
  return true;
}

/// WF415: does anybody learn that the call failed for good?
void check_failure_path(const Call& call) {
  const auto& source = *call.statement.source;
  const bool waits_for_it = source.reply && (source.reply->failed || source.reply->timed_out);
  const bool handled = source.on_failure && !source.on_failure->then.empty();
  if (waits_for_it || handled) return;
  auto& d = call.context.sink.report(Code::call_without_failure_path, call.statement.span,
                                     "nobody learns when this call fails for good");
  d.helps.push_back("add `on failure retry 5 times over 1 day then { … }`");
}

std::optional<Node> lower_call(const Call& call) {
  CallWebhook result;
  result.webhook = resource_slot(call, ResourceKind::webhook, "webhook");
  if (result.webhook == kNone || !lower_fields(call, result) || !lower_failure(call, result))
    return std::nullopt;
  if (!lower_reply(call, result)) return std::nullopt;
  check_failure_path(call);
  return result;
}

// ---- properties, lists, tags, topics
// --------------------------------------------------------------------------------

std::optional<Node> lower_add(const Call& call) {
  auto target = writable_slot(call);
  auto amount = atom_value(call, *call.slot("amount"));
  if (!target || !amount) return std::nullopt;
  const Type number = type_of(target->type.kind == Kind::integer ? Kind::integer : Kind::decimal);
  if (target->type.kind != Kind::integer && target->type.kind != Kind::decimal) {
    require_type(call.context, call.scope, *target, number, "what is added to");
    return std::nullopt;
  }
  if (!require_type(call.context, call.scope, *amount, number, "what is added") ||
      !require_known(call.context, call.scope, *amount, "a known number is needed to add")) {
    return std::nullopt;
  }
  const auto add = [&](Flow& flow) { added(flow, *target, *amount, call.statement.span); };
  note_write(call.context, call.scope, *target, call.statement.span, add);
  if (call.scope.flow) add(*call.scope.flow);
  if (target->op == ExprOp::property) return AddProperty{target->a, std::move(*amount)};
  return AddField{target->args[0], target->a, target->b, std::move(*amount)};
}

std::optional<Node> lower_clear(const Call& call) {
  auto target = writable_slot(call);
  if (!target) return std::nullopt;
  if (!declared(call.context, *property_of(call.scope, *target)).type.nullable) {
    auto& d = call.context.sink.report(
        Code::nullable_use, target->span,
        "`" + std::string(call.context.sources.text(target->span)) + "` cannot be unknown");
    d.primary.text = "so it cannot be cleared";
    point_at_declaration(call.context, call.scope, *target, d);
    return std::nullopt;
  }
  const Expr nothing = make(ExprOp::unknown, target->type, target->span);
  note_write(call.context, call.scope, *target, call.statement.span,
             [&](Flow& flow) { written(flow, *target, nothing, call.statement.span); });
  return write_step(call.scope, *target, make(ExprOp::unknown, target->type, target->span),
                    call.statement.span);
}

std::optional<Node> lower_list(const Call& call, bool add) {
  const std::uint32_t list = resource_slot(call, ResourceKind::list, "list");
  auto record = record_slot(call, "record", kNone);
  if (list == kNone || !record) return std::nullopt;
  if (call.scope.flow) changed_list(*call.scope.flow, list);
  return ChangeList{add, list, std::move(*record)};
}

std::optional<Node> lower_campaign(const Call& call) {
  const std::uint32_t campaign = resource_slot(call, ResourceKind::campaign, "campaign");
  if (campaign == kNone) return std::nullopt;
  auto record = record_slot(call, "record", call.context.catalogue().campaigns[campaign].object);
  if (!record) return std::nullopt;
  return ChangeList{true, call.context.catalogue().campaigns[campaign].members, std::move(*record)};
}

/// `add 10 points`: to the campaign whose story this is.
std::optional<Node> lower_points(const Call& call) {
  const std::uint32_t campaign = call.scope.workflow ? call.scope.workflow->campaign : kNone;
  if (campaign == kNone) {
    auto& d = call.context.sink.report(Code::misplaced, call.statement.span,
                                       "points are added in the story of a campaign");
    d.helps.push_back("to add to a property, write `add 10 to lead_score`");
    return std::nullopt;
  }
  auto amount = atom_value(call, *call.slot("points"));
  if (!amount ||
      !require_type(call.context, call.scope, *amount, type_of(Kind::integer), "a number of points") ||
      !require_known(call.context, call.scope, *amount, "a known number is needed to add")) {
    return std::nullopt;
  }
  call.context.point_givers.insert(campaign);
  return AddProperty{call.context.catalogue().campaigns[campaign].points, std::move(*amount)};
}

std::optional<Node> lower_audience(const Call& call, bool add) {
  const std::uint32_t audience = resource_slot(call, ResourceKind::audience, "audience");
  auto record = record_slot(call, "record", call.context.catalogue().find_object("contact"));
  if (audience == kNone || !record) return std::nullopt;
  return ChangeAudience{add, audience, std::move(*record)};
}

std::optional<Node> lower_tag(const Call& call, bool add) {
  const ast::Atom& atom = *call.slot("tag");
  const std::string* tag = schema::word_of(atom) ? schema::word_of(atom) : schema::text_of(atom);
  if (!tag) {
    call.context.sink.report(Code::phrase_mismatch, atom.span, "a tag is a name or a text");
    return std::nullopt;
  }
  if (call.scope.flow) changed_tags(*call.scope.flow);
  return ChangeTag{add, *tag};
}

bool on_contact(const Call& call) {
  if (call.scope.object == call.context.catalogue().find_object("contact")) return true;
  call.context.sink.report(Code::wrong_object, call.statement.span, "only a contact can do this")
      .primary.text = "the workflow is on " + call.context.catalogue().objects[call.scope.object].name;
  return false;
}

std::optional<Node> lower_topic(const Call& call, bool subscribe) {
  const std::uint32_t topic = resource_slot(call, ResourceKind::topic, "topic");
  if (topic == kNone || !on_contact(call)) return std::nullopt;
  return ChangeTopic{subscribe, topic};
}

std::optional<Node> lower_marketing(const Call& call, bool marketing) {
  if (!on_contact(call)) return std::nullopt;
  return SetMarketing{marketing};
}

std::optional<Node> lower_enroll(const Call& call, bool enroll) {
  const auto reference = schema::reference_of(*call.slot("workflow"));
  const ResourceKind kind = reference ? reference->kind : ResourceKind::workflow;
  std::uint32_t workflow = resource_slot(call, kind, "workflow");
  if (workflow == kNone) return std::nullopt;
  if (kind == ResourceKind::sequence) workflow = sequence_workflow(call.context, workflow);
  auto record = record_slot(call, "record", call.context.schema.workflow_objects[workflow]);
  if (!record) return std::nullopt;
  return Enroll{enroll, workflow, std::move(*record)};
}

// ---- the table
// --------------------------------------------------------------------------------------------------

/// A slot as an effect reads it: what its types must be, any of them.
struct EffectSlot {
  std::string_view name, types;
  bool required = true;
};

struct EffectRow {
  std::string_view name;
  std::vector<EffectSlot> slots;
  std::optional<Node> (*lower)(const Call&);
};

const std::vector<EffectRow>& effects() {
  static const EffectSlot kPerson{"assignee", "user team"}, kRecord{"record", "record", false};
  static const EffectSlot kTag{"tag", "name text"}, kLabel{"label", "name", false};
  static const EffectSlot kGivenRecord{"record", "record"}, kMode{"mode", "name", false};
  static const std::vector<EffectRow> table = {
      {"mail.send",
       {{"email", "email"},
        {"recipient", "record", false},
        {"subject", "text", false},
        {"label", "name", false}},
       lower_send},
      {"crm.task",
       {{"title", "text"},
        kPerson,
        {"due", "duration", false},
        {"calendar", "calendar", false},
        kRecord,
        kLabel},
       lower_task},
      {"crm.note", {{"body", "text"}, kRecord, kLabel}, lower_note},
      {"record.create", {{"object", "name"}, {"values", "fields", false}, kLabel}, lower_create},
      {"record.update", {kGivenRecord, {"values", "fields"}}, lower_update},
      {"record.associate", {kGivenRecord, {"other", "record"}}, lower_associate},
      {"record.dissociate", {kGivenRecord, {"other", "record"}}, lower_dissociate},
      {"record.delete", {kRecord}, lower_delete},
      {"record.append", {{"text", "text"}, {"property", "property"}}, lower_append},
      {"record.copy", {{"source", "property"}, {"property", "property"}}, lower_copy},
      {"record.assign", {{"property", "property"}, {"user", "user"}, kMode}, lower_assign},
      {"record.round_robin", {{"property", "property"}, {"team", "team"}, kMode}, lower_round_robin},
      {"record.weighted", {{"property", "property"}, {"weights", "fields"}, kMode}, lower_weighted},
      {"crm.notify", {kPerson, {"message", "message"}, {"way", "name", false}}, lower_notify},
      {"http.call",
       {{"webhook", "webhook"},
        {"fields", "fields", false},
        {"reply", "name", false},
        {"limit", "duration", false}},
       lower_call},
      {"record.add", {{"amount", "number"}, {"property", "property"}}, lower_add},
      {"record.clear", {{"property", "property"}}, lower_clear},
      {"list.add", {kRecord, {"list", "list"}}, [](const Call& c) { return lower_list(c, true); }},
      {"list.remove", {kRecord, {"list", "list"}}, [](const Call& c) { return lower_list(c, false); }},
      {"campaign.add", {kRecord, {"campaign", "campaign"}}, lower_campaign},
      {"campaign.points", {{"points", "number"}}, lower_points},
      {"audience.add",
       {kRecord, {"audience", "audience"}},
       [](const Call& c) { return lower_audience(c, true); }},
      {"audience.remove",
       {kRecord, {"audience", "audience"}},
       [](const Call& c) { return lower_audience(c, false); }},
      {"tag.add", {kTag}, [](const Call& c) { return lower_tag(c, true); }},
      {"tag.remove", {kTag}, [](const Call& c) { return lower_tag(c, false); }},
      {"topic.subscribe", {{"topic", "topic"}}, [](const Call& c) { return lower_topic(c, true); }},
      {"topic.unsubscribe", {{"topic", "topic"}}, [](const Call& c) { return lower_topic(c, false); }},
      {"contact.marketing", {}, [](const Call& c) { return lower_marketing(c, true); }},
      {"contact.non_marketing", {}, [](const Call& c) { return lower_marketing(c, false); }},
      {"workflow.enroll",
       {kRecord, {"workflow", "workflow sequence"}},
       [](const Call& c) { return lower_enroll(c, true); }},
      {"workflow.unenroll",
       {kRecord, {"workflow", "workflow sequence"}},
       [](const Call& c) { return lower_enroll(c, false); }},
  };
  return table;
}

const EffectRow* find_effect(const std::string& name) {
  for (const EffectRow& row : effects()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool always_has(const schema::Phrase& phrase, std::string_view slot) {
  return std::all_of(phrase.forms.begin(), phrase.forms.end(), [&](const schema::Form& form) {
    return std::any_of(form.begin(), form.end(), [&](const schema::Element& element) {
      return element.slot != kNone && phrase.slots[element.slot].name == slot;
    });
  });
}

/// "" when the slot is one that the effect reads, else what is wrong with it.
std::string slot_fault(const EffectRow& row, const schema::Slot& slot) {
  const auto known = std::find_if(row.slots.begin(), row.slots.end(),
                                  [&](const EffectSlot& wanted) { return wanted.name == slot.name; });
  if (known == row.slots.end()) return "has no use for the slot `" + slot.name + "`";
  for (const schema::SlotType& type : slot.types) {
    const std::string word = type.kind == schema::SlotKind::record ? "record" : type.word;
    if ((" " + std::string(known->types) + " ").find(" " + word + " ") == std::string::npos) {
      return "cannot take a " + type.word + " as `" + slot.name + "`";
    }
  }
  return "";
}

std::vector<std::string> faults(const EffectRow& row, const schema::Phrase& phrase) {
  std::vector<std::string> found;
  for (const EffectSlot& slot : row.slots) {
    if (slot.required && !always_has(phrase, slot.name))
      found.push_back("needs the slot `" + std::string(slot.name) + "`");
  }
  for (const schema::Slot& slot : phrase.slots) {
    if (std::string fault = slot_fault(row, slot); !fault.empty()) found.push_back(std::move(fault));
  }
  return found;
}

}  // namespace

void check_actions(Context& context) {
  for (const schema::ActionInfo& action : context.schema.actions) {
    const EffectRow* row = find_effect(action.effect);
    if (!row) {
      std::vector<std::string> names;
      for (const EffectRow& other : effects()) names.emplace_back(other.name);
      schema::report_unknown(context.sink, Code::unknown_effect, action.effect_span,
                             "no effect is named `" + action.effect + "`", action.effect, names);
      continue;
    }
    for (const schema::Phrase& phrase : action.phrases) {
      for (const std::string& fault : faults(*row, phrase)) {
        context.faulty_actions = true;
        auto& d = context.sink.report(Code::invalid_phrase, action.name_span,
                                      "the effect `" + action.effect + "` " + fault);
        d.notes.push_back("the phrase reads: " + phrase.text);
      }
    }
  }
}

std::optional<Step> check_effect(Context& context, const Scope& scope, const Statement& statement) {
  const EffectRow* row = find_effect(statement.action->effect);
  // A wrong declaration has been reported; its statements cannot be read.
  if (!row) return std::nullopt;
  if (context.faulty_actions && !faults(*row, *statement.phrase).empty()) return std::nullopt;
  if (statement.source->on_failure && row->name != "http.call") {
    context.sink.report(Code::misplaced, statement.source->on_failure->span,
                        "`on failure` goes with the call of a webhook");
    return std::nullopt;
  }
  if (statement.source->reply && !statement.slot("reply")) {
    auto& d = context.sink.report(Code::misplaced, statement.source->reply->span,
                                  "only a call that waits for its answer has outcomes");
    if (row->name == "http.call") d.helps.push_back("write `call … as reply, at most 1 hour { … }`");
    return std::nullopt;
  }
  auto node = row->lower(Call{context, scope, statement});
  if (!node) return std::nullopt;
  Step step;
  step.node = std::move(*node);
  return step;
}

bool is_send(const Statement& statement) {
  return statement.action->effect == "mail.send";
}

}  // namespace wf::sema
