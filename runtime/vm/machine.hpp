// Internal to the machine: the stack of one run. machine.cpp is the loop, reading.cpp what instructions ask
// of records, acting.cpp what they want done.
#pragma once

#include <algorithm>
#include <utility>

#include "runtime/vm/operators.hpp"
#include "runtime/vm/vm.hpp"
#include "runtime/vm/writes.hpp"

namespace wf::vm {

using bytecode::Opcode;
using value::Kind;

/// What a run shares with the conditions over associated records that it asks.
struct Nested {
  std::uint32_t budget = kRelatedBudget;
  std::size_t text = kTextBudget;
  int depth = 0;
  const char* spent = nullptr;  ///< which budget is used up
};

inline constexpr const char* kNoInstructions = "the instruction budget is used up";
inline constexpr const char* kNoText = "it joins more text together than 16 MiB";
inline constexpr const char* kNoLocals = "its values take more than 1 MiB";

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
    if (run.outcome == Outcome::waiting && bytes_of(locals_) > kLocalsBudget) fail(run, kNoLocals);
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
  static void fail(Run& run, const char* budget) {
    run = Run{};
    run.detail = budget;
  }
  void concat();
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

}  // namespace wf::vm
