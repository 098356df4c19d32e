// GET /v1/report: all counters of workflows, mails, webhooks and the engine.
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

void get_report(Service& service, const http::Request&, http::Respond respond) {
  service.engine.ask([&service, respond](engine::Engine& engine) {
    const auto report = engine.report();
    if (!report) return respond(failure(report.error()));
    value::List rows;
    for (const engine::ReportRow& row : *report) {
      rows.push_back(Value::map({{"subject", Value::text(row.subject)},
                                 {"metric", Value::text(row.metric)},
                                 {"detail", Value::text(row.detail)},
                                 {"count", Value::integer(row.count)}}));
    }
    respond(json_response(200, Value::map({{"clock", time_value(service, service.clock.now())},
                                           {"rows", Value::list(std::move(rows))}})));
  });
}

}  // namespace wf::api
