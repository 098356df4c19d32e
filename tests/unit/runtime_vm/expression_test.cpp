#include "runtime/vm/expression.hpp"

#include <rapidcheck.h>

#include <array>
#include <catch2/catch.hpp>

#include "runtime/vm/machine.hpp"

using namespace wf;
using bytecode::Opcode;
using value::Value;

namespace {

constexpr std::int64_t kNow = 1'000'000;

class SomeRecord final : public vm::View {
 public:
  std::uint64_t key() const override { return 7; }
  std::int64_t created_at() const override { return 5; }
  Value property(std::uint32_t property) const override {
    return property < properties.size() ? properties[property] : Value();
  }
  Value field(std::uint64_t key, std::uint32_t, std::uint32_t property) const override {
    return Value::integer(static_cast<std::int64_t>(key + property));
  }
  std::int64_t count(std::uint32_t counter, std::int64_t) const override { return counter; }
  std::optional<std::int64_t> last_event(std::uint32_t counter) const override {
    return counter % 2 == 0 ? std::nullopt : std::optional<std::int64_t>(kNow);
  }
  std::optional<std::int64_t> expiry(std::uint32_t, std::int64_t) const override { return {}; }
  bool in_list(std::uint32_t list) const override { return list % 2 == 0; }
  bool has_tag(std::string_view tag) const override { return tag.size() % 2 == 0; }

  std::vector<Value> properties;
};

Value some_value() {
  const auto number = static_cast<std::int64_t>(*rc::gen::inRange(-2, 3));
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
    case 1:
      return Value::boolean(number > 0);
    case 2:
      return Value::integer(number);
    case 3:
      return Value::decimal(number * 500'000);
    case 4:
      return Value::text(std::array{"", "a", "A", "ab", "ünï"}[static_cast<std::size_t>(number + 2)]);
    case 5:
      return Value::instant(kNow + number);
    case 6:
      return Value::duration(number);
    case 7:
      return Value::ref(0, static_cast<std::uint64_t>(number + 7));
    default:
      return {};
  }
}

/// Code that leaves one value; its operands may be of any kind, which the machine must stand too.
class SomeCode {
 public:
  explicit SomeCode(bytecode::Program& program) : program_(program) {}

  void expression(int depth) {
    if (depth == 0 || *rc::gen::inRange(0, 5) == 0) return leaf();
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        expression(depth - 1);
        return emit(any(std::array{Opcode::not_, Opcode::is_known, Opcode::negate, Opcode::field,
                                   Opcode::occurred_since, Opcode::date_of}));
      case 1: {
        const int items = *rc::gen::inRange(0, 4);
        for (int n = 0; n <= items; ++n) expression(0);
        return emit(Opcode::any_of, static_cast<std::uint32_t>(items));
      }
      default:
        expression(depth - 1);
        expression(depth - 1);
        return emit(any(std::array{Opcode::and_, Opcode::or_, Opcode::and_, Opcode::or_, Opcode::eq,
                                   Opcode::ne, Opcode::lt, Opcode::le, Opcode::gt, Opcode::ge,
                                   Opcode::contains, Opcode::starts_with, Opcode::ends_with, Opcode::matches,
                                   Opcode::add, Opcode::sub, Opcode::mul, Opcode::div, Opcode::coalesce}));
    }
  }

 private:
  template <std::size_t N>
  Opcode any(const std::array<Opcode, N>& opcodes) {
    return opcodes[*rc::gen::inRange<std::size_t>(0, N)];
  }

  void leaf() {
    const auto number = static_cast<std::uint32_t>(*rc::gen::inRange(0, 4));
    const Opcode op = any(std::array{Opcode::push, Opcode::push, Opcode::push_unknown, Opcode::property,
                                     Opcode::property, Opcode::self, Opcode::parameter, Opcode::now,
                                     Opcode::created_at, Opcode::count, Opcode::last_event, Opcode::in_list});
    if (op == Opcode::push) {
      program_.constants.push_back(some_value());
      return emit(op, static_cast<std::uint32_t>(program_.constants.size() - 1));
    }
    const bool plain =
        op == Opcode::push_unknown || op == Opcode::self || op == Opcode::now || op == Opcode::created_at;
    emit(op, plain ? 0 : number);
  }

  void emit(Opcode op, std::uint32_t operand = 0) { program_.code.push_back(bytecode::encode(op, operand)); }

  bytecode::Program& program_;
};

bytecode::Program some_program() {
  bytecode::Program program;
  program.catalogue.objects.emplace_back().name = "contact";
  program.fields.push_back({0, 1});
  program.counters.resize(4);
  SomeCode(program).expression(4);
  program.code.push_back(bytecode::encode(Opcode::return_));
  bytecode::Function function;
  function.object = 0;
  function.end = static_cast<std::uint32_t>(program.code.size());
  function.max_stack = 16;
  program.functions.push_back(function);
  return program;
}

}  // namespace

TEST_CASE("an expression has the value that the machine gives it") {
  int alone = 0;
  CHECK(rc::check([&] {
    const bytecode::Program program = some_program();
    SomeRecord record;
    for (int n = 0; n < 4; ++n) record.properties.push_back(some_value());
    const vm::Event event{0, {some_value(), some_value()}};
    vm::Expression expression(program, program.functions[0], record, &event, kNow);
    const Value* found = expression.evaluate();
    vm::Nested nested;
    const Value wanted = vm::Machine(program, 0, record, &event, kNow, nested).evaluate();
    alone += found != nullptr ? 1 : 0;
    if (found != nullptr && !(*found == wanted)) RC_FAIL(found->debug() + " instead of " + wanted.debug());
    RC_ASSERT(vm::evaluate(program, 0, record, &event, kNow) == wanted);
  }));
  CHECK(alone > 0);
}

TEST_CASE("what decides an expression early leaves the rest aside") {
  bytecode::Program program;
  program.catalogue.objects.emplace_back().name = "contact";
  const auto code = {bytecode::encode(Opcode::property, 0), bytecode::encode(Opcode::not_),
                     bytecode::encode(Opcode::property, 1), bytecode::encode(Opcode::and_),
                     bytecode::encode(Opcode::return_)};
  program.code.assign(code);
  bytecode::Function function;
  function.object = 0;
  function.end = 5;
  function.max_stack = 2;
  program.functions.push_back(function);

  struct Counting final : vm::View {
    explicit Counting(bool left) : left_(left) {}
    std::uint64_t key() const override { return 1; }
    std::int64_t created_at() const override { return 0; }
    Value property(std::uint32_t property) const override {
      ++asked;
      return Value::boolean(property == 1 || !left_);
    }
    Value field(std::uint64_t, std::uint32_t, std::uint32_t) const override { return {}; }
    std::int64_t count(std::uint32_t, std::int64_t) const override { return 0; }
    std::optional<std::int64_t> last_event(std::uint32_t) const override { return {}; }
    std::optional<std::int64_t> expiry(std::uint32_t, std::int64_t) const override { return {}; }
    bool in_list(std::uint32_t) const override { return false; }
    bool has_tag(std::string_view) const override { return false; }
    mutable int asked = 0;
    bool left_;
  };
  const Counting no(false), yes(true);
  CHECK_FALSE(vm::holds(program, 0, no, nullptr, kNow));
  CHECK(no.asked == 1);
  CHECK(vm::holds(program, 0, yes, nullptr, kNow));
  CHECK(yes.asked == 2);
}
