#include "compiler/ir/passes/passes.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "runtime/vm/vm.hpp"
#include "tests/unit/compiler_ir/modules.hpp"

using namespace wf;
using namespace wf::test;
using bytecode::Opcode;
using ir::BasicBlock;
using ir::TerminatorKind;

namespace {

ir::Unit unit_of(std::vector<BasicBlock> blocks) {
  ir::Unit unit;
  unit.tables.catalogue = sample_program().catalogue;
  unit.tables.constants = {Value::boolean(true), Value::boolean(false), Value::integer(1)};
  ir::Function f;
  f.name = "f";
  f.kind = bytecode::FunctionKind::body;
  f.object = 0;
  f.blocks = std::move(blocks);
  unit.functions.push_back(std::move(f));
  return unit;
}

constexpr std::uint32_t kTrue = 0, kFalse = 1, kOne = 2;

/// What folding makes of the instructions of one block.
std::string folded(std::vector<ir::Instruction> code) {
  ir::Unit unit = unit_of({{std::move(code), {TerminatorKind::end}}});
  ir::fold_constants(unit.functions[0], unit);
  std::string text;
  for (const ir::Instruction& i : unit.functions[0].blocks[0].instructions) {
    text += (text.empty() ? "" : " ");
    if (i.op == Opcode::push) {
      text += unit.tables.constants[i.operand].debug();
    } else {
      text += bytecode::opcodes()[static_cast<std::size_t>(i.op)].name;
    }
  }
  return text;
}

const ir::Instruction yes{Opcode::push, kTrue}, no{Opcode::push, kFalse}, unknown{Opcode::push_unknown, 0};
const ir::Instruction one{Opcode::push, kOne}, and_{Opcode::and_, 0}, or_{Opcode::or_, 0},
    not_{Opcode::not_, 0};
const ir::Instruction listed{Opcode::in_list, 0}, known{Opcode::is_known, 0}, coalesce{Opcode::coalesce, 0};

}  // namespace

TEST_CASE("constants fold by three-valued logic") {
  CHECK(folded({yes, no, and_}) == "false");
  CHECK(folded({unknown, no, and_}) == "false");
  CHECK(folded({no, unknown, and_}) == "false");
  CHECK(folded({unknown, yes, and_}) == "push_unknown");
  CHECK(folded({yes, unknown, or_}) == "true");
  CHECK(folded({unknown, unknown, or_}) == "push_unknown");
  CHECK(folded({no, no, or_}) == "false");
  CHECK(folded({yes, yes, and_}) == "true");
  CHECK(folded({unknown, not_}) == "push_unknown");
  CHECK(folded({yes, not_}) == "false");
  CHECK(folded({unknown, known}) == "false");
  CHECK(folded({one, known}) == "true");
  CHECK(folded({{Opcode::now, 0}, known}) == "true");
  CHECK(folded({unknown, one, coalesce}) == "1");
  CHECK(folded({one, yes, coalesce}) == "1");
  CHECK(folded({yes, no, and_, not_, unknown, or_}) == "true");
}

TEST_CASE("what is not constant stays, neutral operands go") {
  CHECK(folded({listed, yes, and_}) == "in_list");
  CHECK(folded({listed, no, or_}) == "in_list");
  CHECK(folded({listed, not_, not_}) == "in_list");
  CHECK(folded({listed, unknown, and_}) == "in_list push_unknown and_");
  CHECK(folded({listed, no, and_}) == "in_list false and_");
  CHECK(folded({{Opcode::property, 1}, known}) == "property is_known");
  CHECK(folded({{Opcode::property, 1}, unknown, coalesce}) == "property");
  // A number is no condition: the verifier must see it.
  CHECK(folded({one, not_}) == "1 not_");
}

TEST_CASE("a branch on a constant is a jump; unknown takes the other side") {
  const auto target = [](ir::Instruction condition) {
    ir::Unit unit = unit_of({{{condition}, {TerminatorKind::branch, 1, 2}}, {}, {}});
    CHECK(ir::fold_constants(unit.functions[0], unit));
    CHECK(unit.functions[0].blocks[0].instructions.empty());
    CHECK(unit.functions[0].blocks[0].terminator.kind == TerminatorKind::jump);
    return unit.functions[0].blocks[0].terminator.target;
  };
  CHECK(target(yes) == 1);
  CHECK(target(no) == 2);
  CHECK(target(unknown) == 2);
  ir::Unit unit = unit_of({{{listed}, {TerminatorKind::branch, 1, 2}}, {}, {}});
  CHECK_FALSE(ir::fold_constants(unit.functions[0], unit));
}

