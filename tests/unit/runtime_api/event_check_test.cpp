#include "runtime/api/event_check.hpp"

#include <catch2/catch.hpp>

#include "runtime/api/json.hpp"
#include "tests/support/sample_program.hpp"

using namespace wf;
using engine::InputKind;
using value::Value;

namespace {

Result<api::CheckedEvent> check(const std::string& json, bool cloud = false) {
  static const bytecode::Program program = test::sample_program();
  static const api::EventCheck checker(program);
  const auto raw = api::parse_json(json);
  REQUIRE(raw.ok());
  return checker.check(*raw, cloud);
}

engine::InputEvent accepted(const std::string& json) {
  const auto checked = check(json);
  if (!checked) FAIL(checked.error().message);
  return checked->event;
}

std::string refused(const std::string& json, bool cloud = false) {
  const auto checked = check(json, cloud);
  return checked ? "accepted" : checked.error().message;
}

const std::string kForm = R"({"type":"form_submitted","contact":"taro@example.com","data":{"form":"ebook"}})";

}  // namespace

TEST_CASE("a declared event") {
  const auto event = accepted(
      R"({"type":"form_submitted","subject":"taro@example.com","time":"2026-03-02T09:00:00+09:00",
          "data":{"form":"ebook","note":"hi","firstname":"Taro"}})");
  CHECK(event.kind == InputKind::event);
  CHECK(event.type == "form_submitted");
  CHECK(event.object == "contact");
  CHECK(event.subject == "taro@example.com");
  CHECK(event.occurred_at == 1'772'409'600'000'000);
  CHECK(event.data.size() == 3);
  CHECK(accepted(kForm).subject == "taro@example.com");
}

TEST_CASE("the record is found by a unique property of the data") {
  CHECK(
      accepted(R"({"type":"form_submitted","data":{"form":"ebook","email":" new@example.com "}})").subject ==
      "new@example.com");
  CHECK(refused(R"({"type":"form_submitted","data":{"form":"ebook"}})") ==
        "it names no record: `subject` is missing");
}

TEST_CASE("an event that does not fit is refused with a reason") {
  CHECK(refused("[]") == "an event is a JSON object");
  CHECK(refused("{}") == "`type` is missing");
  CHECK(refused(R"({"type":"form_submited","contact":"a@example.com"})") ==
        "there is no event `form_submited`; did you mean `form_submitted`?");
  CHECK(refused(R"({"type":"form_submitted","contact":"a@example.com","data":{"form":"ebok"}})")
            .starts_with("`form`: there is no form `ebok`"));
  CHECK(
      refused(
          R"({"type":"form_submitted","contact":"a@example.com","data":{"form":"ebook","frstname":"x"}})") ==
      "`form_submitted` has no `frstname`; did you mean `firstname`?");
  CHECK(
      refused(R"({"type":"form_submitted","contact":"a@example.com","data":{"form":"ebook","score":"many"}})")
          .starts_with("`score`: expected a number"));
  CHECK(
      refused(
          R"({"type":"email_opened","contact":"a@example.com","data":{"email":"welcome","firstname":"x"}})") ==
      "`email_opened` has no `firstname`");
  CHECK(refused(R"({"type":"form_submitted","contact":"no address@","data":{"form":"ebook"}})") ==
        "`no address@` is not an e-mail address");
  CHECK(refused(R"({"type":"form_submitted","company":"x","data":{"form":"ebook"}})") ==
        "`form_submitted` is an event of a contact, not of a company");
  CHECK(refused(R"({"type":"form_submitted","contact":"a@example.com","subject":"b@example.com"})") ==
        "two members name the record");
  CHECK(refused(R"({"type":"form_submitted","contact":"a@example.com","tiem":"x"})") ==
        "there is no member `tiem`; did you mean `time`?");
  CHECK(refused(R"({"type":"form_submitted","contact":"a@example.com","time":"yesterday"})")
            .starts_with("`time` must"));
  CHECK(refused(R"({"type":"form_submitted","contact":"a@example.com","data":[]})") ==
        "`data` must be an object");
  CHECK(refused(R"({"type":["x"],"contact":"a@example.com"})") == "`type` must be text");
}

TEST_CASE("a CloudEvent has its version, id and source, and may have more members") {
  const std::string rest =
      R"("type":"form_submitted","subject":"a@example.com","extra":1,"data":{"form":"ebook"}})";
  CHECK(check(R"({"specversion":"1.0","id":"1","source":"/web",)" + rest, true).ok());
  CHECK(refused("{" + rest, true) == "`specversion` is missing");
  CHECK(refused(R"({"specversion":"0.3","id":"1","source":"/web",)" + rest) ==
        "`specversion` must be \"1.0\"");
  CHECK(refused(R"({"specversion":"1.0","source":"/web",)" + rest) == "a CloudEvent needs `id` and `source`");
}

