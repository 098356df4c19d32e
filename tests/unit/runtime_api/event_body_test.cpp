#include "runtime/api/event_body.hpp"

#include <catch2/catch.hpp>

#include "runtime/api/json.hpp"

using namespace wf;
using api::BodyFormat;

namespace {

/// "index/line:type", or "index/line:!" for a line that is no JSON.
std::vector<std::string> read(const std::string& body, BodyFormat format) {
  std::vector<std::string> seen;
  const auto outcome = api::read_events(body, format, [&](const api::BodyEvent& item) {
    seen.push_back(std::to_string(item.index) + "/" + std::to_string(item.line) + ":" +
                   (item.event ? api::text_member(*item.event, "type") : "!"));
  });
  if (!outcome) seen.push_back("error");
  return seen;
}

using Seen = std::vector<std::string>;

}  // namespace

TEST_CASE("the content type tells the format") {
  CHECK(api::body_format("application/json") == BodyFormat::json);
  CHECK(api::body_format("Application/JSON; charset=utf-8") == BodyFormat::json);
  CHECK(api::body_format("application/x-ndjson") == BodyFormat::ndjson);
  CHECK(api::body_format("application/cloudevents+json") == BodyFormat::cloud_event);
  CHECK(api::body_format("application/cloudevents-batch+json") == BodyFormat::cloud_events);
  CHECK_FALSE(api::body_format("application/x-www-form-urlencoded").has_value());
  CHECK_FALSE(api::body_format("text/plain").has_value());
}

TEST_CASE("one event or an array") {
  CHECK(read(R"({"type":"a"})", BodyFormat::json) == Seen{"0/0:a"});
  CHECK(read("{\n  \"type\": \"a\"\n}\n", BodyFormat::json) == Seen{"0/0:a"});
  CHECK(read(R"([{"type":"a"},{"type":"b"}])", BodyFormat::json) == Seen{"0/0:a", "1/0:b"});
  CHECK(read("[\n{\"type\":\"a\"},\n{\"type\":\"b\"}\n]", BodyFormat::json) == Seen{"0/0:a", "1/0:b"});
  CHECK(read("[]", BodyFormat::json).empty());
  CHECK(read(R"([{"type":"a"},{)", BodyFormat::json) == Seen{"error"});
  CHECK(read("  \n", BodyFormat::json) == Seen{"error"});
}

TEST_CASE("NDJSON goes on after a broken line, and counts blank ones") {
  CHECK(read("{\"type\":\"a\"}\n\n{\"type\":\n{\"type\":\"b\"}\r\n{\"type\":\"c\"}", BodyFormat::ndjson) ==
        Seen{"0/1:a", "1/3:!", "2/4:b", "3/5:c"});
  CHECK(read("{\"type\":\"a\"} x\n{\"type\":\"b\"}\n", BodyFormat::ndjson) == Seen{"0/1:!", "1/2:b"});
}

TEST_CASE("lines of objects under a JSON type are NDJSON") {
  CHECK(read("{\"type\":\"a\"}\n{\"type\":\"b\"}\n", BodyFormat::json) == Seen{"0/1:a", "1/2:b"});
}

TEST_CASE("a line that is too long is refused alone") {
  const std::string lines = "{\"type\":\"" + std::string(2 << 20, 'x') + "\"}\n{\"type\":\"b\"}\n";
  CHECK(read(lines, BodyFormat::ndjson) == Seen{"0/1:!", "1/2:b"});
}

TEST_CASE("CloudEvents structured and batched") {
  CHECK(read(R"({"type":"a"})", BodyFormat::cloud_event) == Seen{"0/0:a"});
  CHECK(read(R"([{"type":"a"}])", BodyFormat::cloud_events) == Seen{"0/0:a"});
  CHECK(read(R"({"type":"a"})", BodyFormat::cloud_events) == Seen{"error"});
}
