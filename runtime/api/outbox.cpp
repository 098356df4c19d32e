// GET /v1/outbox?state=&workflow=&limit=, POST /v1/outbox/retry and /discard: what has not been delivered,
// and what a person decides about it.
#include <charconv>

#include "runtime/api/json.hpp"
#include "runtime/api/routes.hpp"

namespace wf::api {

using store::EffectState;
using value::Value;

namespace {

constexpr std::size_t kDefaultLimit = 100;
constexpr std::size_t kMostLimit = 10'000;

const char* name_of(EffectState state) {
  switch (state) {
    case EffectState::ready:
      return "waiting";
    case EffectState::attempted:
      return "handed_over";
    case EffectState::uncertain:
      return "uncertain";
    case EffectState::dead:
      return "dead";
    case EffectState::late:
      return "late";
  }
  return "";
}

/// "held" is everything that waits for a person but what was given up; false for another word.
bool add_states(std::string_view word, std::vector<EffectState>& states) {
  if (word == "waiting") {
    states = {EffectState::ready, EffectState::attempted};
  } else if (word == "held") {
    states = {EffectState::uncertain, EffectState::late};
  } else if (word == "dead") {
    states = {EffectState::dead};
  } else if (word.empty() || word == "all") {
    states = {EffectState::dead, EffectState::uncertain, EffectState::late, EffectState::ready,
              EffectState::attempted};
  }
  return !states.empty();
}

Value item(const Service& service, const engine::OutboxItem& item) {
  const auto number = [](std::uint64_t n) { return Value::integer(static_cast<std::int64_t>(n)); };
  return Value::map({{"id", number(item.id)},
                     {"state", Value::text(name_of(item.state))},
                     {"subject", Value::text(item.subject)},
                     {"workflow", Value::text(item.workflow)},
                     {"record", Value::text(item.label)},
                     {"attempts", Value::integer(item.attempts)},
                     {"next_at", time_value(service, item.next_at)},
                     {"reason", Value::text(item.reason)},
                     {"key", Value::text(item.key)}});
}

/// {"ids": [1, 2]} or {"state": "dead", "workflow": "greet"}.
Result<engine::OutboxChoice> read_choice(const std::string& body) {
  const auto parsed = parse_json(body);
  if (!parsed || parsed->kind() != value::Kind::map)
    return Error{ErrorCode::invalid, "expected a JSON object"};
  engine::OutboxChoice choice;
  for (const auto& [name, v] : parsed->as_map()) {
    if (name == "ids" && v.kind() == value::Kind::list) {
      for (const Value& id : v.as_list()) {
        if (id.kind() != value::Kind::integer || id.as_integer() <= 0)
          return Error{ErrorCode::invalid, "`ids` must be numbers of the list"};
        choice.ids.push_back(static_cast<std::uint64_t>(id.as_integer()));
      }
    } else if (name == "workflow" && v.kind() == value::Kind::text) {
      choice.workflow = v.as_text();
    } else if (name != "state" || v.kind() != value::Kind::text || !add_states(v.as_text(), choice.states)) {
      return Error{ErrorCode::invalid,
                   "`" + name + "`: expected ids, state (dead or held) and workflow only"};
    }
  }
  if (choice.ids.empty() == choice.states.empty())
    return Error{ErrorCode::invalid, "say which: either `ids` or a `state`"};
  return choice;
}

using Decide = Result<std::size_t> (engine::Engine::*)(const engine::OutboxChoice&, std::int64_t);

void decide(Service& service, const http::Request& request, http::Respond respond, Decide what) {
  if (!request.header("content-type").starts_with("application/json"))
    return respond(problem(415, "Content-Type must be application/json"));
  const auto choice = read_choice(request.body);
  if (!choice) return respond(problem(400, choice.error().message));
  service.engine.ask([&service, respond, what, choice = *choice](engine::Engine& engine) {
    const auto changed = (engine.*what)(choice, service.clock.now());
    if (!changed) return respond(failure(changed.error()));
    respond(
        json_response(200, Value::map({{"changed", Value::integer(static_cast<std::int64_t>(*changed))}})));
  });
}

}  // namespace

void get_outbox(Service& service, const http::Request& request, http::Respond respond) {
  engine::OutboxChoice choice;
  if (!add_states(request.parameter("state"), choice.states))
    return respond(problem(400, "`state` must be waiting, held, dead or all"));
  choice.workflow = request.parameter("workflow");
  std::size_t limit = kDefaultLimit;
  if (const std::string_view text = request.parameter("limit"); !text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit == 0 || limit > kMostLimit)
      return respond(problem(400, "`limit` must be a number from 1 to 10000"));
  }
  service.engine.ask([&service, respond, choice, limit](engine::Engine& engine) {
    const auto found = engine.outbox(choice, limit);
    if (!found) return respond(failure(found.error()));
    value::List items;
    for (const engine::OutboxItem& one : *found) items.push_back(item(service, one));
    respond(json_response(200, Value::map({{"items", Value::list(std::move(items))}})));
  });
}

void post_outbox_retry(Service& service, const http::Request& request, http::Respond respond) {
  decide(service, request, std::move(respond), &engine::Engine::retry_effects);
}

void post_outbox_discard(Service& service, const http::Request& request, http::Respond respond) {
  decide(service, request, std::move(respond), &engine::Engine::discard_effects);
}

}  // namespace wf::api
