// POST /v1/surveys with a bundle: what its deployment would meet: the active version, where running
// enrolments stand, existing records that its new workflows match, values that its schema no longer knows.
// Changes nothing.
#include "runtime/api/json.hpp"
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

namespace {

constexpr std::size_t kPage = 1'000;  ///< records looked at between two batches of the engine

Value points(const std::vector<engine::RunningPoint>& running) {
  value::List list;
  for (const engine::RunningPoint& point : running) {
    const bool waits = point.wait != bytecode::kNone;
    list.push_back(Value::map({{"code", Value::text(point.code)},
                               {"workflow", Value::text(point.workflow)},
                               {"wait", waits ? Value::integer(point.wait) : Value()},
                               {"step", Value::text(point.step)},
                               {"count", Value::integer(point.count)}}));
  }
  return Value::list(std::move(list));
}

Value body_of(const engine::Surveyed& found, const engine::Version& active,
              const std::vector<engine::RunningPoint>& running) {
  value::List matches, held;
  for (const auto& [workflow, count] : found.matches)
    matches.push_back(Value::map({{"workflow", Value::text(workflow)}, {"records", Value::integer(count)}}));
  for (const engine::HeldValue& value : found.held) {
    held.push_back(Value::map({{"property", Value::text(value.property)},
                               {"value", value.value.empty() ? Value() : Value::text(value.value)},
                               {"why", Value::text(value.why)},
                               {"records", Value::integer(value.records)}}));
  }
  return Value::map({{"version", Value::integer(static_cast<std::int64_t>(active.number))},
                     {"hash", Value::text(active.hash)},
                     {"records", Value::integer(found.records)},
                     {"running", points(running)},
                     {"matches", Value::list(std::move(matches))},
                     {"held", Value::list(std::move(held))}});
}

/// Page by page, so that the engine goes on between them.
void look_on(Service& service, std::shared_ptr<engine::Survey> survey, http::Respond respond) {
  service.engine.ask([&service, survey = std::move(survey), respond](engine::Engine& engine) {
    const auto more = survey->step(kPage);
    if (!more) return respond(failure(more.error()));
    if (*more) return look_on(service, survey, respond);
    const auto running = engine.running();
    if (!running) return respond(failure(running.error()));
    const auto versions = engine.versions();
    respond(json_response(
        200, body_of(survey->found(), versions.empty() ? engine::Version() : versions.back(), *running)));
  });
}

}  // namespace

void post_survey(Service& service, const http::Request& request, http::Respond respond) {
  if (!read_bundle_of(request, respond)) return;
  service.engine.ask([&service, bundle = request.body, respond](engine::Engine& engine) {
    auto survey = engine.survey(bundle, service.clock.now());
    if (!survey) return respond(failure(survey.error()));
    look_on(service, std::move(*survey), respond);
  });
}

}  // namespace wf::api
