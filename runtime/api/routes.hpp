// The list of resources. One file per resource; a new one is a line here and in routes.cpp.
#pragma once

#include <string>
#include <vector>

#include "runtime/api/service.hpp"
#include "runtime/http/server.hpp"

namespace wf::api {

struct Route {
  const char* method;
  const char* path;  ///< ends with `/`: all paths below it
  void (*handle)(Service&, const http::Request&, http::Respond);
};
const std::vector<Route>& routes();

/// Answers 404 and 405 itself. `service` must outlive the server.
http::Handler make_handler(Service& service);

void get_health(Service& service, const http::Request& request, http::Respond respond);
void get_status(Service& service, const http::Request& request, http::Respond respond);
void get_report(Service& service, const http::Request& request, http::Respond respond);
void get_schema(Service& service, const http::Request& request, http::Respond respond);
void get_record(Service& service, const http::Request& request, http::Respond respond);
void post_events(Service& service, const http::Request& request, http::Respond respond);
void get_workflows(Service& service, const http::Request& request, http::Respond respond);
void get_jobs(Service& service, const http::Request& request, http::Respond respond);
void get_explanation(Service& service, const http::Request& request, http::Respond respond);
void post_try(Service& service, const http::Request& request, http::Respond respond);
void post_operation(Service& service, const http::Request& request, http::Respond respond);
void post_clock_accept(Service& service, const http::Request& request, http::Respond respond);
void get_quarantine(Service& service, const http::Request& request, http::Respond respond);
void get_catchup(Service& service, const http::Request& request, http::Respond respond);
void get_outbox(Service& service, const http::Request& request, http::Respond respond);
void post_outbox_retry(Service& service, const http::Request& request, http::Respond respond);
void post_outbox_discard(Service& service, const http::Request& request, http::Respond respond);
void show_unsubscribe(Service& service, const http::Request& request, http::Respond respond);
void post_unsubscribe(Service& service, const http::Request& request, http::Respond respond);
void get_versions(Service& service, const http::Request& request, http::Respond respond);
void post_version(Service& service, const http::Request& request, http::Respond respond);
void post_rollback(Service& service, const http::Request& request, http::Respond respond);
void get_bundle(Service& service, const http::Request& request, http::Respond respond);
void post_survey(Service& service, const http::Request& request, http::Respond respond);

// ---- shared by the resources ----

http::Response json_response(int status, const value::Value& body);
/// `{"error": message}`.
http::Response problem(int status, const std::string& message);
/// The status that an error of store or engine becomes; its message goes to the log, not to the client.
http::Response failure(const Error& error);
/// Adds `clock_state` (suspect, waits) and `machine_clock` while the machine's clock is not followed.
void add_clock_state(const Service& service, const ClockHealth& clock, value::Map& body);
/// The instant as text in the project's zone.
value::Value time_value(const Service& service, std::int64_t instant);
/// The bundle in a request's body, verified; nothing after it answered why not.
bool read_bundle_of(const http::Request& request, const http::Respond& respond);
/// Makes inputs durable and answers `response` then, or why not.
void accept_then(Service& service, std::vector<store::Input> inputs, http::Response response,
                 http::Respond respond, SourceCounts sources = {});

}  // namespace wf::api
