#include "runtime/vm/vm.hpp"

#include <algorithm>
#include <utility>

#include "runtime/vm/moment.hpp"
#include "runtime/vm/operators.hpp"
#include "runtime/vm/writes.hpp"

namespace wf::vm {

using bytecode::Opcode;
using value::Kind;

namespace {

/// Conditions over associated records nest no deeper.
constexpr int kMaxNesting = 32;

/// What the conditions over associated records of one run share.
struct Nested {
  std::uint32_t budget = kRelatedBudget;
  int depth = 0;
  bool spent = false;
};

/// The stack of one run. Depth was proved by the verifier; the checks here only guard against defects.
class Machine {
 public:
  Machine(const Program& program, std::uint32_t function, const View& view, const Event* event,
          std::int64_t now, Nested& nested)
      : program_(program),
        function_(program.functions[function]),
        view_(view),
        event_(event),
        now_(now),
        nested_(nested) {
    stack_.reserve(16);
  }

  /// `locals`: those of the code around it, at least as many as the function has.
  Value evaluate(const std::vector<Value>& locals = {}) {
    Run run;
    locals_ = locals;
    locals_.resize(function_.locals);
    std::uint32_t budget = nested_.depth == 0 ? kInstructionBudget : nested_.budget;
    execute(function_.begin, run, budget);
    if (nested_.depth > 0) nested_.budget = budget;
    return stack_.empty() || !run.detail.empty() ? Value() : pop();
  }

  Run run(std::uint32_t pc, std::vector<Value>& locals, Resume resume) {
    Run run;
    locals_ = locals;
    if (resume != Resume::none) push(Value::boolean(resume == Resume::happened));
    std::uint32_t budget = kInstructionBudget;
    execute(pc, run, budget);
    if (run.outcome == Outcome::ended || run.outcome == Outcome::waiting) locals = std::move(locals_);
    return run;
  }

 private:
  void push(Value v) { stack_.push_back(std::move(v)); }
  Value pop() {
    WF_ASSERT(!stack_.empty());
    Value v = std::move(stack_.back());
    stack_.pop_back();
    return v;
  }
  template <class Op>
  void binary(Op op) {
    const Value b = pop();
    const Value a = pop();
    push(op(a, b));
  }
  template <class Test>
  void ordered(Test test) {
    binary([&](const Value& a, const Value& b) {
      const Value order = compare(a, b);
      return order.is_unknown() ? Value() : Value::boolean(test(order.as_integer()));
    });
  }
  std::vector<Value> pop_many(std::uint32_t n) {
    WF_ASSERT(stack_.size() >= n);
    std::vector<Value> values(std::make_move_iterator(stack_.end() - n),
                              std::make_move_iterator(stack_.end()));
    stack_.resize(stack_.size() - n);
    return values;
  }
  static std::uint64_t key_of(const Value& v) { return v.kind() == Kind::ref ? v.as_key() : 0; }

  void execute(std::uint32_t pc, Run& run, std::uint32_t& budget);
  bool jumps(Opcode op) {
    const Value v = pop();
    const bool yes = v.kind() == Kind::boolean && v.as_boolean();
    return (op == Opcode::jump_if) == yes;
  }
  // Steps of a group see what the steps before them have done.
  Value property(std::uint32_t p) const { return field(view_.key(), function_.object, p); }
  Value field(std::uint64_t key, std::uint32_t object, std::uint32_t p) const;
  std::vector<std::uint64_t> associated(const bytecode::Relation& relation, std::uint64_t of) const;
  bool fits(const bytecode::Relation& relation, std::uint64_t key);
  std::vector<std::uint64_t> fitting(const bytecode::Relation& relation, const Value& of, std::size_t limit);
  Value related(const bytecode::Relation& relation, const Value& of);
  Value one_of(const bytecode::Relation& relation, const Value& of) const;
  bool is_member(std::uint32_t list) const;
  bool is_tagged(std::string_view tag) const;
  Value count(std::uint32_t counter) const;
  Value any_of(std::uint32_t n);
  Value age(const Value& v) const;
  Value earliest(std::uint32_t n);
  Value date_of(const Value& v) const;
  Value resolve_moment(const bytecode::Moment& moment);
  void act(Opcode op, std::uint32_t operand, Run& run);
  void set_property(std::uint32_t p, Value v, Run& run);
  void add_property(std::uint32_t p, const Value& amount, Run& run);
  void change_field(const bytecode::FieldRef& field, std::uint64_t key, Value v, bool add, Run& run);
  void change_list(std::uint32_t list, bool add, Run& run);
  void change_tag(std::string_view tag, bool add, Run& run);
  void create(std::uint32_t index, Run& run);
  void create_task(std::uint32_t index, Run& run);
  void remove(Run& run);
  void collect(std::uint32_t index);
  void rotate(std::uint32_t rotation, Run& run);
  bool send(std::uint32_t index, Run& run);
  bool closed(std::uint32_t window, Run& run);
  void winner_due(std::uint32_t experiment, Run& run);
  void experiment(std::uint32_t experiment, Run& run);
  void wait(Opcode op, std::uint32_t index, std::uint32_t pc, Run& run);

