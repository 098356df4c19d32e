// GET /healthz: alive, and what its clock shows.
#include "runtime/api/routes.hpp"

namespace wf::api {

void get_health(Service& service, const http::Request&, http::Respond respond) {
  const ClockHealth clock = service.clock.health();
  value::Map body{{"status", value::Value::text("ok")}, {"clock", time_value(service, service.clock.now())}};
  add_clock_state(service, clock, body);
  respond(json_response(200, value::Value::map(std::move(body))));
}

void add_clock_state(const Service& service, const ClockHealth& clock, value::Map& body) {
  if (!clock.suspect && !clock.waits) return;
  body.emplace_back("clock_state", value::Value::text(clock.suspect ? "suspect" : "waits"));
  body.emplace_back("machine_clock", time_value(service, clock.machine));
}

}  // namespace wf::api
