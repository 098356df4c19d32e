// POST /v1/operations/NAME: what an operator asks the engine to do. Answers after it is durable: 200 done or
// so already, 404 no such workflow or record, 409 refused with the reason.
#include "grammar/text/suggest.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/api/json.hpp"
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

namespace {

constexpr std::string_view kPrefix = "/v1/operations/";

/// A name that must be there. Error: invalid.
Result<std::string> required(const Value& body, const char* name) {
  std::string text = text_member(body, name);
  if (text.empty()) return Error{ErrorCode::invalid, "`" + std::string(name) + "` is missing"};
  return text;
}

bool flag(const Value& body, const char* name) {
  const Value* v = member(body, name);
  return v != nullptr && *v == Value::boolean(true);
}

/// Of enrol and unenrol.
template <class What>
Result<engine::Operation> read_one(const Value& body) {
  auto workflow = required(body, "workflow");
  if (!workflow) return workflow.error();
  auto record = required(body, "record");
  if (!record) return record.error();
  return engine::Operation(What{std::move(*workflow), std::move(*record), flag(body, "dry_run")});
}

/// The member `ids`; empty when it is absent.
Result<std::vector<std::uint64_t>> read_ids(const Value& body) {
  std::vector<std::uint64_t> ids;
  const Value* list = member(body, "ids");
  if (list == nullptr) return ids;
  if (list->kind() != value::Kind::list) return Error{ErrorCode::invalid, "`ids` must be a list of numbers"};
  for (const Value& id : list->as_list()) {
    if (id.kind() != value::Kind::integer || id.as_integer() <= 0)
      return Error{ErrorCode::invalid, "`ids` must be a list of numbers"};
    ids.push_back(static_cast<std::uint64_t>(id.as_integer()));
  }
  return ids;
}

Result<engine::Operation> read_quarantine(const Value& body) {
  auto ids = read_ids(body);
  if (!ids) return ids.error();
  return engine::Operation(engine::DecideQuarantine{std::move(*ids), !flag(body, "discard")});
}

Result<engine::Operation> read_catchup(const Value& body) {
  using What = engine::DecideCatchUp::What;
  const auto what = required(body, "decision");
  if (!what) return what.error();
  engine::DecideCatchUp decision;
  if (*what == "skip") {
    decision.what = What::skip;
  } else if (*what == "reschedule") {
    decision.what = What::reschedule;
    const auto spread = value::parse_compact_duration(text_member(body, "spread"));
    if (!spread || *spread <= 0) return Error{ErrorCode::invalid, "`spread` must be a duration such as 24h"};
    decision.spread = *spread;
  } else if (*what != "approve") {
    return Error{ErrorCode::invalid, "`decision` must be approve, skip or reschedule"};
  }
  return engine::Operation(decision);
}

template <engine::SwitchTo To>
Result<engine::Operation> read_switch(const Value& body) {
  auto workflow = required(body, "workflow");
  if (!workflow) return workflow.error();
  return engine::Operation(engine::SwitchWorkflow{std::move(*workflow), To});
}

template <bool Enroll>
Result<engine::Operation> read_many(const Value& body) {
  auto workflow = required(body, "workflow");
  if (!workflow) return workflow.error();
  engine::EnrollMany many{std::move(*workflow), Enroll, {}, text_member(body, "members_of")};
  for (const Value& record : list_member(body, "records")) {
    if (record.kind() != value::Kind::text || record.as_text().empty()) {
      return Error{ErrorCode::invalid, "`records` must be a list of texts"};
    }
    many.subjects.emplace_back(record.as_text());
  }
  if (many.members_of.empty() == many.subjects.empty()) {
    return Error{ErrorCode::invalid, "either `records` or `members_of` must be given"};
  }
  return engine::Operation(std::move(many));
}

struct Reader {
  const char* name;
  Result<engine::Operation> (*read)(const Value& body);
};
constexpr Reader kReaders[] = {
    {"enroll", read_one<engine::EnrollRecord>},
    {"unenroll", read_one<engine::UnenrollRecord>},
    {"quarantine", read_quarantine},
    {"catchup", read_catchup},
    {"enroll_many", read_many<true>},
    {"unenroll_many", read_many<false>},
    {"retry", read_one<engine::RetryRecord>},
    {"on", read_switch<engine::SwitchTo::on>},
    {"off", read_switch<engine::SwitchTo::off>},
    {"drain", read_switch<engine::SwitchTo::drain>},
    {"pause", read_switch<engine::SwitchTo::pause>},
    {"resume", read_switch<engine::SwitchTo::resume>},
};

Result<engine::Operation> read_operation(const std::string& name, const std::string& text) {
  std::vector<std::string> names;
  for (const Reader& reader : kReaders) {
    names.emplace_back(reader.name);
    if (name != reader.name) continue;
    const auto body = parse_json(text);
    if (!body) return Error{ErrorCode::invalid, body.error().message};
    if (body->kind() != value::Kind::map) return Error{ErrorCode::invalid, "the body is not a JSON object"};
    return reader.read(*body);
  }
  const std::string hint = text::did_you_mean(name, names);
  return Error{ErrorCode::not_found,
               "there is no operation `" + name + "`" + (hint.empty() ? "" : "; " + hint)};
}

int status_of(engine::Verdict verdict) {
  switch (verdict) {
    case engine::Verdict::refused:
      return 409;
    case engine::Verdict::not_found:
      return 404;
    case engine::Verdict::done:
    case engine::Verdict::unchanged:
      break;
  }
  return 200;
}

/// `error` as everywhere, and the reason for programs.
http::Response response_of(const engine::OperationAnswer& answer) {
  const int status = status_of(answer.verdict);
  value::Map body{{"result", Value::text(engine::to_string(answer.verdict))}};
  if (!answer.reason.empty()) body.emplace_back("reason", Value::text(answer.reason));
  if (answer.job != 0) body.emplace_back("job", Value::integer(static_cast<std::int64_t>(answer.job)));
  body.emplace_back(status == 200 ? "text" : "error", Value::text(answer.text));
  return json_response(status, Value::map(std::move(body)));
}

}  // namespace

void post_operation(Service& service, const http::Request& request, http::Respond respond) {
  // A page of another site can post a body without a type, but no JSON type.
  if (!request.header("content-type").starts_with("application/json")) {
    return respond(problem(415, "Content-Type must be application/json"));
  }
  auto operation = read_operation(request.path.substr(kPrefix.size()), request.body);
  if (!operation) {
    const bool unknown = operation.error().code == ErrorCode::not_found;
    return respond(problem(unknown ? 404 : 400, operation.error().message));
  }
  service.engine.ask([&service, operation = std::move(*operation), respond](engine::Engine& engine) {
    const auto answer = engine.operate(operation, service.clock.now());
    respond(answer ? response_of(*answer) : failure(answer.error()));
  });
}

}  // namespace wf::api
