// The resources over a real engine and a store in memory; the engine runs where the test calls it.
#include "runtime/api/routes.hpp"

#include <catch2/catch.hpp>
#include <future>

#include "runtime/api/json.hpp"
#include "runtime/store/memory_store.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sample_program.hpp"

using namespace wf;
using value::Value;

namespace {

struct InlineDoor final : api::EngineDoor {
  engine::Engine* engine = nullptr;
  void ask(std::function<void(engine::Engine&)> work) override { work(*engine); }
  void deliver(std::vector<engine::Delivery>) override {}
  value::Map health() const override { return {{"channels", Value::map({})}}; }
};

class World {
 public:
  explicit World(api::IngestOptions options = {}) : folder_("routes") {
    store_ = store::open_store("memory:").value();
    engine_ = engine::Engine::open(*store_).value();
    clock_ = api::open_clock(folder_.path() + "/clock", {}).value();
    REQUIRE(engine_->activate(bytecode::write_bundle(test::sample_program()), clock_->now()).ok());
    door_.engine = engine_.get();
    ingest_ = std::make_unique<api::Ingest>(*store_, *clock_, options, [] {});
    ingest_->start();
    service_ = std::make_unique<api::Service>(
        api::Service{std::make_shared<api::Editions>(engine_->program()), *clock_, *ingest_, door_, links_});
    handler_ = api::make_handler(*service_);
  }

  http::Response request(const std::string& method, const std::string& path, const std::string& body = {},
                         const std::string& content_type = "application/json") {
    http::Request request;
    request.method = method;
    const std::size_t question = path.find('?');
    request.path = path.substr(0, question);
    if (question != path.npos) {
      const std::string query = path.substr(question + 1);
      request.query.emplace_back(query.substr(0, query.find('=')), query.substr(query.find('=') + 1));
    }
    if (!content_type.empty()) request.headers.emplace_back("content-type", content_type);
    request.body = body;
    std::promise<http::Response> answer;
    auto future = answer.get_future();
    handler_(std::move(request), [&](http::Response response) { answer.set_value(std::move(response)); });
    return future.get();
  }

  Value post(const std::string& body, int status, const std::string& content_type = "application/json") {
    const http::Response response = request("POST", "/v1/events", body, content_type);
    CHECK(response.status == status);
    return *api::parse_json(response.body);
  }
  void run() { REQUIRE(engine_->run(clock_->now()).ok()); }
  store::Store& store() { return *store_; }
  engine::Engine& engine() { return *engine_; }
  const crm::Links& links() const { return links_; }
  api::Ingest& ingest() { return *ingest_; }

 private:
  test::Folder folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<api::Clock> clock_;
  InlineDoor door_;
  crm::Links links_{crm::Links::SigningKey{1, 2, 3}};
  std::unique_ptr<api::Ingest> ingest_;
  std::unique_ptr<api::Service> service_;
  http::Handler handler_;
};

const std::string kTaro =
    R"({"type":"record.upsert","id":"1","data":{"email":"taro@example.com","firstname":"太郎","marketing":true}})";

}  // namespace

TEST_CASE("a 2xx means that the events are in the store") {
  World world;
  const Value answer = world.post(kTaro, 200);
  CHECK(api::integer_member(answer, "accepted") == 1);
  CHECK(api::list_member(answer, "rejected").empty());
  CHECK(world.store().figures().accepted == 1);
}

TEST_CASE("a broken event is told and the rest goes on") {
  World world;
  const Value answer = world.post(
      kTaro + "\nnot json\n{\"type\":\"record.upsert\",\"id\":\"x\",\"data\":{\"no\":1}}\n" + kTaro, 200,
      "application/x-ndjson");
  CHECK(api::integer_member(answer, "accepted") == 2);
  const value::List& rejected = api::list_member(answer, "rejected");
  REQUIRE(rejected.size() == 2);
  CHECK(api::integer_member(rejected[0], "index") == 1);
  CHECK(api::integer_member(rejected[0], "line") == 2);
  CHECK(api::integer_member(rejected[1], "line") == 3);
  CHECK(api::text_member(rejected[1], "id") == "x");
}

TEST_CASE("nothing that could be accepted is a 400, an unknown type a 415") {
  World world;
  CHECK(api::list_member(world.post(R"({"type":"nothing"})", 400), "rejected").size() == 1);
  CHECK_FALSE(api::text_member(world.post("{", 400), "error").empty());
  world.post(kTaro, 415, "text/plain");
  CHECK(world.store().figures().accepted == 0);
}

TEST_CASE("too many waiting events are a 429 until the engine has caught up") {
  api::IngestOptions options;
  options.backlog = 1;
  World world(options);
  world.post(kTaro, 200);
  const http::Response busy = world.request("POST", "/v1/events", kTaro);
  CHECK(busy.status == 429);
  CHECK(std::any_of(busy.headers.begin(), busy.headers.end(),
                    [](const auto& h) { return h.first == "Retry-After"; }));
  world.run();
  world.ingest().consumed(world.store().figures().consumed);
  world.post(kTaro, 200);
}

