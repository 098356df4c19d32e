#include "compiler/wfc/daemon_client.hpp"

#include <set>

#include "compiler/wfc/report.hpp"
#include "runtime/api/json.hpp"

namespace wf::wfc {

using value::Value;

namespace {

constexpr int kTimeoutSeconds = 600;  ///< a survey looks at every record

std::string encoded(const std::string& text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    if (plain) {
      out += c;
    } else {
      (out += '%') += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

Error refusal(const http::ClientResponse& response) {
  const auto body = api::parse_json(response.body);
  std::string message = body ? api::text_member(*body, "error") : "";
  if (message.empty()) message = "the daemon answered " + std::to_string(response.status);
  if (response.status == 409) return {ErrorCode::conflict, message};
  return {response.status == 400 ? ErrorCode::invalid : ErrorCode::unavailable, message};
}

engine::RunningPoint point_of(const Value& v) {
  engine::RunningPoint point;
  point.code = api::text_member(v, "code");
  point.workflow = api::text_member(v, "workflow");
  point.step = api::text_member(v, "step");
  point.count = api::integer_member(v, "count");
  const Value* wait = api::member(v, "wait");
  if (wait != nullptr && wait->kind() == value::Kind::integer)
    point.wait = static_cast<std::uint32_t>(wait->as_integer());
  return point;
}

}  // namespace

Result<DaemonClient> DaemonClient::connect(const std::string& url) {
  auto client = http::make_client(url, kTimeoutSeconds);
  if (!client) return client.error();
  return DaemonClient(std::move(*client));
}

Result<Value> DaemonClient::post(const std::string& target, const std::string& bundle) {
  auto response = client_->request("POST", target, bundle, "application/vnd.wf.bundle");
  if (!response) return response.error();
  if (response->status != 200) return refusal(*response);
  return api::parse_json(response->body);
}

Result<DaemonState> DaemonClient::survey(const std::string& bundle) {
  const auto body = post("/v1/surveys", bundle);
  if (!body) return body.error();
  DaemonState state;
  state.version = static_cast<std::uint64_t>(api::integer_member(*body, "version"));
  state.hash = api::text_member(*body, "hash");
  state.records = api::integer_member(*body, "records");
  for (const Value& v : api::list_member(*body, "running")) state.running.push_back(point_of(v));
  for (const Value& v : api::list_member(*body, "matches"))
    state.matches.emplace_back(api::text_member(v, "workflow"), api::integer_member(v, "records"));
  for (const Value& v : api::list_member(*body, "held")) {
    state.held.push_back({api::text_member(v, "property"), api::text_member(v, "value"),
                          api::text_member(v, "why"), api::integer_member(v, "records")});
  }
  if (const auto loaded = load_codes(state); !loaded) return loaded.error();
  return state;
}

/// A code that was dropped meanwhile has no enrolments any more.
Result<void> DaemonClient::load_codes(DaemonState& state) {
  std::set<std::string> hashes{state.hash};
  for (const engine::RunningPoint& point : state.running) hashes.insert(point.code);
  hashes.erase("");
  for (const std::string& hash : hashes) {
    auto response = client_->request("GET", "/v1/bundles/" + encoded(hash));
    if (!response) return response.error();
    if (response->status == 404) continue;
    if (response->status != 200) return refusal(*response);
    auto program = bytecode::read_bundle(response->body);
    if (!program)
      return Error{ErrorCode::unavailable,
                   "a bundle of the daemon cannot be read: " + program.error().message};
    state.codes.emplace(hash, std::move(*program));
  }
  return {};
}

Result<Value> DaemonClient::deploy(const std::string& bundle, const std::string& expected,
                                   const std::string& note) {
  return post("/v1/versions?expect=" + encoded(expected) + "&note=" + encoded(note), bundle);
}

int daemon_failure(const std::string& url, const Error& error) {
  const bool refused = error.code == ErrorCode::invalid || error.code == ErrorCode::conflict;
  return fail({error.code, url + ": " + error.message}, refused ? kFindings : kFailed);
}

}  // namespace wf::wfc
