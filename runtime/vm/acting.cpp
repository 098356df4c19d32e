#include "runtime/vm/machine.hpp"
#include "runtime/vm/moment.hpp"

namespace wf::vm {

void Machine::set_property(std::uint32_t p, Value v, Run& run) {
  v = clamp_to_range(declared(function_.object, p), std::move(v));
  writes_.set(view_.key(), function_.object, p, v);
  run.actions.emplace_back(SetProperty{p, std::move(v)});
}

void Machine::change_field(const bytecode::FieldRef& field, std::uint64_t key, Value v, bool add, Run& run) {
  if (key == 0 || (add && !v.is_number())) return;
  const bytecode::Property& property = declared(field.object, field.property);
  if (!add) v = clamp_to_range(property, std::move(v));
  const Value current = add ? this->field(key, field.object, field.property) : Value();
  writes_.set(key, field.object, field.property, add ? added_to(property, current, v) : v);
  run.actions.emplace_back(ChangeField{key, field.object, field.property, std::move(v), add});
}

void Machine::change_list(std::uint32_t list, bool add, Run& run) {
  const std::uint64_t key = key_of(pop());
  if (key == 0) return;
  writes_.set_member(key, list, add);
  run.actions.emplace_back(ChangeList{key, list, add});
}

void Machine::change_tag(std::string_view tag, bool add, Run& run) {
  writes_.set_tagged(view_.key(), tag, add);
  run.actions.emplace_back(ChangeTag{std::string(tag), add});
}

void Machine::remove(Run& run) {
  const std::uint64_t key = key_of(pop());
  if (key == 0) return;
  writes_.remove(key);
  run.actions.emplace_back(DeleteRecord{key});
}

void Machine::create(std::uint32_t index, Run& run) {
  const bytecode::Create& entry = program_.creates[index];
  const std::vector<Value> values = pop_many(static_cast<std::uint32_t>(entry.properties.size()));
  CreateRecord made{view_.new_key(created_++), entry.object, {}};
  writes_.create(made.key, entry.object);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t p = entry.properties[i];
    Value v = clamp_to_range(declared(entry.object, p), values[i]);
    writes_.set(made.key, entry.object, p, v);
    made.values.emplace_back(p, std::move(v));
  }
  if (entry.label != kNone) locals_[entry.label] = Value::ref(entry.object, made.key);
  run.actions.emplace_back(std::move(made));
}

void Machine::create_task(std::uint32_t index, Run& run) {
  const bytecode::Task& entry = program_.tasks[index];
  CreateTask task;
  if (entry.has_about) task.about = key_of(pop());
  if (entry.has_due) task.due = pop();
  task.assignee = pop();
  task.title = pop();
  task.key = view_.new_key(created_++);
  const std::uint32_t object = program_.catalogue.find_object("task");
  if (object != kNone) writes_.create(task.key, object);
  if (entry.label != kNone && object != kNone) locals_[entry.label] = Value::ref(object, task.key);
  run.actions.emplace_back(std::move(task));
}

void Machine::collect(std::uint32_t index) {
  const bytecode::Collect& entry = program_.collects[index];
  const bytecode::Relation& relation = program_.relations[entry.relation];
  const std::vector<std::uint64_t> keys = fitting(relation, pop(), entry.count);
  for (std::uint32_t i = 0; i < entry.count; ++i) {
    locals_[entry.first + i] = i < keys.size() ? Value::ref(relation.object, keys[i]) : Value();
  }
}

void Machine::rotate(std::uint32_t rotation, Run& run) {
  const std::vector<std::uint32_t>& users = program_.rotations[rotation].users;
  const auto taken = static_cast<std::uint64_t>(std::count(turns_.begin(), turns_.end(), rotation));
  const std::uint32_t user = users[(view_.turns(rotation) + taken) % users.size()];
  turns_.push_back(rotation);
  push(Value::resource(static_cast<std::uint32_t>(bytecode::ResourceKind::user), user));
  run.actions.emplace_back(TakeTurn{rotation});
}

void Machine::add_property(std::uint32_t p, const Value& amount, Run& run) {
  if (!amount.is_number()) return;
  set_property(p, added_to(declared(function_.object, p), property(p), amount), run);
}

/// False when there is nobody to send to: the run is over.
bool Machine::send(std::uint32_t index, Run& run) {
  const bytecode::Send& entry = program_.sends[index];
  std::vector<Value> arguments = pop_many(entry.arguments);
  const std::uint64_t recipient = key_of(pop());
  if (recipient == 0) {
    run.outcome = Outcome::ended;
    run.reason = bytecode::EndReason::no_recipient;
    return false;
  }
  run.actions.emplace_back(Send{index, recipient, std::move(arguments), std::exchange(window_, {})});
  if (entry.label != kNone) locals_[entry.label] = Value::instant(now_);
  return true;
}

