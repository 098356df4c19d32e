// `on deploy`: what becomes of enrolments that began on an earlier program. It is looked at when their record
// is touched the next time: nothing happens to them before.
#include <algorithm>

#include "runtime/bytecode/canonical.hpp"
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
    const std::uint32_t index = e == nullptr ? kNone : context_.active->workflow_index(e->workflow);
    if (index == kNone) continue;
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
  if (from.workflow == nullptr || e.status != EnrolmentStatus::waiting || e.wait == kNone) return;
  const bytecode::Program& before = from.binding->program();
  const bytecode::Program& after = context_.active->program();
  const std::uint32_t body = after.workflows[index].body;
  const std::uint32_t word = bytecode::word_of_wait(before, from.workflow->body, e.wait);
  if (word == kNone) return;
  const bytecode::Function& target = after.functions[body];
  const std::uint32_t there = target.begin + (word - before.functions[from.workflow->body].begin);
  if (there >= target.end || e.locals.size() > target.locals) return;
  if (bytecode::prefix_text(before, from.workflow->body, word) != bytecode::prefix_text(after, body, there))
    return;
  std::vector<Value> locals;
  for (const Value& v : e.locals) {
    auto carry = carried(v, *from.binding, *context_.active);
    if (!carry) return;
    locals.push_back(std::move(*carry));
  }
  locals.resize(target.locals);
  e.locals = std::move(locals);
  e.wait = bytecode::operand_of(after.code[there]);
  e.pc = there + 1;
  e.code = context_.active->code();
  context_.cache.touch(record.key);
  context_.batch.count(bytecode::workflow_label(after.workflows[index].name), "migrated");
}

}  // namespace wf::engine