TEST_CASE("P14 a source that has used up its share is told to come later, another one is not") {
  api::IngestOptions options;
  options.source_share = 1;
  World world(options);
  const auto from = [&](const std::string& source) {
    return world.request(
        "POST", "/v1/events",
        R"({"type":"record.upsert","source":")" + source + R"(","data":{"email":"taro@example.com"}})");
  };
  CHECK(from("shop").status == 200);
  CHECK(from("forms").status == 200);
  const http::Response later = from("shop");
  CHECK(later.status == 429);
  CHECK(later.body.find("of this source") != std::string::npos);
  CHECK(std::any_of(later.headers.begin(), later.headers.end(),
                    [](const auto& h) { return h.first == "Retry-After"; }));
  CHECK(from("app").status == 200);
  world.run();
  world.ingest().consumed(world.store().figures().consumed);
  CHECK(from("shop").status == 200);
}

TEST_CASE("the same id has effect once") {
  World world;
  world.post(kTaro, 200);
  world.post(kTaro, 200);
  world.run();
  const http::Response report = world.request("GET", "/v1/report");
  CHECK(report.body.find(R"({"subject":"engine","metric":"duplicates","detail":"","count":1})") !=
        std::string::npos);
}

TEST_CASE("a record with its timeline, page by page") {
  World world;
  world.post(kTaro, 200);
  world.run();
  const http::Response response = world.request("GET", "/v1/records/contact/taro@example.com");
  REQUIRE(response.status == 200);
  const Value record = *api::parse_json(response.body);
  CHECK(api::text_member(*api::member(record, "properties"), "email") == "taro@example.com");
  CHECK(*api::member(record, "marketing") == Value::boolean(true));
  const std::size_t whole = api::list_member(record, "timeline").size();
  CHECK(whole > 2);
  CHECK(api::member(record, "next")->is_unknown());

  world.post(R"({"type":"record.set","contact":"taro@example.com","data":{"firstname":"T"}})", 200);
  world.run();
  const Value first =
      *api::parse_json(world.request("GET", "/v1/records/contact/taro@example.com?limit=1").body);
  const std::string page = api::text_member(first, "next");
  REQUIRE_FALSE(page.empty());
  const Value second =
      *api::parse_json(world.request("GET", "/v1/records/contact/taro@example.com?page=" + page).body);
  CHECK(api::list_member(second, "timeline").size() == whole);
  CHECK(world.request("GET", "/v1/records/contact/taro@example.com?page=AAAA").status == 400);
  CHECK(world.request("GET", "/v1/records/contact/taro@example.com?limit=0").status == 400);
}

TEST_CASE("record.set creates nothing") {
  World world;
  world.post(R"({"type":"record.set","contact":"none@example.com","data":{"firstname":"T"}})", 200);
  world.run();
  CHECK(world.request("GET", "/v1/records/contact/none@example.com").status == 404);
}

TEST_CASE("addresses and methods that are not there") {
  World world;
  CHECK(world.request("GET", "/v1/records/contact/nobody@example.com").status == 404);
  CHECK(world.request("GET", "/v1/records/contcat/x").body.find("did you mean `contact`") !=
        std::string::npos);
  CHECK(world.request("GET", "/v1/records/contact").status == 400);
  CHECK(world.request("GET", "/nothing").status == 404);
  const http::Response wrong = world.request("DELETE", "/v1/events");
  CHECK(wrong.status == 405);
  REQUIRE(wrong.headers.size() == 1);
  CHECK(wrong.headers[0].second == "POST");
}

TEST_CASE("health, status and schema") {
  World world;
  CHECK(world.request("GET", "/healthz").body.starts_with(R"({"status":"ok","clock":"20)"));
  const Value status = *api::parse_json(world.request("GET", "/v1/status").body);
  CHECK(api::text_member(status, "project") == "sample");
  CHECK(api::integer_member(status, "backlog") == 0);
  CHECK(world.request("GET", "/v1/schema").body.find(R"("name":"firstname")") != std::string::npos);
}

TEST_CASE("an unsubscribe link asks before it acts") {
  World world;
  world.post(kTaro, 200);
  world.post(R"({"type":"topic.subscribe","contact":"taro@example.com","data":{"topic":"newsletter"}})", 200);
  world.run();
  const auto key = world.engine().find("contact", "taro@example.com");
  const std::string path = "/u/" + crm::unsubscribe_token(world.links(), {**key, "newsletter"});
  const http::Response page = world.request("GET", path);
  CHECK(page.status == 200);
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(page.body.find("News") != std::string::npos);
  world.run();
  CHECK((*world.engine().describe(**key))->unsubscribed.empty());

  const std::uint64_t before = world.store().figures().accepted;
  CHECK(
      world.request("POST", path, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded").status ==
      200);
  CHECK(world.store().figures().accepted == before + 1);
  world.run();
  CHECK((*world.engine().describe(**key))->unsubscribed == std::vector<std::string>{"newsletter"});
  CHECK(world.request("POST", "/u/AAAA").status == 404);
  CHECK(world.request("GET", "/u/AAAA").status == 404);
}

TEST_CASE("a stopped ingest refuses, and writes what it had taken") {
  World world;
  int answered = 0;
  store::Input input;
  input.body = "x";
  CHECK(world.ingest().submit({input}, [&](const Result<void>& done) { answered += done.ok() ? 1 : 100; }) ==
        api::Admission::taken);
  world.ingest().stop();
  CHECK(answered == 1);
  CHECK(world.ingest().submit({input}, [&](const Result<void>&) { ++answered; }) == api::Admission::busy);
  CHECK(answered == 1);
}
