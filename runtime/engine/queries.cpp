// What one can ask the engine; nothing here changes anything.
#include "runtime/crm/convert.hpp"
#include "runtime/engine/describe.hpp"
#include "runtime/engine/engine_impl.hpp"
#include "runtime/engine/explain.hpp"
#include "runtime/engine/rehearse.hpp"

namespace wf::engine {

namespace {

constexpr std::size_t kMostReported = 100'000;

}  // namespace

Result<std::optional<Key>> EngineImpl::find(std::string_view object, std::string_view subject) {
  const std::uint32_t index = context_.active->catalogue().find_object(object);
  if (index == kNone) return std::optional<Key>();
  try {
    return context_.find(context_.active->object(index),
                         crm::identity(context_.active->catalogue().objects[index], subject));
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::optional<RecordInfo>> EngineImpl::describe(Key key) {
  try {
    return describe_record(context_, key);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<Explanation> EngineImpl::explain(const std::string& workflow, const std::string& subject,
                                        OperationAnswer& answer) {
  try {
    const auto [index, record] = control_.find(workflow, subject, answer);
    if (record == nullptr) return Explanation();
    return engine::explain(context_, index, record->key, context_.numbers.clock);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<Rehearsal> EngineImpl::rehearse(const RehearsalRequest& request, std::int64_t now) {
  try {
    Rehearsal nothing;
    const auto [index, record] = control_.find(request.workflow, request.subject, nothing.found);
    if (record == nullptr) return nothing;
    RehearsalRequest exact = request;
    exact.workflow = context_.active->program().workflows[index].name;
    return engine::rehearse(context_.store, context_.active->program(), context_.layout, *context_.active,
                            exact, record->key, std::max(now, context_.numbers.clock));
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::vector<WorkflowInfo>> EngineImpl::workflows() {
  try {
    return list_workflows(context_);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::vector<HistoryItem>> EngineImpl::history(store::HistoryRef& from, std::size_t limit) {
  try {
    return read_history(context_, from, limit);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

std::string EngineImpl::subject_name(SymbolId symbol) const {
  if (symbol == 0) return {};
  const std::string_view kind = context_.symbols.kind(symbol), name = context_.symbols.name(symbol);
  if (kind == "workflow") return bytecode::workflow_label(name);
  // What a campaign or audience keeps bears its whole name, a property behind its object's.
  const std::size_t dot = name.find('.');
  const bool whole = kind == "list" && dot != name.npos;
  const bool kept = kind == "property" && name.find('.', dot + 1) != name.npos;
  if (whole || kept) return std::string(name.substr(kept ? dot + 1 : 0));
  return std::string(kind) + "." + std::string(name);
}

Result<std::vector<ReportRow>> EngineImpl::report() {
  try {
    return read_report(context_);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<Status> EngineImpl::status() {
  Status status;
  status.store = context_.store.figures();
  status.backlog = status.store.accepted - status.store.consumed;
  status.in_flight = outbox_.in_flight();
  status.quarantined = quarantine_.size();
  status.closed = outbox_.closed(context_.numbers.clock);
  status.gone.assign(outbox_.gone().begin(), outbox_.gone().end());
  status.clock = context_.numbers.clock;
  for (const auto& [state, figure] : {std::pair{store::EffectState::uncertain, &status.held},
                                      std::pair{store::EffectState::dead, &status.dead},
                                      std::pair{store::EffectState::late, &status.late}}) {
    const auto effects = context_.store.effects(state, INT64_MAX, 100'000);
    if (!effects) return effects.error();
    *figure = effects->size();
  }
  return status;
}

Result<CatchUpReport> EngineImpl::catch_up() {
  CatchUpReport report{catch_up_.from(), catch_up_.to(), catch_up_.state_name(), {}};
  try {
    for (OutboxItem& item : outbox_.list({{}, {store::EffectState::late}, ""}, kMostReported)) {
      ++report.mails[{std::move(item.workflow), std::move(item.subject)}];
    }
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
  return report;
}

Result<std::vector<QuarantinedItem>> EngineImpl::quarantined() {
  std::vector<QuarantinedItem> items;
  try {
    for (const std::uint64_t id : quarantine_.ids()) {
      if (const auto entry = quarantine_.find(id)) {
        items.push_back({id, entry->at, engine::describe(entry->item, context_), entry->reason});
      }
    }
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
  return items;
}

Result<std::vector<OutboxItem>> EngineImpl::outbox(const OutboxChoice& choice, std::size_t limit) {
  try {
    return outbox_.list(choice, limit);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<Value> EngineImpl::evaluate(const bytecode::Program& program, std::uint32_t function, Key key,
                                   std::int64_t now) {
  try {
    const Record* record = context_.cache.get(key);
    if (record == nullptr) return Error{ErrorCode::not_found, "no such record"};
    return vm::evaluate(program, function, RecordView(context_, *context_.active, *record), nullptr, now);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

}  // namespace wf::engine
