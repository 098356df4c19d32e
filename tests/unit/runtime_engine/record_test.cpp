#include "runtime/engine/record.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "grammar/value/codec.hpp"
#include "runtime/engine/event.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/history.hpp"

using namespace wf;
using namespace wf::engine;

namespace {

Record sample(Layout& layout) {
  Record record;
  record.key = 42;
  record.object = 3;
  record.created_at = 1'772'409'600'000'000;
  record.marketing = Marketing::yes;
  for (SymbolId property = 10; property < 40; ++property) {
    record.set_property(layout.slot(3, property), Value::text("value " + std::to_string(property)));
  }
  record.cold_dirty = true;
  record.counters.push_back({7, 3, 1'000, {400, 900, 1'000}});
  record.lists.push_back({8, 5});
  record.topics.push_back({9, false, 77});
  Enrolment e;
  e.id = 2;
  e.code = 11;
  e.workflow = 12;
  e.status = EnrolmentStatus::waiting;
  e.pc = 99;
  e.wait = 0;
  e.group = 4;
  e.started_at = 1'000;
  e.due = 5'000;
  e.locals = {Value(), Value::instant(3)};
  record.enrolments.push_back(e);
  Memory memory;
  memory.workflow = 12;
  memory.times = 2;
  memory.last_at = 1'000;
  memory.bases = {{7, 2}};
  memory.keys = {5, 6};
  memory.kept = {9};
  record.memories.push_back(memory);
  record.next_enrolment = 3;
  return record;
}

/// The cold row of one record, and how often it was read.
class OneColdRow final : public ColdRows {
 public:
  OneColdRow(std::string row, Layout& layout) : row_(std::move(row)), layout_(layout) {}
  void read(Key key, SymbolId object, Properties& properties) override {
    CHECK(key == 42);
    ++reads;
    REQUIRE(decode_cold(row_, object, properties, layout_).ok());
  }
  int reads = 0;

 private:
  std::string row_;
  Layout& layout_;
};

}  // namespace

TEST_CASE("what programs read is in the hot row; the cold row is read once, for the rest") {
  Layout layout;
  Record record = sample(layout);
  record.set_property(layout.slot(3, 20), Value::text(std::string(kMaxPinnedText + 1, 'x')));
  record.set_property(layout.slot(3, 21), Value());
  for (const SymbolId property : {10, 11, 20, 21}) layout.pin(3, layout.slot(3, property));
  const std::string hot = encode_hot(record, layout), cold = encode_cold(record, layout);
  OneColdRow rows(cold, layout);
  auto read = decode_record(42, hot, rows, layout);
  REQUIRE(read.ok());
  CHECK(read->property(layout.slot(3, 10)) == Value::text("value 10"));
  CHECK(read->property(layout.slot(3, 21)).is_unknown());
  read->set_property(layout.slot(3, 30), Value::text("new"));
  read->set_property(layout.slot(3, 11), Value::integer(7));
  CHECK(read->property(layout.slot(3, 30)) == Value::text("new"));
  const std::string again = encode_hot(*read, layout);
  CHECK(rows.reads == 0);
  CHECK(read->property(layout.slot(3, 20)) == record.property(layout.slot(3, 20)));
  CHECK(rows.reads == 1);
  record.set_property(layout.slot(3, 30), Value::text("new"));
  record.set_property(layout.slot(3, 11), Value::integer(7));
  for (std::uint32_t slot = 0; slot < record.slots(); ++slot) {
    CHECK(read->property(slot) == record.property(slot));
  }
  CHECK(encode_cold(*read, layout) == encode_cold(record, layout));
  CHECK(rows.reads == 1);
  OneColdRow later(cold, layout);
  const auto changed = decode_record(42, again, later, layout);
  REQUIRE(changed.ok());
  CHECK(changed->property(layout.slot(3, 10)) == Value::text("value 10"));
  CHECK(changed->property(layout.slot(3, 11)) == Value::integer(7));
  CHECK(changed->property(layout.slot(3, 30)) == Value::text("new"));
  CHECK(later.reads == 0);
  CHECK(changed->overlay == std::vector<std::uint32_t>{layout.slot(3, 11), layout.slot(3, 30)});
}

