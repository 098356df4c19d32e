#include "runtime/engine/failed.hpp"

#include "runtime/engine/executor.hpp"

namespace wf::engine {

namespace {

std::string failed_name(Key record, SymbolId workflow) {
  return "failed:" + std::to_string(record) + ":" + std::to_string(workflow);
}

}  // namespace

std::uint32_t steps_left(Enrolment& enrolment, std::int64_t now) {
  const std::int64_t age = std::max<std::int64_t>(now - enrolment.started_at, 0);
  const auto today = static_cast<std::uint32_t>(age / value::kDay);
  if (enrolment.day != today) enrolment.steps = 0;
  enrolment.day = today;
  return kStepsPerDay - std::min(enrolment.steps, kStepsPerDay);
}

void keep_failed(Context& context, Key record, Enrolment enrolment, std::uint32_t pc, vm::Resume resume) {
  enrolment.status = EnrolmentStatus::deferred;
  enrolment.pc = pc;
  enrolment.resume = static_cast<std::uint8_t>(resume);
  context.batch.frame.meta.push_back({failed_name(record, enrolment.workflow), encode_enrolment(enrolment)});
}

std::optional<Enrolment> take_failed(Context& context, Key record, SymbolId workflow) {
  const std::string name = failed_name(record, workflow);
  const auto stored = need(context.store.meta(name));
  if (!stored || stored->empty()) return std::nullopt;
  context.batch.frame.meta.push_back({name, ""});
  return need(decode_enrolment(*stored));
}

void forget_failed(Context& context, const Record& record) {
  for (const Memory& memory : record.memories) (void)take_failed(context, record.key, memory.workflow);
}

/// Nothing of the group happened, and the enrolment ends; a person may try it again.
void Executor::fail(Record& record, std::uint32_t id, std::uint32_t pc, vm::Resume resume,
                    const std::string& detail) {
  const Enrolment& e = *record.enrolment(id);
  context_.batch.count(bytecode::workflow_label(context_.symbols.name(e.workflow)), "failed", detail);
  keep_failed(context_, record.key, e, pc, resume);
  end(record, id, bytecode::EndReason::failed, detail);
}

bool Executor::retry(Record& record, SymbolId workflow) {
  auto failed = take_failed(context_, record.key, workflow);
  if (!failed) return false;
  context_.cache.touch(record.key);
  const Enrolment& e = record.enrolments.emplace_back(std::move(*failed));
  if (bound(e).workflow == nullptr) {
    record.enrolments.pop_back();
    return false;
  }
  context_.batch.count(bytecode::workflow_label(context_.symbols.name(workflow)), "retried");
  context_.tell(record.key, Happening::enrolled, workflow, workflow, "tried again by hand");
  run_group(record, e.id, e.pc, static_cast<vm::Resume>(e.resume), nullptr, 0);
  return true;
}

}  // namespace wf::engine