  const bytecode::Property& declared(std::uint32_t object, std::uint32_t p) const {
    return program_.catalogue.objects[object].properties[p];
  }

  const Program& program_;
  const bytecode::Function& function_;
  const View& view_;
  const Event* event_;
  std::int64_t now_;
  std::vector<Value> stack_;
  std::vector<Value> locals_;
  OpenWindow window_;  // of the next send
  Nested& nested_;
  Writes writes_;  // of this group
  std::uint32_t created_ = 0;
  std::vector<std::uint32_t> turns_;  // rotations of which this group took a turn
};

Value Machine::field(std::uint64_t key, std::uint32_t object, std::uint32_t p) const {
  if (key == 0 || writes_.is_deleted(key)) return {};
  if (const Value* written = writes_.find(key, object, p)) return *written;
  if (key == view_.key() && object == function_.object) return view_.property(p);
  return view_.field(key, object, p);
}

bool Machine::is_member(std::uint32_t list) const {
  return writes_.member(view_.key(), list).value_or(view_.in_list(list));
}

bool Machine::is_tagged(std::string_view tag) const {
  return writes_.tagged(view_.key(), tag).value_or(view_.has_tag(tag));
}

std::vector<std::uint64_t> Machine::associated(const bytecode::Relation& relation, std::uint64_t of) const {
  if (of == 0) return {};
  if (relation.property == kNone) return {of};
  return writes_.linked(view_.linked(of, relation.object, relation.property), of, relation.object,
                        relation.property);
}

bool Machine::fits(const bytecode::Relation& relation, std::uint64_t key) {
  if (nested_.spent) return false;
  // Without a condition a record that others point at is there; one pointed at may be gone.
  if (relation.where == kNone && relation.property != kNone) return true;
  const auto other = Written::written_view(view_, key, relation.object, writes_, now_);
  if (!other || relation.where == kNone) return other != nullptr;
  if (nested_.depth == kMaxNesting) return false;
  ++nested_.depth;
  const Value v = Machine(program_, relation.where, *other, nullptr, now_, nested_).evaluate(locals_);
  --nested_.depth;
  nested_.spent |= nested_.budget == 0;
  return v.kind() == Kind::boolean && v.as_boolean();
}

std::vector<std::uint64_t> Machine::fitting(const bytecode::Relation& relation, const Value& of,
                                            std::size_t limit) {
  std::vector<std::uint64_t> keys;
  for (const std::uint64_t key : associated(relation, key_of(of))) {
    if (keys.size() == limit) break;
    if (fits(relation, key)) keys.push_back(key);
  }
  return keys;
}

Value Machine::related(const bytecode::Relation& relation, const Value& of) {
  const std::size_t limit = relation.limit == 0 ? SIZE_MAX : relation.limit;
  return Value::integer(static_cast<std::int64_t>(fitting(relation, of, limit).size()));
}

/// The primary one if it is among them, else the oldest.
Value Machine::one_of(const bytecode::Relation& relation, const Value& of) const {
  const std::uint64_t owner = key_of(of);
  const std::vector<std::uint64_t> keys = associated(relation, owner);
  if (keys.empty()) return {};
  if (relation.primary != kNone) {
    const std::uint32_t object = declared(relation.object, relation.property).type.aux;
    const std::uint64_t primary = key_of(field(owner, object, relation.primary));
    if (std::find(keys.begin(), keys.end(), primary) != keys.end())
      return Value::ref(relation.object, primary);
  }
  return Value::ref(relation.object, keys.front());
}

Value Machine::count(std::uint32_t index) const {
  std::int64_t times = view_.count(index, now_);
  const bytecode::Counter& counter = program_.counters[index];
  if (counter.kind == bytecode::CounterKind::became) {
    times += writes_.became(view_.key(), function_.object, counter.property, view_.property(counter.property),
                            counter.became);
  }
  return Value::integer(times);
}

Value Machine::any_of(std::uint32_t n) {
  const std::vector<Value> values = pop_many(n);
  const Value sought = pop();
  Value result = Value::boolean(false);
  for (const Value& v : values) result = kleene_or(result, equal(sought, v));
  return result;
}

Value Machine::age(const Value& v) const {
  if (v.kind() == Kind::instant) return Value::duration(value::sub_saturating(now_, v.as_instant()));
  if (v.kind() != Kind::date) return {};
  const std::int64_t midnight = value::to_instant(v.as_date(), 0, program_.catalogue.zone);
  return Value::duration(value::sub_saturating(now_, midnight));
}

Value Machine::earliest(std::uint32_t n) {
  Value first;
  for (const Value& v : pop_many(n)) {
    if (v.kind() != Kind::instant || v.as_instant() <= now_) continue;
    if (first.is_unknown() || v.as_instant() < first.as_instant()) first = v;
  }
  return first;
}

Value Machine::date_of(const Value& v) const {
  if (v.kind() != Kind::instant) return {};
  const value::Civil local = value::to_local(v.as_instant(), program_.catalogue.zone);
  const auto days = value::to_days(local.year, local.month, local.day);
  return days ? Value::date(*days) : Value();
}

Value Machine::resolve_moment(const bytecode::Moment& moment) {
  const Value zone = moment.dynamic_zone ? pop() : Value();
  const Value anchor = moment.has_anchor ? pop() : Value();
  const auto instant = resolve(moment, program_.catalogue, anchor, zone, now_);
  return instant ? Value::instant(*instant) : Value();
}

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

// The one long function: a case an opcode.
void Machine::execute(std::uint32_t pc, Run& run, std::uint32_t& budget) {
  for (; budget > 0 && !nested_.spent; --budget) {
    WF_ASSERT(pc >= function_.begin && pc < function_.end);
    const bytecode::Word word = program_.code[pc++];
    const std::uint32_t operand = bytecode::operand_of(word);
    const Opcode op = bytecode::opcode_of(word);
    switch (op) {
      case Opcode::push:
        push(program_.constants[operand]);
        break;
      case Opcode::push_unknown:
        push({});
        break;
      case Opcode::property:
        push(property(operand));
        break;
      case Opcode::field: {
        const std::uint64_t key = key_of(pop());
        push(field(key, program_.fields[operand].object, program_.fields[operand].property));
        break;
      }
      case Opcode::self:
        push(Value::ref(function_.object, view_.key()));
        break;
      case Opcode::parameter:
        push(event_ && operand < event_->parameters.size() ? event_->parameters[operand] : Value());
        break;
      case Opcode::local:
        push(locals_[operand]);
        break;
      case Opcode::set_local:
        locals_[operand] = pop();
        break;
      case Opcode::now:
        push(Value::instant(now_));
        break;
      case Opcode::created_at:
        push(Value::instant(view_.created_at()));
        break;
      case Opcode::drop:
        pop();
        break;
      case Opcode::eq:
        binary(equal);
        break;
      case Opcode::ne:
        binary([](const Value& a, const Value& b) { return kleene_not(equal(a, b)); });
        break;
      case Opcode::lt:
        ordered([](std::int64_t o) { return o < 0; });
        break;
      case Opcode::le:
        ordered([](std::int64_t o) { return o <= 0; });
        break;
      case Opcode::gt:
        ordered([](std::int64_t o) { return o > 0; });
        break;
      case Opcode::ge:
        ordered([](std::int64_t o) { return o >= 0; });
        break;
      case Opcode::is_known:
        push(Value::boolean(!pop().is_unknown()));
        break;
      case Opcode::and_:
        binary(kleene_and);
        break;
      case Opcode::or_:
        binary(kleene_or);
        break;
      case Opcode::not_:
        push(kleene_not(pop()));
        break;
      case Opcode::any_of:
        push(any_of(operand));
        break;
      case Opcode::contains:
        binary([](const Value& a, const Value& b) { return test_text(TextTest::contains, a, b); });
        break;
      case Opcode::starts_with:
        binary([](const Value& a, const Value& b) { return test_text(TextTest::starts_with, a, b); });
        break;
      case Opcode::ends_with:
        binary([](const Value& a, const Value& b) { return test_text(TextTest::ends_with, a, b); });
        break;
      case Opcode::matches:
        binary(matches_glob);
        break;
      case Opcode::add:
        binary(vm::add);
        break;
      case Opcode::sub:
        binary(subtract);
        break;
      case Opcode::mul:
        binary(multiply);
        break;
      case Opcode::div:
        binary(divide);
        break;
      case Opcode::negate:
        push(vm::negate(pop()));
        break;
      case Opcode::coalesce:
        binary([](const Value& a, const Value& b) { return a.is_unknown() ? b : a; });
        break;
      case Opcode::age:
        push(age(pop()));
        break;
      case Opcode::count:
        push(count(operand));
        break;
      case Opcode::last_event: {
        const auto last = view_.last_event(operand);
        push(last ? Value::instant(*last) : Value());
        break;
      }
      case Opcode::occurred_since: {
        const Value since = pop();
        const auto last = view_.last_event(operand);
        const bool known = since.kind() == Kind::instant;
        push(known ? Value::boolean(last && *last >= since.as_instant()) : Value());
        break;
      }
      case Opcode::in_list:
        push(Value::boolean(is_member(operand)));
        break;
      case Opcode::has_tag:
        push(Value::boolean(is_tagged(program_.constants[operand].as_text())));
        break;
      case Opcode::moment:
        push(resolve_moment(program_.moments[operand]));
        break;
      case Opcode::earliest:
        push(earliest(operand));
        break;
      case Opcode::expiry: {
        const auto next = view_.expiry(operand, now_);
        push(next ? Value::instant(*next) : Value());
        break;
      }
      case Opcode::choose: {
        Value otherwise = pop();
        Value chosen = pop();
        const Value condition = pop();
        const bool yes = condition.kind() == Kind::boolean && condition.as_boolean();
        push(yes ? std::move(chosen) : std::move(otherwise));
        break;
      }
      case Opcode::related:
        push(related(program_.relations[operand], pop()));
        break;
      case Opcode::associated:
        push(one_of(program_.relations[operand], pop()));
        break;
      case Opcode::date_of:
        push(date_of(pop()));
        break;
      case Opcode::concat:
        binary(join_texts);
        break;
      case Opcode::jump:
        pc = operand;
        break;
      case Opcode::jump_if:
      case Opcode::jump_unless:
        if (jumps(op)) pc = operand;
        break;
      case Opcode::return_:
        return;
      case Opcode::step:
        run.steps.push_back(operand);
        break;
      case Opcode::outcome:
        run.outcomes.push_back(operand);
        break;
      case Opcode::window:
        if (closed(operand, run)) return;
        break;
      case Opcode::send:
        if (!send(operand, run)) return;
        break;
      case Opcode::wait_event:
        // What reacts to a mail that was not sent cannot come.
        if (const std::uint32_t sent = program_.waits[operand].sent;
            sent != kNone && locals_[sent].is_unknown()) {
          pop();
          run.actions.emplace_back(NotSent{operand});
          push(Value::boolean(false));
          break;
        }
        [[fallthrough]];
      case Opcode::wait_for:
      case Opcode::wait_until:
      case Opcode::wait_reply:
        wait(op, operand, pc, run);
        return;
      case Opcode::winner_due:
        winner_due(operand, run);
        break;
      case Opcode::experiment:
        experiment(operand, run);
        break;
      case Opcode::stop:
        run.outcome = Outcome::ended;
        run.reason = static_cast<bytecode::EndReason>(operand);
        return;
      case Opcode::end:
        run.outcome = Outcome::ended;
        run.reason = bytecode::EndReason::completed;
        return;
      default:
        act(op, operand, run);
        break;
    }
  }
  run = Run{};
  run.detail = "the instruction budget is used up";
}

}  // namespace

Run run(const Program& program, std::uint32_t function, std::uint32_t pc, std::vector<Value>& locals,
        Resume resume, const View& view, const Event* event, std::int64_t now) {
  Nested nested;
  return Machine(program, function, view, event, now, nested).run(pc, locals, resume);
}

Value evaluate(const Program& program, std::uint32_t function, const View& view, const Event* event,
               std::int64_t now) {
  Nested nested;
  return Machine(program, function, view, event, now, nested).evaluate();
}

bool holds(const Program& program, std::uint32_t function, const View& view, const Event* event,
           std::int64_t now) {
  const Value v = evaluate(program, function, view, event, now);
  return v.kind() == Kind::boolean && v.as_boolean();
}

bool matches(const Program& program, const bytecode::EventMatch& match, const View& view, const Event& event,
             std::int64_t now) {
  if (match.event != event.type) return false;
  for (const auto& filter : match.filters) {
    if (filter.parameter >= event.parameters.size() ||
        !(event.parameters[filter.parameter] == filter.value)) {
      return false;
    }
  }
  return match.where == kNone || holds(program, match.where, view, &event, now);
}

}  // namespace wf::vm