TEST_CASE("jumps through empty blocks go straight to their end") {
  ir::Unit unit = unit_of({{{listed}, {TerminatorKind::branch, 1, 2}},
                           {{}, {TerminatorKind::jump, 3}},
                           {{listed, {Opcode::drop, 0}}, {TerminatorKind::jump, 1}},
                           {{}, {TerminatorKind::jump, 4}},
                           {{}, {TerminatorKind::stop, 0, 0, bytecode::EndReason::stopped}}});
  ir::Function& f = unit.functions[0];
  CHECK(ir::thread_jumps(f, unit));
  CHECK(f.blocks[0].terminator.target == 4);
  CHECK(f.blocks[2].terminator.kind == TerminatorKind::stop);
  CHECK_FALSE(ir::thread_jumps(f, unit));
}

TEST_CASE("a branch whose sides meet drops its condition") {
  ir::Unit unit = unit_of({{{listed}, {TerminatorKind::branch, 1, 2}},
                           {{}, {TerminatorKind::jump, 2}},
                           {{listed, {Opcode::drop, 0}}, {TerminatorKind::end}}});
  ir::thread_jumps(unit.functions[0], unit);
  const BasicBlock& block = unit.functions[0].blocks[0];
  CHECK(block.terminator.kind == TerminatorKind::jump);
  CHECK(block.instructions.back().op == Opcode::drop);
}

TEST_CASE("unreachable blocks go and the others are renumbered") {
  ir::Unit unit = unit_of({{{}, {TerminatorKind::jump, 2}}, {{}, {TerminatorKind::jump, 2}}, {{listed}, {}}});
  ir::Function& f = unit.functions[0];
  f.recompute = {{0, 1}, {1, 2}};
  CHECK(ir::drop_unreachable(f, unit));
  CHECK(f.blocks.size() == 2);
  CHECK(f.blocks[0].terminator.target == 1);
  CHECK(f.recompute == std::vector<std::pair<std::uint32_t, ir::BlockId>>{{1, 1}});
  CHECK_FALSE(ir::drop_unreachable(f, unit));
}

TEST_CASE("a block joins its only predecessor unless a wait starts again there") {
  const std::vector<BasicBlock> blocks = {{{listed}, {TerminatorKind::jump, 1}},
                                          {{{Opcode::drop, 0}}, {TerminatorKind::jump, 2}},
                                          {{}, {TerminatorKind::end}}};
  ir::Unit unit = unit_of(blocks);
  CHECK(ir::merge_blocks(unit.functions[0], unit));
  CHECK(unit.functions[0].blocks.size() == 1);
  CHECK(unit.functions[0].blocks[0].instructions.size() == 2);
  CHECK_FALSE(ir::merge_blocks(unit.functions[0], unit));
  unit = unit_of(blocks);
  unit.functions[0].recompute = {{0, 1}};
  ir::merge_blocks(unit.functions[0], unit);
  CHECK(unit.functions[0].blocks.size() == 2);
}

// ---- the same answer with and without the passes
// ----------------------------------------------------------------

namespace {

/// A record whose answers are numbered bits of one random word.
class BitRecord : public vm::View {
 public:
  explicit BitRecord(unsigned bits) : bits_(bits) {}
  std::uint64_t key() const override { return 7; }
  std::int64_t created_at() const override { return 0; }
  Value property(std::uint32_t p) const override {
    return (bits_ >> p & 1) != 0 ? Value::text("Taro") : Value();
  }
  Value field(std::uint64_t, std::uint32_t, std::uint32_t) const override { return {}; }
  std::int64_t count(std::uint32_t, std::int64_t) const override { return 0; }
  std::optional<std::int64_t> last_event(std::uint32_t) const override { return std::nullopt; }
  std::optional<std::int64_t> expiry(std::uint32_t, std::int64_t) const override { return std::nullopt; }
  bool in_list(std::uint32_t list) const override { return (bits_ >> (8 + list) & 1) != 0; }
  bool has_tag(std::string_view) const override { return false; }

