// A project and its engine over any store, driven by hand: for tests of the engine.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "compiler/compile.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/engine/engine.hpp"

namespace wf::test {

inline constexpr std::int64_t kMonday = 1'772'409'600'000'000;  // 2026-03-02T00:00:00Z

inline std::string bundle_of(const std::string& source) {
  auto compiled = compiler::compile({{"test.wf", source}}, [](const std::string&) { return std::nullopt; });
  for (const auto& d : compiled.diagnostics.all()) UNSCOPED_INFO(text::code_text(d.code) << " " << d.message);
  REQUIRE(compiled.program.has_value());
  return bytecode::write_bundle(*compiled.program);
}

class World {
 public:
  World(std::string source, std::string address = "memory:", engine::Options options = {})
      : bundle_(bundle_of(source)), address_(std::move(address)), options_(std::move(options)) {
    options_.observer = [this](engine::Key key, const engine::HistoryItem& item) {
      happened.emplace_back(key, item);
    };
    open();
  }

  void open() {
    auto store = store::open_store(address_);
    INFO((store.ok() ? "" : store.error().message));
    REQUIRE(store.ok());
    store_ = std::move(*store);
    auto engine = engine::Engine::open(*store_, options_);
    REQUIRE(engine.ok());
    engine_ = std::move(*engine);
    REQUIRE(engine_->activate(bundle_, now).ok());
  }
  /// As a crash would leave it: no fold, no farewell.
  void reopen() {
    engine_.reset();
    store_.reset();
    open();
  }
  void redeploy(const std::string& source) {
    bundle_ = bundle_of(source);
    REQUIRE(engine_->activate(bundle_, now).ok());
  }

  void accept(engine::InputEvent event, std::uint64_t id = 0) {
    std::vector<store::Input> inputs(1);
    inputs[0].received_at = now;
    if (id != 0) inputs[0].dedupe = {id, 1};
    inputs[0].body = engine::encode(event);
    REQUIRE(store_->accept(inputs).ok());
  }
  void contact(const std::string& email, value::Map properties = {}, bool marketing = true) {
    engine::InputEvent event;
    event.kind = engine::InputKind::upsert;
    event.object = "contact";
    event.subject = email;
    event.properties = std::move(properties);
    event.marketing = marketing;
    accept(event);
    run();
  }
  void event(const std::string& type, const std::string& subject, value::Map data = {}, std::uint64_t id = 0,
             std::int64_t occurred_at = 0) {
    engine::InputEvent e;
    e.type = type;
    e.subject = subject;
    e.data = std::move(data);
    e.occurred_at = occurred_at;
    accept(e, id);
  }
  void set(const std::string& subject, const std::string& property, value::Value v) {
    engine::InputEvent e;
    e.kind = engine::InputKind::upsert;
    e.object = "contact";
    e.subject = subject;
    e.properties = {{property, std::move(v)}};
    accept(e);
  }

  /// Batches until nothing is due now; nothing is handed over.
  void run() {
    for (;;) {
      const auto batch = engine_->run(now);
      INFO((batch.ok() ? "" : batch.error().message));
      REQUIRE(batch.ok());
      if (batch->idle()) return;
    }
  }
  std::vector<engine::Delivery> hand_over() {
    auto deliveries = engine_->hand_over(now, 1'000);
    REQUIRE(deliveries.ok());
    return *deliveries;
  }
  /// Runs and delivers everything that is due now; the keys delivered.
  std::vector<std::string> settle() {
    std::vector<std::string> keys;
    for (;;) {
      run();
      const auto deliveries = hand_over();
      if (deliveries.empty()) return keys;
      for (const auto& delivery : deliveries) {
        keys.push_back(delivery.key);
        engine_->answered({delivery.effect, engine::AnswerKind::delivered, "ok"});
      }
    }
  }
  void answer(const engine::Delivery& delivery, engine::AnswerKind kind) {
    engine_->answered({delivery.effect, kind, "scripted"});
    run();
  }

  engine::Engine& engine() { return *engine_; }
  store::Store& store() { return *store_; }

  engine::Key key(const std::string& subject) {
    const auto found = engine_->find("contact", subject);
    REQUIRE(found.ok());
    return found->value_or(0);
  }
  engine::RecordInfo info(const std::string& subject) {
    const auto described = engine_->describe(key(subject));
    REQUIRE(described.ok());
    REQUIRE(described->has_value());
    return **described;
  }
  std::string property(const std::string& subject, const std::string& name) {
    for (const auto& [property_name, text] : info(subject).properties) {
      if (property_name == name) return text;
    }
    return "unknown";
  }
  /// How often something was told, with this detail unless empty.
  std::size_t count(engine::Happening what, const std::string& detail = {}) const {
    std::size_t n = 0;
    for (const auto& [record, item] : happened)
      n += item.what == what && (detail.empty() || item.detail == detail);
    return n;
  }
  std::int64_t stat(const std::string& subject, const std::string& metric, const std::string& detail = {}) {
    const auto rows = engine_->report();
    REQUIRE(rows.ok());
    std::int64_t total = 0;
    for (const auto& row : *rows) {
      if (row.subject == subject && row.metric == metric && (detail.empty() || row.detail == detail)) {
        total += row.count;
      }
    }
    return total;
  }

  std::int64_t now = kMonday;
  std::vector<std::pair<engine::Key, engine::HistoryItem>> happened;

 private:
  std::string bundle_, address_;
  engine::Options options_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace wf::test
