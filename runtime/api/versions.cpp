// GET /v1/versions, POST /v1/versions?expect=&note= with a bundle, POST /v1/rollback {"version": N},
// GET /v1/bundles/HASH: what runs, what ran, and another version made active.
#include "runtime/api/json.hpp"
#include "runtime/api/routes.hpp"
#include "runtime/log/log.hpp"

namespace wf::api {

using value::Value;

namespace {

/// No page of another site can post it without being asked for permission first.
constexpr std::string_view kBundleType = "application/vnd.wf.bundle";
constexpr std::string_view kBundles = "/v1/bundles/";

Value describe(const Service& service, const engine::Version& version) {
  return Value::map({{"number", Value::integer(static_cast<std::int64_t>(version.number))},
                     {"at", time_value(service, version.at)},
                     {"hash", Value::text(version.hash)},
                     {"note", Value::text(version.note)},
                     {"active", Value::boolean(version.active)},
                     {"kept", Value::boolean(version.kept)}});
}

/// After another version was made active: requests are served by it from here on.
void answer(Service& service, engine::Engine& engine, const engine::Deployed& deployed,
            const http::Respond& respond) {
  if (deployed.changed) {
    service.editions->set(engine.program());
    log::info("another version is active", {{"version", deployed.version.number},
                                            {"hash", deployed.version.hash},
                                            {"note", deployed.version.note}});
  }
  respond(json_response(200, Value::map({{"changed", Value::boolean(deployed.changed)},
                                         {"version", describe(service, deployed.version)}})));
}

bool has_type(const http::Request& request, std::string_view type) {
  return request.header("content-type").starts_with(type);
}

}  // namespace

bool read_bundle_of(const http::Request& request, const http::Respond& respond) {
  if (!has_type(request, kBundleType)) {
    respond(problem(415, "Content-Type must be " + std::string(kBundleType)));
    return false;
  }
  const auto program = bytecode::read_bundle(request.body);
  if (!program) respond(problem(400, program.error().message));
  return program.ok();
}

void get_versions(Service& service, const http::Request&, http::Respond respond) {
  service.engine.ask([&service, respond](engine::Engine& engine) {
    value::List list;
    for (const engine::Version& version : engine.versions()) list.push_back(describe(service, version));
    respond(json_response(200, Value::map({{"versions", Value::list(std::move(list))}})));
  });
}

void post_version(Service& service, const http::Request& request, http::Respond respond) {
  if (!read_bundle_of(request, respond)) return;
  engine::DeployRequest what{std::string(request.parameter("note")), std::string(request.parameter("expect")),
                             false};
  service.engine.ask([&service, what, bundle = request.body, respond](engine::Engine& engine) {
    const auto versions = engine.versions();
    const std::string active = versions.empty() ? "" : versions.back().hash;
    if (!what.expected.empty() && what.expected != active) {
      return respond(problem(409, "the daemon has moved on: version " +
                                      std::to_string(versions.empty() ? 0 : versions.back().number) +
                                      " is active, which is not the one that the plan was made against"));
    }
    const auto deployed = engine.deploy(bundle, service.clock.now(), what);
    if (!deployed) return respond(failure(deployed.error()));
    answer(service, engine, *deployed, respond);
  });
}

void post_rollback(Service& service, const http::Request& request, http::Respond respond) {
  if (!has_type(request, "application/json"))
    return respond(problem(415, "Content-Type must be application/json"));
  const auto body = parse_json(request.body);
  if (!body || body->kind() != value::Kind::map)
    return respond(problem(400, "the body is not a JSON object"));
  const std::int64_t number = integer_member(*body, "version");
  if (number < 0) return respond(problem(400, "`version` is the number of a version"));
  service.engine.ask([&service, number, respond](engine::Engine& engine) {
    const auto deployed = engine.roll_back(static_cast<std::uint64_t>(number), service.clock.now());
    if (!deployed && deployed.error().code == ErrorCode::not_found)
      return respond(problem(404, deployed.error().message));
    if (!deployed) return respond(failure(deployed.error()));
    answer(service, engine, *deployed, respond);
  });
}

void get_bundle(Service& service, const http::Request& request, http::Respond respond) {
  service.engine.ask([hash = request.path.substr(kBundles.size()), respond](engine::Engine& engine) {
    auto bundle = engine.bundle(hash);
    if (!bundle) return respond(failure(bundle.error()));
    if (!*bundle) return respond(problem(404, "there is no such bundle"));
    http::Response response;
    response.content_type = kBundleType;
    response.body = std::move(**bundle);
    respond(std::move(response));
  });
}

}  // namespace wf::api
