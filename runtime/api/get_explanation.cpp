// GET /v1/explain/WORKFLOW/ID: why a record is in a workflow or not.
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

namespace {

constexpr std::string_view kPrefix = "/v1/explain/";

Value lines(const std::vector<std::string>& texts) {
  value::List list;
  for (const std::string& text : texts) list.push_back(Value::text(text));
  return Value::list(std::move(list));
}

Value body_of(const Service& service, const engine::Engine& engine, const engine::Explanation& found) {
  value::List rules, items;
  for (const engine::ExplainedRule& rule : found.rules) {
    rules.push_back(Value::map({{"allows", Value::boolean(rule.allows)}, {"text", Value::text(rule.text)}}));
  }
  for (const engine::ExplainedItem& item : found.items) {
    value::Map entry{{"at", time_value(service, item.at)},
                     {"what", Value::text(engine::to_string(item.what))}};
    if (item.subject != 0) entry.emplace_back("subject", Value::text(engine.subject_name(item.subject)));
    if (!item.detail.empty()) entry.emplace_back("detail", Value::text(item.detail));
    if (!item.seen.empty()) entry.emplace_back("seen", Value::text(item.seen));
    items.push_back(Value::map(std::move(entry)));
  }
  return Value::map({{"workflow", Value::text(found.workflow)},
                     {"standing", lines(found.standing)},
                     {"rules", Value::list(std::move(rules))},
                     {"triggers", lines(found.triggers)},
                     {"timeline", Value::list(std::move(items))},
                     {"truncated", Value::boolean(found.truncated)}});
}

}  // namespace

void get_explanation(Service& service, const http::Request& request, http::Respond respond) {
  const std::string path = request.path.substr(kPrefix.size());
  const std::size_t slash = path.find('/');
  if (slash == path.npos || slash + 1 == path.size()) {
    return respond(problem(400, "the address is /v1/explain/WORKFLOW/ID"));
  }
  const std::string workflow = path.substr(0, slash), subject = path.substr(slash + 1);
  service.engine.ask([&service, workflow, subject, respond](engine::Engine& engine) {
    engine::OperationAnswer answer;
    const auto found = engine.explain(workflow, subject, answer);
    if (!found) return respond(failure(found.error()));
    if (answer.verdict == engine::Verdict::not_found) return respond(problem(404, answer.text));
    respond(json_response(200, body_of(service, engine, *found)));
  });
}

}  // namespace wf::api
