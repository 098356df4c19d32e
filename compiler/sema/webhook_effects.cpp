// The effect that calls a webhook, and what becomes of its answer.
#include "compiler/schema/atoms.hpp"
#include "compiler/sema/campaigns.hpp"
#include "compiler/sema/effect_call.hpp"
#include "compiler/sema/entry.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/steps.hpp"
#include "compiler/sema/templates.hpp"
#include "compiler/sema/waits.hpp"

namespace wf::sema {

using Call = EffectCall;

namespace {

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

/// What the payload of the webhook reads.
bool lower_payload(const Call& call, CallWebhook& result) {
  const std::size_t errors = call.context.sink.errors();
  std::vector<Expr> values = payload_arguments(call.context, call.scope, result.webhook, call.statement.span);
  const std::vector<Placeholder>& placeholders = call.context.payload_placeholders[result.webhook];
  bool ok = call.context.sink.errors() == errors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    ok = check_pii(call, result.webhook, values[i]) && ok;
    std::string name;
    for (const std::string& part : placeholders[i].path) name += (name.empty() ? "" : ".") + part;
    result.fields.emplace_back(std::move(name), std::move(values[i]));
  }
  return ok;
}

bool lower_fields(const Call& call, CallWebhook& result) {
  const ast::Atom* fields = call.slot("fields");
  const bool has_payload = !call.context.catalogue().webhooks[result.webhook].payload.text.empty();
  if (has_payload && fields) {
    auto& d = call.context.sink.report(Code::phrase_mismatch, fields->span,
                                       "this webhook has a payload, which says what is posted");
    d.secondary.push_back(
        {call.context.schema.resource(ResourceKind::webhook, result.webhook).name, "declared here"});
    return false;
  }
  if (has_payload) return lower_payload(call, result);
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

}  // namespace

EffectNode lower_call(const Call& call) {
  CallWebhook result;
  result.webhook = resource_slot(call, ResourceKind::webhook, "webhook");
  if (result.webhook == kNone || !lower_fields(call, result) || !lower_failure(call, result))
    return std::nullopt;
  if (!lower_reply(call, result)) return std::nullopt;
  check_failure_path(call);
  return result;
}
}  // namespace wf::sema
