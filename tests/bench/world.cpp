#include "tests/bench/world.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <numeric>
#include <random>
#include <sstream>

#include "compiler/compile.hpp"
#include "tests/bench/report.hpp"

namespace wf::bench {

void must(const Result<void>& result) {
  verify(result.ok(), result ? "" : result.error().message);
}

void verify(bool holds, const std::string& message) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

bytecode::Program compiled(const std::string& name, std::string text) {
  auto result = compiler::compile({{name, std::move(text)}}, [](const std::string&) { return std::nullopt; });
  if (!result.program) {
    for (const auto& d : result.diagnostics.all()) std::fprintf(stderr, "%s\n", d.message.c_str());
    std::exit(1);
  }
  return std::move(*result.program);
}

std::string flow_bundle() {
  std::ifstream file(std::string(WF_SOURCE_DIR) + "/tests/bench/flow/flow.wf");
  std::stringstream text;
  text << file.rdbuf();
  return bytecode::write_bundle(compiled("flow.wf", text.str()));
}

World::World(std::string folder, const std::string& bundle) : folder_(std::move(folder)) {
  store_ = must(store::open_store("sqlite:" + folder_));
  engine::Options options;
  options.mail_idempotent = true;
  options.unsubscribe_link = [](engine::Key, std::string_view) {
    return std::string("https://example.com/u");
  };
  engine_ = must(engine::Engine::open(*store_, options));
  must(engine_->activate(bundle, kStart));
  id_ = store_->figures().accepted;
  fold_thread_ = std::thread([this] {
    while (!stop_) {
      if (store_->figures().pending_records > 20'000) fold_beside();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
}

World::~World() {
  stop_folding();
  engine_.reset();
  store_.reset();
}

void World::stop_folding() {
  stop_ = true;
  if (fold_thread_.joinable()) fold_thread_.join();
}

void World::fold() {
  std::thread([this] { fold_beside(); }).join();
}

void World::fold_beside() {
  const std::lock_guard lock(fold_mutex_);
  must(store_->fold());
}

void World::accept(const std::vector<engine::InputEvent>& events, std::int64_t now) {
  std::vector<store::Input> inputs(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    inputs[i].received_at = now;
    inputs[i].dedupe = {++id_, 7};
    inputs[i].body = engine::encode(events[i]);
  }
  must(store_->accept(inputs));
}

void World::settle(std::int64_t now) {
  for (;;) {
    const auto batch = must(engine_->run(now));
    const auto deliveries = must(engine_->hand_over(now, 10'000));
    for (const auto& delivery : deliveries) {
      engine_->answered({delivery.effect, engine::AnswerKind::delivered, "ok"});
    }
    sent_ += deliveries.size();
    if (batch.idle() && deliveries.empty()) return;
  }
}

void World::feed(std::size_t count, std::int64_t now,
                 const std::function<engine::InputEvent(std::size_t)>& nth_event, std::size_t batch_size) {
  std::vector<engine::InputEvent> batch;
  for (std::size_t n = 0; n < count; ++n) {
    batch.push_back(nth_event(n));
    if (batch.size() == batch_size || n + 1 == count) {
      accept(batch, now);
      settle(now);
      batch.clear();
    }
  }
}

std::int64_t World::stat(const std::string& subject, const std::string& metric) {
  std::int64_t total = 0;
  for (const auto& row : must(engine_->report())) {
    if (row.subject == subject && row.metric == metric) total += row.count;
  }
  return total;
}

namespace {

std::string address(std::size_t n) {
  return "contact" + std::to_string(n) + "@example.com";
}

}  // namespace

engine::InputEvent contact(std::size_t n, ContactSize size) {
  engine::InputEvent event;
  event.kind = engine::InputKind::upsert;
  event.object = "contact";
  event.subject = address(n);
  event.create = true;
  event.marketing = true;
  event.properties.emplace_back("plan", value::Value::text(n % 2 == 0 ? "pro" : "free"));
  if (size == ContactSize::small) return event;
  const auto text = [&](const char* name, std::size_t length) {
    event.properties.emplace_back(name,
                                  value::Value::text(std::string(length, static_cast<char>('a' + n % 26))));
  };
  for (const char* name : {"firstname", "lastname", "job_title", "industry", "department", "city", "region"})
    text(name, 20);
  for (const char* name : {"street", "website", "campaign", "referrer", "remarks", "company_name", "source"})
    text(name, 80);
  for (const char* name : {"postcode", "language", "segment_hint", "last_product", "country"}) text(name, 30);
  event.properties.emplace_back("seats", value::Value::integer(static_cast<std::int64_t>(n % 100)));
  event.properties.emplace_back("score", value::Value::integer(static_cast<std::int64_t>(n % 500)));
  for (const char* name : {"birthday", "signed_up_on", "renewal_on"}) {
    event.properties.emplace_back(name, value::Value::text("2026-03-02"));
  }
  return event;
}

void load_contacts(World& world, std::size_t first, std::size_t end, std::int64_t now, ContactSize size) {
  world.feed(
      end - first, now, [&](std::size_t n) { return contact(first + n, size); }, 5'000);
  world.fold();
}

engine::InputEvent event(const std::string& type, std::size_t n) {
  engine::InputEvent e;
  e.type = type;
  e.subject = address(n);
  return e;
}

std::vector<std::uint32_t> some_contacts(std::size_t count, std::size_t contacts, unsigned seed) {
  std::vector<std::uint32_t> order(contacts);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
  order.resize(std::min(count, contacts));
  return order;
}

Processor processor_seconds(const std::function<void()>& work) {
  const double thread = thread_seconds(), all = process_seconds();
  work();
  return {thread_seconds() - thread, process_seconds() - all};
}

}  // namespace wf::bench
