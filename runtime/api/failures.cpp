// GET /v1/quarantine, GET /v1/catchup, POST /v1/clock/accept: what waits for a person. What the person
// decides about the first two is an operation.
#include "runtime/api/routes.hpp"
#include "runtime/log/log.hpp"

namespace wf::api {

using value::Value;

namespace {

Value number(std::uint64_t n) {
  return Value::integer(static_cast<std::int64_t>(n));
}

}  // namespace

void get_quarantine(Service& service, const http::Request&, http::Respond respond) {
  service.engine.ask([&service, respond](engine::Engine& engine) {
    const auto items = engine.quarantined();
    if (!items) return respond(failure(items.error()));
    value::List list;
    for (const engine::QuarantinedItem& item : *items) {
      list.push_back(Value::map({{"id", number(item.id)},
                                 {"at", time_value(service, item.at)},
                                 {"what", Value::text(item.what)},
                                 {"reason", Value::text(item.reason)}}));
    }
    respond(json_response(200, Value::map({{"items", Value::list(std::move(list))}})));
  });
}

void get_catchup(Service& service, const http::Request&, http::Respond respond) {
  service.engine.ask([&service, respond](engine::Engine& engine) {
    const auto report = engine.catch_up();
    if (!report) return respond(failure(report.error()));
    value::List mails;
    for (const auto& [what, count] : report->mails) {
      mails.push_back(Value::map({{"workflow", Value::text(what.first)},
                                  {"subject", Value::text(what.second)},
                                  {"count", number(count)}}));
    }
    value::Map body{{"state", Value::text(report->state)}};
    if (report->to != 0) {
      body.emplace_back("from", time_value(service, report->from));
      body.emplace_back("to", time_value(service, report->to));
    }
    body.emplace_back("held", Value::list(std::move(mails)));
    respond(json_response(200, Value::map(std::move(body))));
  });
}

void post_clock_accept(Service& service, const http::Request& request, http::Respond respond) {
  if (!request.header("content-type").starts_with("application/json"))
    return respond(problem(415, "Content-Type must be application/json"));
  const bool suspect = service.clock.health().suspect;
  service.clock.accept();
  if (suspect) log::info("the machine's clock was accepted by hand");
  respond(json_response(200, Value::map({{"changed", number(suspect ? 1 : 0)},
                                         {"clock", time_value(service, service.clock.now())}})));
}

}  // namespace wf::api
