// GET /v1/workflows: whether each is on, off or paused, and how many enrolments stand at which step.
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

namespace {

Value count(std::uint64_t n) {
  return Value::integer(static_cast<std::int64_t>(n));
}

Value workflow(const Service& service, const engine::WorkflowInfo& info) {
  value::List steps;
  for (const engine::StepFigure& step : info.steps) {
    steps.push_back(Value::map({{"step", Value::text(step.step)},
                                {"file", Value::text(step.file)},
                                {"line", count(step.line)},
                                {"count", Value::integer(step.count)}}));
  }
  value::Map map{{"workflow", Value::text(info.name)},
                 {"title", Value::text(info.title)},
                 {"object", info.object.empty() ? Value() : Value::text(info.object)},
                 {"off", Value::boolean(info.off)},
                 {"paused", Value::boolean(info.paused)},
                 {"draining", Value::boolean(info.draining)},
                 {"running", Value::integer(info.running)},
                 {"parked", count(info.parked)},
                 {"steps", Value::list(std::move(steps))}};
  if (info.off) map.emplace_back("off_since", time_value(service, info.off_since));
  if (info.paused) map.emplace_back("paused_since", time_value(service, info.paused_since));
  return Value::map(std::move(map));
}

}  // namespace

void get_workflows(Service& service, const http::Request&, http::Respond respond) {
  service.engine.ask([&service, respond](engine::Engine& engine) {
    const auto workflows = engine.workflows();
    if (!workflows) return respond(failure(workflows.error()));
    value::List list;
    for (const engine::WorkflowInfo& info : *workflows) list.push_back(workflow(service, info));
    respond(json_response(200, Value::map({{"workflows", Value::list(std::move(list))}})));
  });
}

}  // namespace wf::api
