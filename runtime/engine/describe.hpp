// Internal to the engine: a record as people see it.
#pragma once

#include "runtime/engine/context.hpp"

namespace wf::engine {

/// As of the last durable batch; nothing when there is no such record. Throws StoreFailure.
std::optional<RecordInfo> describe_record(Context& context, Key key);
/// Throws StoreFailure.
std::vector<WorkflowInfo> list_workflows(Context& context);
std::vector<RunningPoint> describe_running(Context& context);
/// As Engine::history and Engine::report. Throw StoreFailure.
std::vector<HistoryItem> read_history(Context& context, store::HistoryRef& from, std::size_t limit);
std::vector<ReportRow> read_report(Context& context);

}  // namespace wf::engine
