// Steps: a `step` instruction at the head of each, then what it does.
#include "compiler/ir/body_builder.hpp"

namespace wf::ir {

/// Every window must be open at the same instant; a closed one takes back the whole group of steps.
void BodyBuilder::windows(const std::vector<sema::WindowUse>& uses) {
  if (is_handler_ || uses.empty()) return;
  for (const sema::WindowUse& use : uses) {
    if (use.dynamic_zone) f_.expression(*use.dynamic_zone);
  }
  f_.emit(Opcode::window, unit_.window(uses));
}

void BodyBuilder::lower(const sema::Send& s) {
  std::vector<sema::WindowUse> all = s.windowed ? workflow_.windows : std::vector<sema::WindowUse>();
  all.insert(all.end(), s.quiet.begin(), s.quiet.end());
  windows(all);
  f_.expression(s.recipient);
  arguments(s.arguments);
  const bytecode::Email& email = unit_.tables().catalogue.emails[s.email];
  bytecode::Send entry;
  entry.email = s.email;
  entry.mail_class = email.mail_class;
  entry.topic = email.topic;
  entry.arguments = static_cast<std::uint32_t>(s.arguments.size());
  entry.own_subject = s.subject.has_value();
  if (s.subject) entry.subject = *s.subject;
  entry.label = s.label;
  f_.emit(Opcode::send, append(unit_.tables().sends, std::move(entry)));
}

void BodyBuilder::lower(const sema::CreateTask& s) {
  f_.expression(s.title);
  f_.expression(s.assignee);
  if (s.due) f_.expression(*s.due);
  if (s.about) f_.expression(*s.about);
  f_.emit(Opcode::task, unit_.task({s.due.has_value(), s.about.has_value(), s.local}));
}

void BodyBuilder::lower(const sema::CreateRecord& s) {
  bytecode::Create entry;
  entry.object = s.object;
  entry.label = s.local;
  for (const auto& [property, value] : s.values) {
    entry.properties.push_back(property);
    f_.expression(value);
  }
  f_.emit(Opcode::create, append(unit_.tables().creates, std::move(entry)));
}

void BodyBuilder::lower(const sema::DeleteRecord& s) {
  f_.expression(s.record);
  f_.emit(Opcode::delete_record);
}

void BodyBuilder::lower(const sema::Notify& s) {
  if (s.windowed) windows(workflow_.windows);
  f_.expression(s.assignee);
  arguments(s.arguments);
  const auto count = static_cast<std::uint32_t>(s.arguments.size());
  f_.emit(Opcode::notify, append(unit_.tables().notifies, {s.message, count, s.by_mail, s.in_app}));
}

void BodyBuilder::lower(const sema::CallWebhook& s) {
  bytecode::Call entry;
  entry.webhook = s.webhook;
  entry.retries = s.retries.value_or(kNone);
  entry.over = s.over;
  for (const auto& [name, value] : s.fields) {
    entry.fields.push_back(name);
    f_.expression(value);
  }
  if (!s.on_failure.empty()) entry.on_failure = unit_.reserve_function();
  if (s.reply) entry.reply = s.reply->first_local;
  const std::uint32_t handler = entry.on_failure;
  const std::uint32_t call = append(unit_.tables().calls, std::move(entry));
  f_.emit(Opcode::call, call);
  if (handler != kNone) {
    const std::string name = "call " + std::to_string(call) + " on failure";
    BodyBuilder body(unit_, workflow_, name, steps_, true);
    body.reach(unit_.new_branch(), "on failure", span_);
    unit_.set_function(handler, body.build(s.on_failure));
  }
  if (!s.reply) return;
  reply(*s.reply, call,
        static_cast<std::uint32_t>(unit_.tables().catalogue.webhooks[s.webhook].returns.size()));
}

/// The answer comes into locals; a reason beside it tells a failure from a timeout.
void BodyBuilder::reply(const sema::CallWebhook::Reply& reply, std::uint32_t call, std::uint32_t results) {
  const std::uint32_t reason = reply.first_local + results;
  for (std::uint32_t local = reply.first_local; local <= reason; ++local) {
    f_.emit(Opcode::push_unknown);
    f_.emit(Opcode::set_local, local);
  }
  f_.expression(reply.at_most);
  const std::uint32_t wait = wait_entry(bytecode::WaitKind::reply);
  unit_.tables().waits[wait].call = call;
  f_.emit(Opcode::wait_reply, wait);
  const BlockId answered = f_.new_block();
  const BlockId other = f_.new_block();
  const BlockId after = f_.new_block();
  f_.branch(answered, other);
  const std::uint32_t branch = unit_.new_branch();
  const text::Span span = span_;
  reach(branch, "answered", span);
  steps(reply.answered);
  f_.jump_to(after);
  f_.go_on_in(other);
  const BlockId failed = f_.new_block();
  const BlockId timed_out = f_.new_block();
  f_.emit(Opcode::local, reason);
  f_.emit(Opcode::is_known);
  f_.branch(failed, timed_out);
  reach(branch, "failed", span);
  steps(reply.failed);
  f_.jump_to(after);
  f_.go_on_in(timed_out);
  reach(branch, "timed_out", span);
  steps(reply.timed_out);
  f_.jump_to(after);
}

void BodyBuilder::lower(const sema::SetProperty& s) {
  f_.expression(s.value);
  f_.emit(Opcode::set_property, s.property);
}

void BodyBuilder::lower(const sema::AddProperty& s) {
  f_.expression(s.amount);
  f_.emit(Opcode::add_property, s.property);
}

void BodyBuilder::lower(const sema::SetField& s) {
  f_.expression(s.record);
  f_.expression(s.value);
  f_.emit(Opcode::set_field, unit_.field(s.object, s.property));
}

void BodyBuilder::lower(const sema::AddField& s) {
  f_.expression(s.record);
  f_.expression(s.amount);
  f_.emit(Opcode::add_field, unit_.field(s.object, s.property));
}

void BodyBuilder::lower(const sema::ChangeList& s) {
  f_.expression(s.record);
  f_.emit(s.add ? Opcode::list_add : Opcode::list_remove, s.list);
}

void BodyBuilder::lower(const sema::ChangeAudience& s) {
  f_.expression(s.record);
  f_.emit(s.add ? Opcode::audience_add : Opcode::audience_remove, s.audience);
}

void BodyBuilder::lower(const sema::ChangeTag& s) {
  f_.emit(s.add ? Opcode::tag_add : Opcode::tag_remove, unit_.constant(value::Value::text(s.tag)));
}

void BodyBuilder::lower(const sema::ChangeTopic& s) {
  f_.emit(s.subscribe ? Opcode::subscribe : Opcode::unsubscribe, s.topic);
}

void BodyBuilder::lower(const sema::SetMarketing& s) {
  f_.emit(Opcode::set_marketing, s.marketing ? 1 : 0);
}

void BodyBuilder::lower(const sema::Enroll& s) {
  f_.expression(s.record);
  f_.emit(s.enroll ? Opcode::enroll : Opcode::unenroll, s.workflow);
}

void BodyBuilder::lower(const sema::Let& s) {
  f_.expression(s.value);
  f_.emit(Opcode::set_local, s.local);
}

std::uint32_t build_body(UnitBuilder& unit, const sema::Workflow& w, std::vector<std::uint32_t>& steps) {
  const std::uint32_t index = unit.reserve_function();
  unit.set_function(index, BodyBuilder(unit, w, bytecode::workflow_label(w.head.name), steps).build(w.body));
  return index;
}

}  // namespace wf::ir