 private:
  unsigned bits_;
};

/// A condition of constants, list membership and a comparison that may be unknown.
Expr random_condition(int depth) {
  const int kind = *rc::gen::inRange(0, depth == 0 ? 6 : 11);
  switch (kind) {
    case 0:
      return literal(Value::boolean(true));
    case 1:
      return literal(Value::boolean(false));
    case 2:
      return expr(ExprOp::unknown);
    case 3:
      return expr(ExprOp::in_list, {}, *rc::gen::inRange(0u, 2u));
    case 4:
      return expr(ExprOp::eq, {property(firstname), literal(Value::text("Taro"))});
    case 5:
      return expr(ExprOp::is_known, {property(email)});
    case 6:
      return expr(ExprOp::not_, {random_condition(depth - 1)});
    case 7:
      return expr(ExprOp::coalesce, {random_condition(depth - 1), random_condition(depth - 1)});
    default: {
      std::vector<Expr> args;
      const int count = *rc::gen::inRange(2, 4);
      for (int i = 0; i < count; ++i) args.push_back(random_condition(depth - 1));
      return expr(kind % 2 == 0 ? ExprOp::and_ : ExprOp::or_, std::move(args));
    }
  }
}

sema::Block random_block(int depth) {
  sema::Block block;
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    const int kind = *rc::gen::inRange(0, depth == 0 ? 3 : 6);
    if (kind == 0) {
      block.push_back(step("stop", sema::Stop{}));
    } else if (kind < 3) {
      const auto n = *rc::gen::inRange(0, 100);
      block.push_back(step("add", sema::AddProperty{score, literal(Value::integer(n))}));
    } else {
      sema::If choice;
      const int arms = *rc::gen::inRange(1, 3);
      for (int a = 0; a < arms; ++a) choice.arms.push_back({random_condition(2), random_block(depth - 1)});
      choice.otherwise = random_block(depth - 1);
      block.push_back(step("if", std::move(choice)));
    }
  }
  return block;
}

/// What a body does to a record: the ending, the steps and the written values.
std::string behaviour(const bytecode::Program& p, const vm::View& record) {
  const std::uint32_t body = p.workflows[0].body;
  std::vector<Value> locals(p.functions[body].locals);
  const vm::Run run = vm::run(p, body, p.functions[body].begin, locals, vm::Resume::none, record, nullptr, 0);
  std::string text = std::to_string(static_cast<int>(run.outcome)) + " " + bytecode::to_string(run.reason);
  for (const std::uint32_t s : run.steps) text += " " + std::to_string(s);
  for (const vm::Action& action : run.actions) {
    if (const auto* set = std::get_if<vm::SetProperty>(&action)) text += " " + set->value.debug();
  }
  return text;
}

bytecode::Program compiled(const sema::Module& m, bool optimised) {
  ir::Unit unit = ir::build(m, sources());
  if (optimised) ir::optimise(unit);
  return emitted(std::move(unit));
}

}  // namespace

TEST_CASE("conditions give the same value with and without the passes") {
  CHECK(rc::check([] {
    sema::Module m = module_of({});
    m.workflows[0].goal = random_condition(4);
    const bytecode::Program plain = compiled(m, false);
    const bytecode::Program optimised = compiled(m, true);
    const BitRecord record(*rc::gen::inRange(0u, 1u << 12));
    const Value a = vm::evaluate(plain, plain.workflows[0].goal, record, nullptr, 0);
    const Value b = vm::evaluate(optimised, optimised.workflows[0].goal, record, nullptr, 0);
    RC_ASSERT(a == b);
  }));
}

TEST_CASE("bodies do the same with and without the passes, and optimised ones are no longer") {
  CHECK(rc::check([] {
    const sema::Module m = module_of(random_block(3));
    const bytecode::Program plain = compiled(m, false);
    const bytecode::Program optimised = compiled(m, true);
    RC_ASSERT(optimised.code.size() <= plain.code.size());
    const BitRecord record(*rc::gen::inRange(0u, 1u << 12));
    RC_ASSERT(behaviour(plain, record) == behaviour(optimised, record));
  }));
}

TEST_CASE("a compiled bundle is read as written") {
  CHECK(rc::check([] {
    const bytecode::Program p = compiled(module_of(random_block(3)), true);
    const std::string bytes = bytecode::write_bundle(p);
    const auto read = bytecode::read_bundle(bytes);
    RC_ASSERT(read.ok());
    RC_ASSERT(bytecode::write_bundle(*read) == bytes);
  }));
}