TEST_CASE("the id and the source together identify an event") {
  const auto with = [](const std::string& members) {
    return check(R"({"type":"email_opened","contact":"a@example.com","data":{"email":"welcome"})" + members +
                 "}")
        ->dedupe;
  };
  CHECK(with("") == store::DedupeId{});
  CHECK(with(R"(,"id":"1")") != store::DedupeId{});
  CHECK(with(R"(,"id":"1")") == with(R"(,"id":1)"));
  CHECK(with(R"(,"id":"1")") != with(R"(,"id":"2")"));
  CHECK(with(R"(,"id":"1","source":"a")") != with(R"(,"id":"1","source":"b")"));
  CHECK(api::dedupe_id("ab", "c") != api::dedupe_id("a", "bc"));
}

TEST_CASE("records are created and changed") {
  const auto upsert = accepted(
      R"({"type":"record.upsert","data":{"email":"a@example.com","firstname":"A","score":"12","marketing":"yes"}})");
  CHECK(upsert.kind == InputKind::upsert);
  CHECK(upsert.subject == "a@example.com");
  CHECK(upsert.properties.size() == 3);
  CHECK(upsert.marketing == true);
  const auto set = accepted(R"({"type":"record.set","object":"company","subject":"c1","data":{"size":5}})");
  CHECK(set.kind == InputKind::set);
  CHECK(set.object == "company");
  CHECK(engine::decode_input(engine::encode(set))->kind == InputKind::set);
  CHECK(refused(R"({"type":"record.upsert","subject":"a@example.com","data":{"scor":1}})") ==
        "there is no contact property `scor`; did you mean `score`?");
  CHECK(refused(R"({"type":"record.upsert","subject":"a@example.com","data":{"score":1001}})") ==
        "1001 is outside the range of `score`");
  CHECK(refused(R"({"type":"record.upsert","subject":"a@example.com","data":{"score":null}})") ==
        "`score` must have a value");
  CHECK(refused(R"({"type":"record.upsert","subject":"a@example.com","data":{"stage":"leed"}})") ==
        "`stage`: `leed` is not a value of `contact.stage`; did you mean `lead`?");
  CHECK(refused(R"({"type":"record.upsert","object":"contcat","subject":"x"})") ==
        "there is no object `contcat`; did you mean `contact`?");
}

TEST_CASE("lists, tags, topics, marketing and workflows") {
  const auto about = [](const std::string& type, const std::string& data) {
    return R"({"type":")" + type + R"(","contact":"a@example.com","data":)" + data + "}";
  };
  CHECK(accepted(about("list.add", R"({"list":"vip"})")).type == "list.vip");
  CHECK(accepted(about("list.add", R"({"list":"list.vip"})")).flag);
  CHECK_FALSE(accepted(about("list.remove", R"({"list":"vip"})")).flag);
  CHECK(refused(about("list.add", R"({"list":"vp"})")) == "there is no list `vp`; did you mean `vip`?");
  CHECK(refused(about("list.add", "{}")) == "`list` in `data` is missing");
  CHECK(accepted(about("tag.add", R"({"tag":"new"})")).type == "tag.new");
  CHECK(refused(about("tag.add", "{}")) == "`tag` in `data` is missing");
  CHECK(accepted(about("topic.unsubscribe", "{}")).type.empty());
  CHECK(accepted(about("topic.subscribe", R"({"topic":"newsletter"})")).type == "newsletter");
  CHECK(refused(about("topic.subscribe", R"({"topic":"newsletters"})")).starts_with("there is no topic"));
  CHECK_FALSE(accepted(about("marketing.set", R"({"marketing":false})")).flag);
  CHECK(refused(about("marketing.set", R"({"marketing":"maybe"})")) ==
        "`marketing` in `data` must be true or false");
  CHECK(accepted(about("workflow.enroll", R"({"workflow":"lead"})")).kind == InputKind::enroll);
  CHECK(refused(about("workflow.unenroll", R"({"workflow":"lad"})")) ==
        "there is no workflow `lad`; did you mean `lead`?");
}

TEST_CASE("a merge names the other record") {
  const auto event = accepted(
      R"({"type":"record.merge","contact":"taro@example.com","data":{"with":" jiro@example.com "}})");
  CHECK(event.kind == InputKind::merge);
  CHECK(event.subject == "taro@example.com");
  CHECK(event.type == "jiro@example.com");
  CHECK(refused(R"({"type":"record.merge","contact":"taro@example.com"})") ==
        "`with` in `data` must name the record that is merged into this one");
  CHECK(refused(R"({"type":"record.merge","contact":"a@example.com","data":{"with":"a@example.com"}})") ==
        "a record cannot be merged with itself");
  CHECK(refused(R"({"type":"record.merge","contact":"a@example.com","data":{"with":"no address@"}})") ==
        "`no address@` is not an e-mail address");
}
