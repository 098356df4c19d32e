#include "runtime/vm/machine.hpp"

namespace wf::vm {

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
        concat();
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
  fail(run, nested_.spent ? nested_.spent : kNoInstructions);
}

}  // namespace wf::vm
