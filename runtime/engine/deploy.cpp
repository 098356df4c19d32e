// `on deploy`: what becomes of enrolments that began on an earlier program. It is looked at when their record
// is touched the next time: nothing happens to them before.
#include <algorithm>

#include "runtime/bytecode/canonical.hpp"
#include "runtime/bytecode/migration.hpp"
#include "runtime/engine/executor.hpp"

namespace wf::engine {

using bytecode::EndReason;
using bytecode::OnDeploy;
using value::Kind;

namespace {

/// A local in terms of another bundle; nothing when that bundle does not know the enum, value, resource or
/// object.
std::optional<Value> carried(const Value& v, const Binding& from, const Binding& to) {
  if (v.kind() != Kind::enumeration && v.kind() != Kind::resource && v.kind() != Kind::ref) return v;
  bytecode::Type type;
  type.kind = v.kind();
  if (v.kind() == Kind::enumeration) {
    const auto& enums = to.catalogue().enums;
    const std::string& name = from.catalogue().enums[v.aux()].name;
    const auto found = std::find_if(enums.begin(), enums.end(),
                                    [&](const bytecode::EnumType& other) { return other.name == name; });
    if (found == enums.end()) return std::nullopt;
    type.aux = static_cast<std::uint32_t>(found - enums.begin());
  }
  const Value there = to.to_program(from.to_stable(v), type);
  return there.is_unknown() ? std::nullopt : std::optional(there);
}

}  // namespace

void Executor::follow_deploy(Record& record, int depth) {
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record.enrolments) {
    if (e.code != context_.active->code()) ids.push_back(e.id);
  }
  for (const std::uint32_t id : ids) {
    Enrolment* e = record.enrolment(id);
    const Bound from = e == nullptr ? Bound() : bound(*e);
    if (from.workflow == nullptr) continue;
    const std::uint32_t index = context_.active->workflow_index(e->workflow);
    if (index == kNone) {
      // The workflow was removed: its last version says what becomes of those who are in it.
      if (from.workflow->on_deploy == OnDeploy::cancel) end(record, id, EndReason::cancelled, "deploy");
      continue;
    }
    if (is_unchanged(*from.binding, e->workflow, index)) {
      move_unchanged(record, *e, index);
      continue;
    }
    switch (context_.active->program().workflows[index].on_deploy) {
      case OnDeploy::pin:
        break;
      case OnDeploy::cancel:
        end(record, id, EndReason::cancelled, "deploy");
        break;
      case OnDeploy::restart:
        restart(record, *e, index, depth);
        break;
      case OnDeploy::migrate_compatible:
        migrate(record, *e, index);
        break;
    }
  }
}

/// Does the active program have the very code that enrolments of the other one run on?
bool Executor::is_unchanged(const Binding& from, SymbolId workflow, std::uint32_t index) const {
  return from.running_hash(from.workflow_index(workflow)) == context_.active->running_hash(index);
}

/// The values of an enrolment in terms of the active program; false when it cannot express one.
bool Executor::carry_over(Enrolment& e, const Binding& from, std::uint32_t locals) {
  std::vector<Value> values;
  for (const Value& v : e.locals) {
    auto carry = carried(v, from, *context_.active);
    if (!carry) return false;
    values.push_back(std::move(*carry));
  }
  values.resize(std::max<std::size_t>(values.size(), locals));
  e.locals = std::move(values);
  e.code = context_.active->code();
  return true;
}

/// Only the numbers of places and waits differ: another bundle, the same code. Who waits for the answer to a
/// call stays where the call was made.
void Executor::move_unchanged(Record& record, Enrolment& e, std::uint32_t index) {
  const Bound from = bound(e);
  const bytecode::Program& before = from.binding->program();
  const bytecode::Program& after = context_.active->program();
  const std::uint32_t before_index = from.binding->workflow_index(e.workflow);
  std::uint32_t wait = e.wait;
  if (wait != kNone) {
    if (before.waits[wait].kind == bytecode::WaitKind::reply) return;
    const std::uint32_t word = bytecode::word_of_wait(before, from.workflow->body, wait);
    if (word == kNone) return;
    wait = bytecode::operand_of(after.code[bytecode::same_word(before, before_index, word, after, index)]);
  }
  if (!carry_over(e, *from.binding, after.functions[after.workflows[index].body].locals)) return;
  e.pc = bytecode::same_word(before, before_index, e.pc, after, index);
  e.wait = wait;
  context_.cache.touch(record.key);
}

/// An enrolment that has sent marketing mail stays: from the beginning it would send it again.
void Executor::restart(Record& record, const Enrolment& e, std::uint32_t index, int depth) {
  if (e.mailed) return;
  const SymbolId workflow = e.workflow;
  end(record, e.id, EndReason::restarted, "deploy");
  const bool again = std::none_of(record.enrolments.begin(), record.enrolments.end(),
                                  [&](const Enrolment& other) { return other.workflow == workflow; });
  if (again) begin(record, index, "deploy", nullptr, depth);
}

/// Only an enrolment at a wait moves, to the wait with the same steps before it: none is skipped, none is
/// done twice.
void Executor::migrate(Record& record, Enrolment& e, std::uint32_t index) {
  const Bound from = bound(e);
  if (e.status != EnrolmentStatus::waiting || e.wait == kNone) return;
  const bytecode::Program& after = context_.active->program();
  const auto [it, added] = matches_.try_emplace(Point{e.code, e.workflow, e.wait});
  bytecode::PointMatch& match = it->second;
  if (added)
    match = bytecode::match_point(from.binding->program(), from.binding->workflow_index(e.workflow), e.wait,
                                  after, index);
  if (match.what != bytecode::PointClass::compatible) return;
  if (!carry_over(e, *from.binding, after.functions[after.workflows[index].body].locals)) return;
  e.wait = bytecode::operand_of(after.code[match.word]);
  e.pc = match.word + 1;
  context_.cache.touch(record.key);
  context_.batch.count(bytecode::workflow_label(after.workflows[index].name), "migrated");
}

}  // namespace wf::engine