bool Machine::closed(std::uint32_t index, Run& run) {
  const bytecode::Window& window = program_.windows[index];
  const auto dynamic = [](const bytecode::Opening& opening) { return opening.dynamic_zone; };
  const auto count = std::count_if(window.all.begin(), window.all.end(), dynamic);
  std::vector<Value> zones = pop_many(static_cast<std::uint32_t>(count));
  const auto until = closed_until(window, zones, view_.key(), now_);
  if (!until) {
    window_ = {index, std::move(zones)};
    return false;
  }
  run.outcome = Outcome::deferred;
  run.due = *until;
  run.actions.clear();
  run.steps.clear();
  run.outcomes.clear();
  return true;
}

void Machine::winner_due(std::uint32_t experiment, Run& run) {
  if (view_.arm(experiment, pop(), now_)) return push({});
  run.actions.emplace_back(Expose{experiment, bytecode::kNone});
  push(Value::instant(view_.winner_due(experiment, now_)));
}

void Machine::experiment(std::uint32_t experiment, Run& run) {
  const std::uint32_t arm = view_.arm(experiment, pop(), now_).value_or(0);
  run.actions.emplace_back(Expose{experiment, arm});
  push(Value::integer(arm));
}

void Machine::wait(Opcode op, std::uint32_t index, std::uint32_t pc, Run& run) {
  const Value when = pop();
  run.outcome = Outcome::waiting;
  run.wait = index;
  run.pc = pc;
  if (op == Opcode::wait_until) {
    run.due = when.kind() == Kind::instant ? when.as_instant() : now_;
  } else {
    const std::int64_t length =
        when.kind() == Kind::duration ? std::max<std::int64_t>(when.as_duration(), 0) : 0;
    run.due = value::add_saturating(now_, length);
  }
}

/// Opcodes that want something done to the record or the world.
void Machine::act(Opcode op, std::uint32_t operand, Run& run) {
  switch (op) {
    case Opcode::set_property:
      return set_property(operand, pop(), run);
    case Opcode::add_property:
      return add_property(operand, pop(), run);
    case Opcode::set_field:
    case Opcode::add_field: {
      Value v = pop();
      const std::uint64_t key = key_of(pop());
      return change_field(program_.fields[operand], key, std::move(v), op == Opcode::add_field, run);
    }
    case Opcode::list_add:
    case Opcode::list_remove:
      return change_list(operand, op == Opcode::list_add, run);
    case Opcode::audience_add:
    case Opcode::audience_remove: {
      const std::uint64_t key = key_of(pop());
      if (key != 0) run.actions.emplace_back(ChangeAudience{key, operand, op == Opcode::audience_add});
      return;
    }
    case Opcode::tag_add:
    case Opcode::tag_remove:
      return change_tag(program_.constants[operand].as_text(), op == Opcode::tag_add, run);
    case Opcode::task:
      return create_task(operand, run);
    case Opcode::collect:
      return collect(operand);
    case Opcode::create:
      return create(operand, run);
    case Opcode::rotate:
      return rotate(operand, run);
    case Opcode::delete_record:
      return remove(run);
    case Opcode::notify: {
      std::vector<Value> arguments = pop_many(program_.notifies[operand].arguments);
      const std::uint64_t key = program_.notifies[operand].in_app ? view_.new_key(created_++) : 0;
      run.actions.emplace_back(Notify{operand, pop(), std::move(arguments), key});
      return;
    }
    case Opcode::call: {
      const auto count = static_cast<std::uint32_t>(program_.calls[operand].fields.size());
      run.actions.emplace_back(Call{operand, pop_many(count)});
      return;
    }
    case Opcode::enroll:
    case Opcode::unenroll: {
      const std::uint64_t key = key_of(pop());
      if (key != 0) run.actions.emplace_back(Enroll{operand, key, op == Opcode::enroll});
      return;
    }
    case Opcode::subscribe:
      run.actions.emplace_back(ChangeTopic{operand, true});
      return;
    case Opcode::unsubscribe:
      run.actions.emplace_back(ChangeTopic{operand, false});
      return;
    case Opcode::set_marketing:
      run.actions.emplace_back(SetMarketing{operand != 0});
      return;
    default:
      WF_ASSERT(false);
  }
}

}  // namespace wf::vm
