#include "runtime/api/routes.hpp"

#include "grammar/value/calendar.hpp"
#include "runtime/api/json.hpp"
#include "runtime/log/log.hpp"

namespace wf::api {

using value::Value;

const std::vector<Route>& routes() {
  static const std::vector<Route> list = {
      {"GET", "/healthz", get_health},
      {"GET", "/v1/status", get_status},
      {"GET", "/v1/report", get_report},
      {"GET", "/v1/schema", get_schema},
      {"GET", "/v1/records/", get_record},
      {"POST", "/v1/events", post_events},
      {"GET", "/u/", show_unsubscribe},
      {"POST", "/u/", post_unsubscribe},
      {"POST", "/v1/operations/", post_operation},
      {"GET", "/v1/versions", get_versions},
      {"POST", "/v1/versions", post_version},
      {"POST", "/v1/rollback", post_rollback},
      {"GET", "/v1/bundles/", get_bundle},
      {"POST", "/v1/surveys", post_survey},
      {"POST", "/v1/clock/accept", post_clock_accept},
      {"GET", "/v1/quarantine", get_quarantine},
      {"GET", "/v1/catchup", get_catchup},
      {"GET", "/v1/outbox", get_outbox},
      {"POST", "/v1/outbox/retry", post_outbox_retry},
      {"POST", "/v1/outbox/discard", post_outbox_discard},
      {"GET", "/v1/workflows", get_workflows},
      {"GET", "/v1/jobs", get_jobs},
      {"GET", "/v1/explain/", get_explanation},
      {"POST", "/v1/try", post_try},
  };
  return list;
}

namespace {

bool covers(const Route& route, const std::string& path) {
  const std::string_view pattern = route.path;
  return pattern.ends_with('/') ? path.size() > pattern.size() && path.starts_with(pattern) : path == pattern;
}

void dispatch(Service& service, const http::Request& request, http::Respond respond) {
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::string allowed;
  for (const Route& route : routes()) {
    if (!covers(route, request.path)) continue;
    if (method == route.method) return route.handle(service, request, std::move(respond));
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (allowed.empty()) return respond(problem(404, "there is nothing at this address"));
  http::Response response = problem(405, "this address takes " + allowed);
  response.headers.emplace_back("Allow", allowed);
  respond(std::move(response));
}

}  // namespace

http::Handler make_handler(Service& service) {
  return [&service](http::Request request, http::Respond respond) {
    dispatch(service, request, std::move(respond));
  };
}

http::Response json_response(int status, const Value& body) {
  http::Response response;
  response.status = status;
  response.body = to_json(body) + "\n";
  return response;
}

http::Response problem(int status, const std::string& message) {
  return json_response(status, Value::map({{"error", Value::text(message)}}));
}

http::Response failure(const Error& error) {
  log::error("a request failed", {{"reason", error.message}});
  if (error.code == ErrorCode::full) return problem(507, "the disk is full: nothing was accepted");
  http::Response response = problem(503, "the store cannot be used now: try again later");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

Value time_value(const Service& service, std::int64_t instant) {
  return Value::text(value::format_instant(instant, service.program()->catalogue.zone));
}

void accept_then(Service& service, std::vector<store::Input> inputs, http::Response response,
                 http::Respond respond, SourceCounts sources) {
  const auto done = [respond, response = std::move(response)](const Result<void>& accepted) {
    respond(accepted ? response : failure(accepted.error()));
  };
  if (service.ingest.is_full()) {
    http::Response full = problem(507, "the disk is nearly full: nothing is accepted until there is space");
    full.headers.emplace_back("Retry-After", "30");
    return respond(std::move(full));
  }
  const Admission admission = service.ingest.submit(std::move(inputs), done, std::move(sources));
  if (admission == Admission::taken) return;
  http::Response busy =
      problem(429, admission == Admission::over_share
                       ? "too many events of this source wait to be worked off while others "
                         "send too: try again later"
                       : "too many events wait to be worked off: try again later");
  busy.headers.emplace_back("Retry-After", "1");
  respond(std::move(busy));
}

}  // namespace wf::api
