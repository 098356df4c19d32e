// Internal to the machine: expressions as most conditions are, without jumps, moments and associated records.
// Operands are pointers, so nothing is copied but what the view gives, and what cannot change the result is
// not evaluated. The machine gives the same values, and those of all other expressions.
#pragma once

#include <array>
#include <cstddef>
#include <new>

#include "runtime/vm/operators.hpp"
#include "runtime/vm/vm.hpp"

namespace wf::vm {

/// One evaluation. What it is made from outlives it.
class Expression {
 public:
  Expression(const Program& program, const bytecode::Function& function, const View& view, const Event* event,
             std::int64_t now)
      : program_(program), function_(function), view_(view), event_(event), now_(now) {}
  ~Expression();
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;

  /// Null when the code has something in it that only the machine can do. Valid while this lives.
  const Value* evaluate();

 private:
  static constexpr std::size_t kDepth = 16;

  /// Has a value that neither the program nor the event has, or nothing.
  class Room {
   public:
    template <class Make>
    const Value* fill(Make make) {
      return ::new (static_cast<void*>(bytes_)) Value(make());
    }
    void clear() { std::launder(reinterpret_cast<Value*>(bytes_))->~Value(); }

   private:
    alignas(Value) std::byte bytes_[sizeof(Value)];
  };

  std::uint32_t behind(std::uint32_t pc) const;

  void push(const Value& v) { stack_[size_++] = &v; }
  const Value& pop() { return *stack_[--size_]; }
  template <class Make>
  void push_made(Make make);
  template <class Op>
  void replace_one(Op op);
  template <class Op>
  void replace_two(Op op);
  void push_truth(Truth truth);
  template <class Test>
  void test_two(Test test);
  template <class Test>
  void test_order(Test test);
  Truth any_of(std::uint32_t n);
  Value field(const Value& of, const bytecode::FieldRef& field) const;
  Truth occurred_since(std::uint32_t counter, const Value& since) const;

  const Program& program_;
  const bytecode::Function& function_;
  const View& view_;
  const Event* event_;
  std::int64_t now_;
  std::size_t size_ = 0;
  std::uint32_t filled_ = 0;  ///< rooms, by bit
  std::array<const Value*, kDepth> stack_;
  std::array<Room, kDepth> rooms_;
};

}  // namespace wf::vm
