// GET /v1/status: figures of the engine and the store, channels that fail.
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

namespace {

Value number(std::uint64_t n) {
  return Value::integer(static_cast<std::int64_t>(n));
}

}  // namespace

void get_status(Service& service, const http::Request&, http::Respond respond) {
  service.engine.ask([&service, respond](engine::Engine& engine) {
    const auto status = engine.status();
    if (!status) return respond(failure(status.error()));
    const store::StoreFigures& store = status->store;
    value::Map body{{"project", Value::text(service.program()->catalogue.project)},
                    {"clock", time_value(service, service.clock.now())},
                    {"accepted", number(store.accepted)},
                    {"consumed", number(store.consumed)},
                    {"backlog", number(status->backlog)},
                    {"timers", number(store.timers)},
                    {"effects", number(store.effects)},
                    {"in_flight", number(status->in_flight)},
                    {"held", number(status->held)},
                    {"dead", number(status->dead)},
                    {"late", number(status->late)},
                    {"quarantined", number(status->quarantined)},
                    {"last_frame", number(store.last_frame)},
                    {"folded_frame", number(store.folded_frame)},
                    {"recovered_frames", number(store.recovered_frames)}};
    add_clock_state(service, service.clock.health(), body);
    value::Map closed;
    for (const engine::ClosedDestination& destination : status->closed) {
      closed.emplace_back(destination.name, time_value(service, destination.until));
    }
    body.emplace_back("closed", Value::map(std::move(closed)));
    value::List gone;
    for (const std::string& webhook : status->gone) gone.push_back(Value::text("webhook." + webhook));
    body.emplace_back("gone", Value::list(std::move(gone)));
    for (auto& [name, v] : service.engine.health()) body.emplace_back(name, v);
    respond(json_response(200, Value::map(std::move(body))));
  });
}

}  // namespace wf::api
