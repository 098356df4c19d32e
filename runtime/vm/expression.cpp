#include "runtime/vm/expression.hpp"

#include <bit>
#include <string_view>

namespace wf::vm {

using bytecode::Opcode;
using value::Kind;

namespace {

const Value kTruths[] = {Value::boolean(false), Value::boolean(true), Value()};

/// How many values an instruction takes from the stack and puts there.
struct Effect {
  std::uint8_t pops, pushes;
};
constexpr Effect kEffects[] = {
#define WF_OPCODE(name, operand, pops, pushes, doc) \
  {std::string_view(pops).size(), std::string_view(pushes).size()},
#include "runtime/bytecode/opcodes.def"
#undef WF_OPCODE
};

std::uint32_t pops_of(Opcode op, std::uint32_t operand) {
  return op == Opcode::any_of ? operand + 1 : kEffects[static_cast<std::size_t>(op)].pops;
}

/// Reads and computes, and uses up no budget: it makes no difference whether it is done.
bool is_plain(Opcode op) {
  switch (op) {
    case Opcode::push:
    case Opcode::push_unknown:
    case Opcode::property:
    case Opcode::field:
    case Opcode::self:
    case Opcode::parameter:
    case Opcode::now:
    case Opcode::created_at:
    case Opcode::eq:
    case Opcode::ne:
    case Opcode::lt:
    case Opcode::le:
    case Opcode::gt:
    case Opcode::ge:
    case Opcode::is_known:
    case Opcode::and_:
    case Opcode::or_:
    case Opcode::not_:
    case Opcode::any_of:
    case Opcode::contains:
    case Opcode::starts_with:
    case Opcode::ends_with:
    case Opcode::matches:
    case Opcode::add:
    case Opcode::sub:
    case Opcode::mul:
    case Opcode::div:
    case Opcode::negate:
    case Opcode::coalesce:
    case Opcode::count:
    case Opcode::last_event:
    case Opcode::occurred_since:
    case Opcode::in_list:
    case Opcode::has_tag:
      return true;
    default:
      return false;
  }
}

Value instant_or_unknown(std::optional<std::int64_t> at) {
  return at ? Value::instant(*at) : Value();
}

}  // namespace

Expression::~Expression() {
  for (; filled_ != 0; filled_ &= filled_ - 1)
    rooms_[static_cast<std::size_t>(std::countr_zero(filled_))].clear();
}

template <class Make>
void Expression::push_made(Make make) {
  const std::uint32_t bit = 1u << size_;
  if ((filled_ & bit) != 0) rooms_[size_].clear();
  filled_ |= bit;
  stack_[size_] = rooms_[size_].fill(make);
  ++size_;
}

/// The result is made while its operands are still there: it may take the room of one.
template <class Op>
void Expression::replace_one(Op op) {
  Value result = op(pop());
  push_made([&] { return std::move(result); });
}

template <class Op>
void Expression::replace_two(Op op) {
  const Value& b = pop();
  const Value& a = pop();
  Value result = op(a, b);
  push_made([&] { return std::move(result); });
}

void Expression::push_truth(Truth truth) {
  push(kTruths[truth ? (*truth ? 1 : 0) : 2]);
}

template <class Test>
void Expression::test_two(Test test) {
  const Value& b = pop();
  const Value& a = pop();
  push_truth(test(a, b));
}

template <class Test>
void Expression::test_order(Test test) {
  test_two([&](const Value& a, const Value& b) -> Truth {
    const auto order = order_of(a, b);
    return order ? Truth(test(*order)) : std::nullopt;
  });
}

Truth Expression::any_of(std::uint32_t n) {
  const std::size_t first = size_ - n;
  const Value& sought = *stack_[first - 1];
  Truth result = false;
  for (std::size_t i = first; i < size_ && result != true; ++i)
    result = either(result, equals(sought, *stack_[i]));
  size_ = first - 1;
  return result;
}

Value Expression::field(const Value& of, const bytecode::FieldRef& field) const {
  const std::uint64_t key = of.kind() == Kind::ref ? of.as_key() : 0;
  if (key == 0) return {};
  if (key == view_.key() && field.object == function_.object) return view_.property(field.property);
  return view_.field(key, field.object, field.property);
}

Truth Expression::occurred_since(std::uint32_t counter, const Value& since) const {
  if (since.kind() != Kind::instant) return std::nullopt;
  const auto last = view_.last_event(counter);
  return last && *last >= since.as_instant();
}

/// What is on top may decide more: the place behind an `and_` whose left side it is and that is false, or an
/// `or_` and that is true; else `pc`.
std::uint32_t Expression::behind(std::uint32_t pc) const {
  const Truth left = truth_of(*stack_[size_ - 1]);
  if (!left) return pc;
  std::uint32_t above = 0;
  for (std::uint32_t at = pc;; ++at) {
    const bytecode::Word word = program_.code[at];
    const Opcode op = bytecode::opcode_of(word);
    const std::uint32_t pops = pops_of(op, bytecode::operand_of(word));
    if (!is_plain(op)) return pc;
    if (pops > above) return above == 1 && op == (*left ? Opcode::or_ : Opcode::and_) ? at + 1 : pc;
    above = above - pops + kEffects[static_cast<std::size_t>(op)].pushes;
  }
}

// The one long function: a case an opcode.
const Value* Expression::evaluate() {
  if (function_.max_stack > kDepth || function_.end - function_.begin > kInstructionBudget) return nullptr;
  for (std::uint32_t pc = function_.begin;;) {
    WF_ASSERT(pc < function_.end);
    const bytecode::Word word = program_.code[pc++];
    const std::uint32_t operand = bytecode::operand_of(word);
    switch (bytecode::opcode_of(word)) {
      case Opcode::push:
        push(program_.constants[operand]);
        continue;
      case Opcode::push_unknown:
        push_truth(std::nullopt);
        continue;
      case Opcode::property:
        push_made([&] { return view_.property(operand); });
        continue;
      case Opcode::self:
        push_made([&] { return Value::ref(function_.object, view_.key()); });
        continue;
      case Opcode::parameter:
        if (event_ == nullptr || operand >= event_->parameters.size()) {
          push_truth(std::nullopt);
        } else {
          push(event_->parameters[operand]);
        }
        continue;
      case Opcode::now:
        push_made([&] { return Value::instant(now_); });
        continue;
      case Opcode::created_at:
        push_made([&] { return Value::instant(view_.created_at()); });
        continue;
      case Opcode::count:
        push_made([&] { return Value::integer(view_.count(operand, now_)); });
        continue;
      case Opcode::last_event:
        push_made([&] { return instant_or_unknown(view_.last_event(operand)); });
        continue;
      case Opcode::field:
        replace_one([&](const Value& of) { return field(of, program_.fields[operand]); });
        break;
      case Opcode::negate:
        replace_one(vm::negate);
        continue;
      case Opcode::add:
        replace_two(vm::add);
        continue;
      case Opcode::sub:
        replace_two(subtract);
        continue;
      case Opcode::mul:
        replace_two(multiply);
        continue;
      case Opcode::div:
        replace_two(divide);
        continue;
      case Opcode::coalesce:
        replace_two([](const Value& a, const Value& b) { return a.is_unknown() ? b : a; });
        break;
      case Opcode::eq:
        test_two(equals);
        break;
      case Opcode::ne:
        test_two([](const Value& a, const Value& b) { return negated(equals(a, b)); });
        break;
      case Opcode::lt:
        test_order([](int o) { return o < 0; });
        break;
      case Opcode::le:
        test_order([](int o) { return o <= 0; });
        break;
      case Opcode::gt:
        test_order([](int o) { return o > 0; });
        break;
      case Opcode::ge:
        test_order([](int o) { return o >= 0; });
        break;
      case Opcode::is_known:
        push_truth(!pop().is_unknown());
        break;
      case Opcode::and_:
        test_two([](const Value& a, const Value& b) { return both(truth_of(a), truth_of(b)); });
        break;
      case Opcode::or_:
        test_two([](const Value& a, const Value& b) { return either(truth_of(a), truth_of(b)); });
        break;
      case Opcode::not_:
        push_truth(negated(truth_of(pop())));
        break;
      case Opcode::any_of:
        push_truth(any_of(operand));
        break;
      case Opcode::contains:
        test_two(
            [](const Value& a, const Value& b) { return truth_of(test_text(TextTest::contains, a, b)); });
        break;
      case Opcode::starts_with:
        test_two(
            [](const Value& a, const Value& b) { return truth_of(test_text(TextTest::starts_with, a, b)); });
        break;
      case Opcode::ends_with:
        test_two(
            [](const Value& a, const Value& b) { return truth_of(test_text(TextTest::ends_with, a, b)); });
        break;
      case Opcode::matches:
        test_two([](const Value& a, const Value& b) { return truth_of(matches_glob(a, b)); });
        break;
      case Opcode::occurred_since:
        push_truth(occurred_since(operand, pop()));
        break;
      case Opcode::in_list:
        push_truth(view_.in_list(operand));
        break;
      case Opcode::has_tag:
        push_truth(view_.has_tag(program_.constants[operand].as_text()));
        break;
      case Opcode::return_:
        return &pop();
      default:
        return nullptr;
    }
    pc = behind(pc);
  }
}

}  // namespace wf::vm
