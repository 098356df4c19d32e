#include "runtime/engine/sweep.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"

namespace wf::engine {

using bytecode::TriggerKind;

namespace {

constexpr const char* kMeta = "sweep";

}  // namespace

void Sweep::stop() {
  work_.clear();
  plants_ = false;
}

void Sweep::load() {
  stop();
  const auto stored = need(context_.store.meta(kMeta));
  if (!stored || stored->empty()) return;
  value::Reader in(*stored);
  cursor_ = in.u64();
  until_ = in.varint();
  plants_ = in.u8() != 0;
  for (std::size_t n = in.count(); n > 0; --n) work_.push_back(static_cast<SymbolId>(in.varint()));
  if (in.failed()) stop();
}

void Sweep::save() {
  value::Writer out;
  if (is_active()) {
    out.u64(cursor_);
    out.varint(until_);
    out.u8(plants_ ? 1 : 0);
    out.varint(work_.size());
    for (const SymbolId workflow : work_) out.varint(workflow);
  }
  context_.batch.frame.meta.push_back({kMeta, out.take()});
}

void Sweep::begin(const Binding* before) {
  const Binding& active = *context_.active;
  const bool was_active = is_active();
  std::vector<SymbolId> next;
  for (std::uint32_t w = 0; w < active.program().workflows.size(); ++w) {
    const bytecode::Workflow& workflow = active.program().workflows[w];
    const SymbolId symbol = active.workflow(w);
    const auto unfinished =
        std::find_if(work_.begin(), work_.end(), [&](SymbolId work) { return work == symbol; });
    const bool is_new =
        before == nullptr || before->workflow_index(symbol) == kNone || unfinished != work_.end();
    if (workflow.existing && is_new) next.push_back(symbol);
  }
  const bool plants = context_.index->has_timed();
  work_ = std::move(next);
  plants_ = plants;
  cursor_ = 0;
  until_ = context_.numbers.next_record;
  if (is_active() || was_active) save();
}

void Sweep::enroll_existing(SymbolId workflow) {
  if (std::find(work_.begin(), work_.end(), workflow) == work_.end()) work_.push_back(workflow);
  cursor_ = 0;
  until_ = context_.numbers.next_record;
  save();
}

std::size_t Sweep::step(std::size_t limit) {
  if (!is_active()) return 0;
  const auto page = need(context_.store.scan(cursor_, limit));
  for (const auto& [key, row] : page) {
    cursor_ = key;
    if ((key & vm::kRecordNumber) >= until_) continue;
    if (Record* record = context_.cache.get(key)) look_at(*record);
  }
  if (page.size() < limit) stop();
  save();
  return page.size();
}

void Sweep::look_at(Record& record) {
  const Binding& active = *context_.active;
  const auto& workflows = active.program().workflows;
  if (plants_) executor_.plant(record);
  for (const SymbolId workflow : work_) {
    const std::uint32_t index = active.workflow_index(workflow);
    if (index == kNone || active.object(workflows[index].object) != record.object) continue;
    // Who was enrolled meanwhile has had its turn.
    const Memory* memory = record.memory(workflow);
    if (memory && memory->times > 0) continue;
    for (const bytecode::Trigger& trigger : workflows[index].triggers) {
      if (!matches(record, trigger)) continue;
      (void)executor_.try_enroll(record, index, {"existing", nullptr, 0, &trigger, {}});
      break;
    }
    if (!context_.exists(record.key)) return;
  }
}

bool Sweep::matches(const Record& record, const bytecode::Trigger& trigger) {
  const Binding& active = *context_.active;
  const bytecode::Program& program = active.program();
  const RecordView view(context_, active, record);
  switch (trigger.kind) {
    case TriggerKind::moment:
      if (!executor_.moment_is_due(record, trigger)) return false;
      break;
    case TriggerKind::condition:
    case TriggerKind::becomes:
      if (!vm::holds(program, trigger.condition, view, nullptr, context_.now)) return false;
      break;
    case TriggerKind::list_added:
      if (!view.in_list(trigger.list)) return false;
      break;
    default:
      return false;
  }
  return trigger.guard == kNone || vm::holds(program, trigger.guard, view, nullptr, context_.now);
}

}  // namespace wf::engine
