#include "runtime/engine/survey.hpp"

#include <algorithm>
#include <map>

namespace wf::engine {

using bytecode::TriggerKind;
using value::Kind;

namespace {

/// A property of the active program that the new one has not, or reads otherwise.
struct Watched {
  SymbolId object = 0;
  std::uint32_t slot = 0;
  std::string name, why;
  std::vector<SymbolId> gone;  ///< of an enum: the values removed; else any value counts
};

class SurveyImpl final : public Survey {
 public:
  SurveyImpl(Context& context, std::shared_ptr<const bytecode::Program> program, const bytecode::Hash& hash,
             std::int64_t now)
      : context_(context), binding_(std::move(program), hash, context.symbols, context.layout), now_(now) {
    for (std::uint32_t w = 0; w < binding_.program().workflows.size(); ++w) {
      const bool is_new =
          context.active == nullptr || context.active->workflow_index(binding_.workflow(w)) == kNone;
      if (is_new) fresh_.emplace_back(w, 0);
    }
    if (context.active != nullptr) watch();
  }

  Result<bool> step(std::size_t limit) override {
    try {
      const auto page = need(context_.store.scan(cursor_, limit));
      for (const auto& [key, row] : page) {
        cursor_ = key;
        const Record record = need(decode_record(key, row.hot, row.cold, context_.layout));
        if (record.object != 0) look_at(record);
      }
      return page.size() == limit;
    } catch (const StoreFailure& failure) {
      return failure.error;
    }
  }

  Surveyed found() const override {
    Surveyed found{records_, {}, {}};
    for (const auto& [workflow, count] : fresh_)
      found.matches.emplace_back(binding_.program().workflows[workflow].name, count);
    for (const auto& [what, count] : held_) {
      const Watched& watched = watched_[what.first];
      found.held.push_back(
          {watched.name, std::string(context_.symbols.name(what.second)), watched.why, count});
    }
    return found;
  }

 private:
  void watch();
  void watch(std::uint32_t object, std::uint32_t property);
  void look_at(const Record& record);
  bool matches(const RecordView& view, const bytecode::Trigger& trigger) const;

  Context& context_;
  const Binding binding_;
  const std::int64_t now_;
  Key cursor_ = 0;
  std::int64_t records_ = 0;
  std::vector<std::pair<std::uint32_t, std::int64_t>> fresh_;  ///< new workflow, records
  std::vector<Watched> watched_;
  std::map<std::pair<std::size_t, SymbolId>, std::int64_t> held_;  ///< (watched, value), records
};

void SurveyImpl::watch() {
  const auto& objects = context_.active->catalogue().objects;
  for (std::uint32_t o = 0; o < objects.size(); ++o) {
    for (std::uint32_t p = 0; p < objects[o].properties.size(); ++p) {
      if (!objects[o].properties[p].hidden) watch(o, p);
    }
  }
}

void SurveyImpl::watch(std::uint32_t object, std::uint32_t property) {
  const bytecode::Catalogue& before = context_.active->catalogue();
  const bytecode::Catalogue& after = binding_.catalogue();
  const bytecode::Property& old = before.objects[object].properties[property];
  Watched watched{context_.active->object(object),
                  context_.active->slot(object, property),
                  before.objects[object].name + "." + old.name,
                  "",
                  {}};
  const std::uint32_t there = after.find_object(before.objects[object].name);
  const std::uint32_t now = there == kNone ? kNone : after.find_property(there, old.name);
  if (now == kNone) {
    watched.why = "removed";
  } else if (const bytecode::Type& type = after.objects[there].properties[now].type;
             type.kind != old.type.kind) {
    if (old.type.kind == Kind::integer && type.kind == Kind::decimal) return;
    watched.why = "type changed";
  } else if (type.kind == Kind::enumeration) {
    const auto& values = after.enums[type.aux].values;
    for (const std::string& value : before.enums[old.type.aux].values) {
      if (std::find(values.begin(), values.end(), value) != values.end()) continue;
      if (const auto symbol = context_.symbols.find("value", value)) watched.gone.push_back(*symbol);
    }
    if (watched.gone.empty()) return;
    watched.why = "value removed";
  } else {
    return;
  }
  watched_.push_back(std::move(watched));
}

void SurveyImpl::look_at(const Record& record) {
  ++records_;
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const Watched& watched = watched_[i];
    if (watched.object != record.object) continue;
    const Value& v = record.property(watched.slot);
    if (v.is_unknown()) continue;
    if (watched.gone.empty()) {
      ++held_[{i, 0}];
    } else if (v.kind() == Kind::enumeration &&
               std::find(watched.gone.begin(), watched.gone.end(), v.as_ordinal()) != watched.gone.end()) {
      ++held_[{i, v.as_ordinal()}];
    }
  }
  const std::uint32_t object = binding_.object_index(record.object);
  if (object == kNone || fresh_.empty()) return;
  const RecordView view(context_, binding_, record);
  for (auto& [index, count] : fresh_) {
    const bytecode::Workflow& workflow = binding_.program().workflows[index];
    if (workflow.object != object) continue;
    const Memory* memory = record.memory(binding_.workflow(index));
    if (memory != nullptr && memory->times > 0)
      continue;  // it was enrolled when there was such a workflow before
    const bool out = std::any_of(workflow.suppress.begin(), workflow.suppress.end(),
                                 [&](std::uint32_t list) { return view.in_list(list); });
    if (out ||
        (workflow.unless != kNone && vm::holds(binding_.program(), workflow.unless, view, nullptr, now_)))
      continue;
    count += std::any_of(workflow.triggers.begin(), workflow.triggers.end(),
                         [&](const bytecode::Trigger& trigger) { return matches(view, trigger); });
  }
}

/// What a record is, not what happens to it: a moment or an event is no match.
bool SurveyImpl::matches(const RecordView& view, const bytecode::Trigger& trigger) const {
  const bytecode::Program& program = binding_.program();
  bool match = false;
  if (trigger.kind == TriggerKind::condition || trigger.kind == TriggerKind::becomes) {
    match = vm::holds(program, trigger.condition, view, nullptr, now_);
  } else if (trigger.kind == TriggerKind::list_added) {
    match = view.in_list(trigger.list);
  }
  return match && (trigger.guard == kNone || vm::holds(program, trigger.guard, view, nullptr, now_));
}

}  // namespace

std::shared_ptr<Survey> make_survey(Context& context, std::shared_ptr<const bytecode::Program> program,
                                    const bytecode::Hash& hash, std::int64_t now) {
  return std::make_shared<SurveyImpl>(context, std::move(program), hash, now);
}

}  // namespace wf::engine
