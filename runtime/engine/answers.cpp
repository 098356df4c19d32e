// What the outside answers an enrolment: a refused mail, the reply of a webhook.
#include "grammar/value/calendar.hpp"
#include "runtime/crm/convert.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/limits.hpp"

namespace wf::engine {

using bytecode::EndReason;
using bytecode::WaitKind;
using bytecode::WhenBlocked;

/// `when blocked delay`: a group whose mail a limit holds back runs again when there is room for it.
std::optional<std::int64_t> Executor::delayed_until(const bytecode::Workflow&, const Binding& binding,
                                                    const vm::Run& run) {
  if (run.outcome != vm::Outcome::ended && run.outcome != vm::Outcome::waiting) return std::nullopt;
  std::optional<std::int64_t> until;
  for (const vm::Action& action : run.actions) {
    const auto* send = std::get_if<vm::Send>(&action);
    const Record* recipient = send && send->recipient != 0 ? context_.cache.get(send->recipient) : nullptr;
    if (recipient == nullptr) continue;
    const auto capped = capped_until(context_, *recipient, binding.program().sends[send->send].mail_class);
    if (capped) until = std::max(until.value_or(*capped), *capped);
  }
  return until;
}

void Executor::not_sent(const EffectBody& body, std::string_view reason, bool blocked) {
  const auto [record, id] = origin(body);
  Enrolment* e = record == nullptr ? nullptr : record->enrolment(id);
  const Bound b = e == nullptr ? Bound() : bound(*e);
  if (b.workflow == nullptr) return;
  if (blocked && b.workflow->when_blocked == WhenBlocked::stop) {
    end(*record, e->id, EndReason::blocked, std::string(reason));
    return;
  }
  const bytecode::Program& program = b.binding->program();
  const Value sent_at = Value::instant(body.created_at);
  // The mail may be of the bundle that the enrolment was on before: the same local then.
  const Binding* sender = context_.binding(body.code);
  const std::uint32_t label = sender == nullptr ? kNone : sender->program().sends[body.index].label;
  if (label < e->locals.size() && e->locals[label] == sent_at) {
    e->locals[label] = Value();
    context_.cache.touch(record->key);
  }
  if (e->status != EnrolmentStatus::waiting || e->wait == kNone) return;
  const bytecode::Wait& wait = program.waits[e->wait];
  if (wait.kind != WaitKind::event || wait.sent >= e->locals.size()) return;
  // The wait may have kept the instant in a local of its own.
  if (wait.sent != label && !(e->locals[wait.sent] == sent_at)) return;
  e->locals[wait.sent] = Value();
  context_.batch.count(bytecode::workflow_label(b.workflow->name), "not_sent",
                       wait.step == kNone ? "" : program.steps[wait.step].label);
  context_.tell(record->key, Happening::timed_out, e->workflow, e->workflow, "not_sent");
  clear_timer(*record, *e);
  run_group(*record, e->id, e->pc, vm::Resume::timed_out, nullptr, next_depth(body));
}

Enrolment* Executor::waiting_for_reply(const EffectBody& body, Bound& b) {
  const auto [record, id] = origin(body);
  Enrolment* e = record == nullptr ? nullptr : record->enrolment(id);
  if (e == nullptr || e->status != EnrolmentStatus::waiting || e->group != body.group || e->wait == kNone)
    return nullptr;
  b = bound(*e);
  if (b.workflow == nullptr) return nullptr;
  const bytecode::Wait& wait = b.binding->program().waits[e->wait];
  return wait.kind == WaitKind::reply && wait.call == body.index ? e : nullptr;
}

bool Executor::awaited(const EffectBody& body) {
  Bound b;
  return waiting_for_reply(body, b) != nullptr;
}

void Executor::take_reply(const EffectBody& body, const std::optional<value::Map>& reply,
                          std::string failure) {
  Bound b;
  Enrolment* e = waiting_for_reply(body, b);
  if (e == nullptr) return;
  Record& record = *origin(body).record;
  const bytecode::Catalogue& catalogue = b.binding->catalogue();
  const bytecode::Call& call = b.binding->program().calls[body.index];
  const auto& returns = catalogue.webhooks[call.webhook].returns;
  if (failure.empty() && !reply && !returns.empty()) failure = "bad_answer: no JSON object";
  std::vector<Value> values(returns.size());
  for (std::size_t i = 0; i < returns.size() && failure.empty(); ++i) {
    Value raw;
    for (const auto& [name, v] : *reply) {
      if (name == returns[i].name) raw = v;
    }
    if (raw.is_unknown()) {
      if (!returns[i].type.nullable) failure = "bad_answer: " + returns[i].name + " is missing";
      continue;
    }
    auto converted = crm::convert(catalogue, returns[i].type, raw);
    if (converted) {
      values[i] = std::move(*converted);
    } else {
      failure = "bad_answer: " + returns[i].name + ": " + converted.error().message;
    }
  }
  const bool good = failure.empty();
  for (std::size_t i = 0; i < values.size() && good; ++i) e->locals[call.reply + i] = std::move(values[i]);
  if (!good) e->locals[call.reply + values.size()] = Value::text(failure);
  context_.batch.count("webhook." + catalogue.webhooks[call.webhook].name,
                       good ? "answered" : "not_answered");
  clear_timer(record, *e);
  run_group(record, e->id, e->pc, good ? vm::Resume::happened : vm::Resume::timed_out, nullptr,
            next_depth(body));
}

}  // namespace wf::engine
