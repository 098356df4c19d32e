// Effects that address people: mail, tasks, messages.
#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/calendars.hpp"
#include "compiler/sema/effect_call.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/policies.hpp"
#include "compiler/sema/templates.hpp"

namespace wf::sema {

using value::Kind;
using Call = EffectCall;

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

}  // namespace

EffectNode lower_send(const Call& call) {
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

namespace {

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

}  // namespace

EffectNode lower_task(const Call& call) {
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

namespace {

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

}  // namespace

EffectNode lower_notify(const Call& call) {
  Notify notify;
  auto person = assignee(call);
  notify.message = resource_slot(call, ResourceKind::message, "message");
  if (!person || notify.message == kNone) return std::nullopt;
  notify.assignee = std::move(*person);
  if (!take_way(call, notify)) return std::nullopt;
  notify.arguments = message_arguments(call.context, call.scope, notify.message, call.statement.span);
  return notify;
}
}  // namespace wf::sema
