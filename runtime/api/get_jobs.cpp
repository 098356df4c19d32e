// GET /v1/jobs: what concerns many records, and how far it has come; the newest first.
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

namespace {

Value number(std::uint64_t n) {
  return Value::integer(static_cast<std::int64_t>(n));
}

Value job(const Service& service, const engine::JobInfo& info) {
  value::Map refused;
  for (const auto& [reason, count] : info.refused) refused.emplace_back(reason, number(count));
  value::Map map{{"job", number(info.number)},
                 {"what", Value::text(info.enroll ? "enroll" : "unenroll")},
                 {"workflow", Value::text(info.workflow)},
                 {"members_of", info.members_of.empty() ? Value() : Value::text(info.members_of)},
                 {"total", info.total == 0 ? Value() : number(info.total)},
                 {"looked_at", number(info.looked_at)},
                 {"done", number(info.done)},
                 {"refused", Value::map(std::move(refused))},
                 {"finished", Value::boolean(info.finished)},
                 {"started_at", time_value(service, info.started_at)}};
  if (info.finished) map.emplace_back("ended_at", time_value(service, info.ended_at));
  return Value::map(std::move(map));
}

}  // namespace

void get_jobs(Service& service, const http::Request&, http::Respond respond) {
  service.engine.ask([&service, respond](engine::Engine& engine) {
    value::List list;
    for (const engine::JobInfo& info : engine.jobs()) list.push_back(job(service, info));
    respond(json_response(200, Value::map({{"jobs", Value::list(std::move(list))}})));
  });
}

}  // namespace wf::api
