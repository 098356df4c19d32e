// POST /v1/try: runs a workflow on a copy of a record, waits skipped; the mails go to the tester only.
#include "runtime/api/json.hpp"
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

namespace {

bool is_address(const std::string& text) {
  const std::size_t at = text.find('@');
  return at != 0 && at != text.npos && at + 1 < text.size() && text.find('@', at + 1) == text.npos &&
         text.find_first_of(" \t\r\n<>,;\"") == text.npos;
}

Value body_of(const Service& service, const engine::Rehearsal& found) {
  value::List items;
  for (const engine::RehearsalItem& item : found.items) {
    value::Map entry{{"at", time_value(service, item.at)},
                     {"own", Value::boolean(item.own)},
                     {"what", Value::text(engine::to_string(item.what))}};
    if (!item.subject.empty()) entry.emplace_back("subject", Value::text(item.subject));
    if (!item.workflow.empty()) entry.emplace_back("workflow", Value::text(item.workflow));
    if (!item.detail.empty()) entry.emplace_back("detail", Value::text(item.detail));
    items.push_back(Value::map(std::move(entry)));
  }
  return Value::map({{"entered", Value::boolean(found.refused.empty())},
                     {"reason", Value::text(found.refused)},
                     {"timeline", Value::list(std::move(items))},
                     {"mails", Value::integer(static_cast<std::int64_t>(found.mails.size()))},
                     {"unfinished", Value::boolean(found.unfinished)}});
}

}  // namespace

void post_try(Service& service, const http::Request& request, http::Respond respond) {
  // A page of another site can post a body without a type, but no JSON type.
  if (!request.header("content-type").starts_with("application/json")) {
    return respond(problem(415, "Content-Type must be application/json"));
  }
  const auto body = parse_json(request.body);
  if (!body) return respond(problem(400, body.error().message));
  const engine::RehearsalRequest wanted{text_member(*body, "workflow"), text_member(*body, "record"),
                                        text_member(*body, "to")};
  if (wanted.workflow.empty() || wanted.subject.empty()) {
    return respond(problem(400, "`workflow` and `record` must be given"));
  }
  if (!is_address(wanted.to)) return respond(problem(400, "`to` must be one mail address"));
  service.engine.ask([&service, wanted, respond](engine::Engine& engine) {
    auto found = engine.rehearse(wanted, service.clock.now());
    if (!found) return respond(failure(found.error()));
    if (found->found.verdict == engine::Verdict::not_found) return respond(problem(404, found->found.text));
    const http::Response response = json_response(200, body_of(service, *found));
    service.engine.deliver(std::move(found->mails));
    respond(response);
  });
}

}  // namespace wf::api