TEST_CASE("a record comes back from its two rows") {
  Layout layout;
  Record record = sample(layout);
  const std::string hot = encode_hot(record, layout);
  const std::string cold = encode_cold(record, layout);
  const auto read = decode_record(42, hot, cold, layout);
  REQUIRE(read.ok());
  REQUIRE(read->slots() == record.slots());
  for (std::uint32_t slot = 0; slot < record.slots(); ++slot) {
    CHECK(read->property(slot) == record.property(slot));
  }
  CHECK(encode_cold(*read, layout) == cold);
  CHECK(read->overlay.empty());
  CHECK(read->counters[0].times == std::vector<std::int64_t>{400, 900, 1'000});
  CHECK(read->enrolments[0].wait == 0);
  CHECK(read->enrolments[0].due == 5'000);
  CHECK(read->enrolments[0].locals == record.enrolments[0].locals);
  CHECK(read->memories[0].kept == std::vector<std::uint64_t>{9});
  CHECK(read->next_enrolment == 3);
  CHECK(read->marketing == Marketing::yes);
}

TEST_CASE("small changes stay in the overlay, large ones rewrite the cold row") {
  Layout layout;
  Record record = sample(layout);
  const std::string cold = encode_cold(record, layout);
  record.overlay.clear();
  record.cold_dirty = false;
  record.set_property(layout.slot(3, 10), Value());
  record.set_property(layout.slot(3, 11), Value::integer(5));
  const std::string hot = encode_hot(record, layout);
  CHECK_FALSE(record.cold_dirty);
  const auto read = decode_record(42, hot, cold, layout);
  REQUIRE(read.ok());
  CHECK(read->property(layout.slot(3, 10)).is_unknown());
  CHECK(read->property(layout.slot(3, 11)) == Value::integer(5));
  CHECK(read->property(layout.slot(3, 12)) == Value::text("value 12"));
  record.set_property(layout.slot(3, 12), Value::text(std::string(300, 'x')));
  encode_hot(record, layout);
  CHECK(record.cold_dirty);
}

TEST_CASE("a text that was not asked for is written again as it was read") {
  Layout layout;
  Record record = sample(layout);
  const auto read = decode_record(42, encode_hot(record, layout), encode_cold(record, layout), layout);
  REQUIRE(read.ok());
  Record changed = *read;
  changed.set_property(layout.slot(3, 10), Value::text("new"));
  record.set_property(layout.slot(3, 10), Value::text("new"));
  CHECK(encode_cold(changed, layout) == encode_cold(record, layout));
  CHECK(read->property(layout.slot(3, 10)) != Value::text("new"));
}

TEST_CASE("damaged rows are refused, never read beyond") {
  Layout layout;
  Record record = sample(layout);
  const std::string hot = encode_hot(record, layout), cold = encode_cold(record, layout);
  for (std::size_t length = 0; length < hot.size(); ++length) {
    Layout fresh;
    CHECK_FALSE(decode_record(42, hot.substr(0, length), cold, fresh).ok());
  }
  for (std::size_t length = 1; length < cold.size(); ++length) {
    Layout fresh;
    CHECK_FALSE(decode_record(42, hot, cold.substr(0, length), fresh).ok());
  }
  rc::check("random bytes", [&](const std::string& bytes) {
    Layout fresh;
    (void)decode_record(1, bytes, bytes, fresh).ok();
    (void)decode_input(bytes).ok();
    (void)decode_effect(bytes).ok();
    (void)decode_history(bytes).ok();
  });
}

TEST_CASE("inputs, effects and history come back as they were") {
  InputEvent event;
  event.type = "form_submitted";
  event.subject = "taro@example.com";
  event.occurred_at = -5;
  event.data = {{"form", Value::text("ebook")}, {"n", Value::decimal(1)}};
  event.marketing = false;
  event.flag = false;
  event.create = true;
  const auto read = decode_input(encode(event));
  REQUIRE(read.ok());
  CHECK(read->type == event.type);
  CHECK(read->data == event.data);
  CHECK(read->marketing == std::optional<bool>(false));
  CHECK(read->create);
  CHECK_FALSE(read->flag);

  EffectBody body;
  body.source = Key{3} << 48 | 17;
  body.enrolment = 2;
  body.group = 5;
  body.number = 1;
  body.arguments = {Value::text("x")};
  const auto effect = decode_effect(encode(body));
  REQUIRE(effect.ok());
  CHECK(effect_key(*effect) == "wf:0:3:17.2:5:1");
  CHECK(effect->arguments == body.arguments);

  const HistoryItem items[] = {{Happening::created, 10, 0, 0, ""}, {Happening::error, 5, 1, 2, "why"}};
  const auto history = decode_history(encode({&items[0], &items[1]}));
  REQUIRE(history.ok());
  CHECK((*history)[1].at == 5);
  CHECK((*history)[1].detail == "why");
}

TEST_CASE("symbols keep their numbers across a reload") {
  Symbols symbols;
  const SymbolId a = symbols.intern("list", "vip"), b = symbols.intern("topic", "vip");
  CHECK(a != b);
  CHECK(symbols.intern("list", "vip") == a);
  CHECK(symbols.fresh().size() == 2);
  const auto persisted = symbols.fresh();
  symbols.confirm();
  CHECK(symbols.fresh().empty());
  Symbols again;
  again.load(persisted);
  CHECK(again.intern("topic", "vip") == b);
  CHECK(again.kind(a) == "list");
  CHECK(again.name(a) == "vip");
  CHECK(again.fresh().empty());
  CHECK_FALSE(again.find("list", "other").has_value());
}
