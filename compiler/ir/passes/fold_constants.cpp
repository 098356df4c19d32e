// Works on the end of the instructions seen so far: what stands there as constants is what an operator pops.
#include <optional>

#include "compiler/ir/passes/passes.hpp"

namespace wf::ir {
namespace {

using bytecode::Opcode;
using value::Kind;
using value::Value;

class Folder {
 public:
  explicit Folder(Unit& unit) : unit_(unit) {}

  bool run(BasicBlock& block) {
    const std::vector<Instruction> before = std::move(block.instructions);
    out_.clear();
    for (const Instruction& i : before) {
      if (!fold(i)) out_.push_back(i);
    }
    fold_branch(block.terminator);
    const bool changed = out_.size() != before.size() || folded_;
    block.instructions = std::move(out_);
    return changed;
  }

 private:
  /// The constant pushed `depth` instructions before the end.
  std::optional<Value> constant(std::size_t depth) const {
    if (depth >= out_.size()) return std::nullopt;
    const Instruction& i = out_[out_.size() - 1 - depth];
    if (i.op == Opcode::push_unknown) return Value();
    if (i.op == Opcode::push) return unit_.tables.constants[i.operand];
    return std::nullopt;
  }

  /// Only booleans and unknown: operators on other kinds are the verifier's to refuse.
  static bool logical(const std::optional<Value>& v) {
    return v && (v->is_unknown() || v->kind() == Kind::boolean);
  }
  static bool is(const std::optional<Value>& v, bool b) {
    return v && v->kind() == Kind::boolean && v->as_boolean() == b;
  }

  bool replace(std::size_t count, const Value& v) {
    out_.resize(out_.size() - count);
    if (v.is_unknown()) {
      out_.push_back({Opcode::push_unknown, 0});
    } else {
      out_.push_back({Opcode::push, intern(v)});
    }
    return folded_ = true;
  }

  bool forget(std::size_t count) {
    out_.resize(out_.size() - count);
    return folded_ = true;
  }

  std::uint32_t intern(const Value& v) {
    auto& constants = unit_.tables.constants;
    for (std::size_t i = 0; i < constants.size(); ++i) {
      if (constants[i] == v && constants[i].kind() == v.kind()) return static_cast<std::uint32_t>(i);
    }
    constants.push_back(v);
    return static_cast<std::uint32_t>(constants.size() - 1);
  }

  bool fold(const Instruction& i) {
    switch (i.op) {
      case Opcode::not_:
        return fold_not();
      case Opcode::and_:
        return fold_logic(false);
      case Opcode::or_:
        return fold_logic(true);
      case Opcode::is_known:
        return fold_is_known();
      case Opcode::coalesce:
        return fold_coalesce();
      case Opcode::choose:
        return fold_choose();
      case Opcode::drop:
        return constant(0) && forget(1);
      default:
        return false;
    }
  }

  bool fold_not() {
    if (!out_.empty() && out_.back().op == Opcode::not_) return forget(1);
    const auto v = constant(0);
    if (!logical(v)) return false;
    return replace(1, v->is_unknown() ? Value() : Value::boolean(!v->as_boolean()));
  }

  /// `dominant` decides alone: false for and, true for or. The other boolean changes nothing.
  bool fold_logic(bool dominant) {
    const auto right = constant(0);
    if (is(right, !dominant)) return forget(1);
    const auto left = constant(1);
    if (!logical(left) || !logical(right)) return false;
    const bool decided = is(left, dominant) || is(right, dominant);
    if (decided) return replace(2, Value::boolean(dominant));
    if (left->is_unknown() || right->is_unknown()) return replace(2, Value());
    return replace(2, Value::boolean(!dominant));
  }

  bool fold_is_known() {
    if (const auto v = constant(0)) return replace(1, Value::boolean(!v->is_unknown()));
    if (out_.empty()) return false;
    switch (out_.back().op) {
      case Opcode::self:
      case Opcode::now:
      case Opcode::created_at:
      case Opcode::count:
      case Opcode::in_list:
      case Opcode::has_tag:
        return replace(1, Value::boolean(true));
      default:
        return false;
    }
  }

  bool fold_coalesce() {
    const auto second = constant(0);
    if (second && second->is_unknown()) return forget(1);
    const auto first = constant(1);
    if (!first || !second) return false;
    return first->is_unknown() ? replace(2, *second) : forget(1);
  }

  bool fold_choose() {
    const auto condition = constant(2);
    if (!logical(condition)) return false;
    const auto chosen = constant(is(condition, true) ? 1 : 0);
    return chosen && replace(3, *chosen);
  }

  /// Unknown takes the other side, as false does.
  void fold_branch(Terminator& t) {
    if (t.kind != TerminatorKind::branch || !logical(constant(0))) return;
    const BlockId target = is(constant(0), true) ? t.target : t.otherwise;
    forget(1);
    t = {TerminatorKind::jump, target};
  }

  Unit& unit_;
  std::vector<Instruction> out_;
  bool folded_ = false;
};

}  // namespace

bool fold_constants(Function& function, Unit& unit) {
  bool changed = false;
  for (BasicBlock& block : function.blocks) changed |= Folder(unit).run(block);
  return changed;
}

}  // namespace wf::ir
