// GET /healthz: alive, and what its clock shows.
#include "runtime/api/routes.hpp"

namespace wf::api {

void get_health(Service& service, const http::Request&, http::Respond respond) {
  respond(json_response(200, value::Value::map({{"status", value::Value::text("ok")},
                                                {"clock", time_value(service, service.clock.now())}})));
}

}  // namespace wf::api
