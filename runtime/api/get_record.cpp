// GET /v1/records/OBJECT/ID?limit=&page=: a record with its enrolments and a page of its timeline, newest
// first.
#include <charconv>

#include "grammar/text/suggest.hpp"
#include "grammar/value/codec.hpp"
#include "runtime/api/routes.hpp"

namespace wf::api {

using value::Value;

namespace {

constexpr std::size_t kDefaultLimit = 50;
constexpr std::size_t kMostLimit = 1000;
constexpr std::string_view kPrefix = "/v1/records/";
constexpr std::string_view kPagePurpose = "timeline page";

struct Query {
  std::string object, id;
  std::size_t limit = kDefaultLimit;
  std::string page;
};

Result<Query> parse_query(const http::Request& request) {
  Query query;
  const std::string_view path = std::string_view(request.path).substr(kPrefix.size());
  const std::size_t slash = path.find('/');
  query.object = path.substr(0, slash);
  if (slash != path.npos) query.id = path.substr(slash + 1);
  if (query.id.empty()) return Error{ErrorCode::invalid, "the address is /v1/records/OBJECT/ID"};
  query.page = request.parameter("page");
  const std::string_view limit = request.parameter("limit");
  if (limit.empty()) return query;
  const auto [end, error] = std::from_chars(limit.data(), limit.data() + limit.size(), query.limit);
  if (error != std::errc() || end != limit.data() + limit.size() || query.limit == 0 ||
      query.limit > kMostLimit) {
    return Error{ErrorCode::invalid, "`limit` must be a number from 1 to 1000"};
  }
  return query;
}

std::string seal_page(const crm::Links& links, engine::Key key, const store::HistoryRef& ref) {
  value::Writer out;
  out.u64(key);
  out.u64(ref.frame);
  out.u32(ref.offset);
  return links.seal(kPagePurpose, out.str());
}

std::optional<store::HistoryRef> unseal_page(const crm::Links& links, engine::Key key,
                                             const std::string& token) {
  const auto payload = links.unseal(kPagePurpose, token);
  if (!payload) return std::nullopt;
  value::Reader in(*payload);
  const bool same_record = in.u64() == key;
  store::HistoryRef ref{in.u64(), in.u32()};
  return same_record && !in.failed() ? std::optional(ref) : std::nullopt;
}

Value texts(const std::vector<std::string>& items) {
  value::List list;
  for (const std::string& item : items) list.push_back(Value::text(item));
  return Value::list(std::move(list));
}

Value enrolment(const Service& service, const engine::EnrolmentInfo& info) {
  return Value::map({{"workflow", Value::text(info.workflow)},
                     {"status", Value::text(info.status)},
                     {"step", Value::text(info.step)},
                     {"started_at", time_value(service, info.started_at)},
                     {"due", info.due == 0 ? Value() : time_value(service, info.due)}});
}

Value happening(const Service& service, const engine::Engine& engine, const engine::HistoryItem& item) {
  value::Map entry{{"at", time_value(service, item.at)}, {"what", Value::text(engine::to_string(item.what))}};
  if (item.subject != 0) entry.emplace_back("subject", Value::text(engine.subject_name(item.subject)));
  if (item.workflow != 0) entry.emplace_back("workflow", Value::text(engine.subject_name(item.workflow)));
  if (!item.detail.empty()) entry.emplace_back("detail", Value::text(item.detail));
  return Value::map(std::move(entry));
}

/// The sum and what it is made of.
Value score(const engine::ScoreInfo& info) {
  value::List bands;
  for (const auto& [condition, points] : info.bands) {
    bands.push_back(Value::map({{"condition", Value::text(condition)}, {"points", Value::integer(points)}}));
  }
  return Value::map({{"scoring", Value::text(info.scoring)},
                     {"total", Value::integer(info.total)},
                     {"bands", Value::list(std::move(bands))}});
}

Value campaign(const engine::CampaignInfo& info) {
  return Value::map({{"campaign", Value::text(info.campaign)},
                     {"status", Value::text(info.status)},
                     {"points", Value::integer(info.points)}});
}

value::Map describe(const Service& service, const engine::RecordInfo& info, const Query& query) {
  value::Map properties;
  for (const auto& [name, text] : info.properties) properties.emplace_back(name, Value::text(text));
  value::List enrolments;
  for (const auto& e : info.enrolments) enrolments.push_back(enrolment(service, e));
  value::List scores, campaigns;
  for (const auto& s : info.scores) scores.push_back(score(s));
  for (const auto& c : info.campaigns) campaigns.push_back(campaign(c));
  return {{"object", Value::text(info.object)},
          {"id", Value::text(query.id)},
          {"key", Value::text(std::to_string(info.key))},
          {"created_at", time_value(service, info.created_at)},
          {"marketing", Value::boolean(info.marketing)},
          {"suppressed", info.suppressed.empty() ? Value() : Value::text(info.suppressed)},
          {"properties", Value::map(std::move(properties))},
          {"lists", texts(info.lists)},
          {"tags", texts(info.tags)},
          {"unsubscribed", texts(info.unsubscribed)},
          {"scores", Value::list(std::move(scores))},
          {"campaigns", Value::list(std::move(campaigns))},
          {"enrolments", Value::list(std::move(enrolments))}};
}

void answer(const Service& service, const Query& query, engine::Engine& engine,
            const http::Respond& respond) {
  const auto key = engine.find(query.object, query.id);
  if (!key) return respond(failure(key.error()));
  if (!*key) return respond(problem(404, "there is no " + query.object + " `" + query.id + "`"));
  const auto info = engine.describe(**key);
  if (!info) return respond(failure(info.error()));
  if (!*info) return respond(problem(404, "there is no " + query.object + " `" + query.id + "`"));
  store::HistoryRef from = (*info)->history;
  if (!query.page.empty()) {
    const auto page = unseal_page(service.links, **key, query.page);
    if (!page) return respond(problem(400, "`page` is not a token of this record's timeline"));
    from = *page;
  }
  const auto items = engine.history(from, query.limit);
  if (!items) return respond(failure(items.error()));
  value::List timeline;
  for (const engine::HistoryItem& item : *items) timeline.push_back(happening(service, engine, item));
  value::Map body = describe(service, **info, query);
  body.emplace_back("timeline", Value::list(std::move(timeline)));
  body.emplace_back("next", from.frame == 0 ? Value() : Value::text(seal_page(service.links, **key, from)));
  respond(json_response(200, Value::map(std::move(body))));
}

}  // namespace

void get_record(Service& service, const http::Request& request, http::Respond respond) {
  const auto query = parse_query(request);
  if (!query) return respond(problem(400, query.error().message));
  const auto program = service.program();
  const bytecode::Catalogue& catalogue = program->catalogue;
  if (catalogue.find_object(query->object) == bytecode::kNone) {
    std::vector<std::string> names;
    for (const auto& object : catalogue.objects) names.push_back(object.name);
    const std::string hint = text::did_you_mean(query->object, names);
    return respond(
        problem(404, "there is no object `" + query->object + "`" + (hint.empty() ? "" : "; " + hint)));
  }
  service.engine.ask([&service, query = *query, respond](engine::Engine& engine) {
    answer(service, query, engine, respond);
  });
}

}  // namespace wf::api
