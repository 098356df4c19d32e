// The engine over the SQLite store in one process: the benchmark flow, timers, sleeping enrolments, recovery.
// No HTTP: events_bench measures the daemon.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <sstream>
#include <thread>

#include "compiler/compile.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/engine/engine.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace wf;

constexpr std::int64_t kStart = 1'772'409'600'000'000;  // 2026-03-02T00:00:00Z

std::string flow_bundle() {
  std::ifstream file(std::string(WF_SOURCE_DIR) + "/tests/bench/flow/flow.wf");
  std::stringstream text;
  text << file.rdbuf();
  auto compiled =
      compiler::compile({{"flow.wf", text.str()}}, [](const std::string&) { return std::nullopt; });
  for (const auto& d : compiled.diagnostics.all()) std::fprintf(stderr, "%s\n", d.message.c_str());
  if (!compiled.program) std::exit(1);
  return bytecode::write_bundle(*compiled.program);
}

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(result).value();
}
void must(const Result<void>& result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
}

/// One daemon's worth of state, with a fold thread beside.
class World {
 public:
  explicit World(std::string folder) : folder_(std::move(folder)) { open(); }
  ~World() { close(); }

  void open() {
    store_ = must(store::open_store("sqlite:" + folder_));
    engine::Options options;
    options.mail_idempotent = true;
    options.unsubscribe_link = [](engine::Key, std::string_view) {
      return std::string("https://example.com/u");
    };
    engine_ = must(engine::Engine::open(*store_, options));
    must(engine_->activate(flow_bundle(), kStart));
    stop_ = false;
    folder_thread_ = std::thread([this] {
      while (!stop_) {
        if (store_->figures().pending_records > 20'000) must(store_->fold());
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
  }

  void close() {
    stop_ = true;
    if (folder_thread_.joinable()) folder_thread_.join();
    engine_.reset();
    store_.reset();
  }

  store::Store& store() { return *store_; }
  engine::Engine& engine() { return *engine_; }

  void accept(const std::vector<engine::InputEvent>& events, std::int64_t now) {
    std::vector<store::Input> inputs(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      inputs[i].received_at = now;
      inputs[i].dedupe = {++id_, 7};
      inputs[i].body = engine::encode(events[i]);
    }
    must(store_->accept(inputs));
  }

  /// Runs and delivers until nothing is due at `now`.
  void settle(std::int64_t now) {
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
  std::size_t sent() const { return sent_; }

 private:
  std::string folder_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::thread folder_thread_;
  std::atomic<bool> stop_{false};
  std::uint64_t id_ = 0;
  std::size_t sent_ = 0;
};

std::string address(std::size_t n) {
  return "contact" + std::to_string(n) + "@example.com";
}

/// A record of about 1 KB in 30 properties.
engine::InputEvent contact(std::size_t n) {
  engine::InputEvent event;
  event.kind = engine::InputKind::upsert;
  event.object = "contact";
  event.subject = address(n);
  event.create = true;
  event.marketing = true;
  const auto text = [&](const char* name, std::size_t length) {
    event.properties.emplace_back(name,
                                  value::Value::text(std::string(length, static_cast<char>('a' + n % 26))));
  };
  for (const char* name : {"firstname", "lastname", "job_title", "industry", "department", "city", "region"})
    text(name, 20);
  for (const char* name : {"street", "website", "campaign", "referrer", "remarks", "company_name", "source"})
    text(name, 80);
  for (const char* name : {"postcode", "language", "segment_hint", "last_product", "country"}) text(name, 30);
  event.properties.emplace_back("plan", value::Value::text(n % 2 == 0 ? "pro" : "free"));
  event.properties.emplace_back("seats", value::Value::integer(static_cast<std::int64_t>(n % 100)));
  event.properties.emplace_back("score", value::Value::integer(static_cast<std::int64_t>(n % 500)));
  for (const char* name : {"birthday", "signed_up_on", "renewal_on"}) {
    event.properties.emplace_back(name, value::Value::text("2026-03-02"));
  }
  return event;
}

void load_contacts(World& world, std::size_t count) {
  std::vector<engine::InputEvent> batch;
  for (std::size_t n = 0; n < count; ++n) {
    batch.push_back(contact(n));
    if (batch.size() == 5'000 || n + 1 == count) {
      world.accept(batch, kStart);
      world.settle(kStart);
      batch.clear();
    }
  }
  must(world.store().fold());
}

engine::InputEvent event(const char* type, std::size_t n) {
  engine::InputEvent e;
  e.type = type;
  e.subject = address(n);
  return e;
}

/// `count` events in batches of 1,000 to contacts at random, none twice.
void feed(World& world, const char* type, std::size_t count, std::size_t contacts, std::int64_t now,
          unsigned seed) {
  std::vector<std::uint32_t> order(contacts);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
  order.resize(std::min(count, contacts));
  std::vector<engine::InputEvent> batch;
  for (const std::uint32_t n : order) {
    batch.push_back(event(type, n));
    if (batch.size() == 1'000 || n == order.back()) {
      world.accept(batch, now);
      world.settle(now);
      batch.clear();
    }
  }
}

/// Both halves of the benchmark flow: all start, then all wake. Seconds of each.
[[gnu::noinline]] std::pair<double, double> run_flow(World& world, std::size_t instances,
                                                     std::size_t contacts, std::int64_t now, unsigned seed) {
  const double first = bench::seconds([&] { feed(world, "flow_started", instances, contacts, now, seed); });
  const double second = bench::seconds([&] { world.settle(now + 2 * value::kSecond); });
  return {first, second};
}

std::int64_t stat(World& world, const std::string& subject, const std::string& metric) {
  std::int64_t total = 0;
  for (const auto& row : must(world.engine().report())) {
    if (row.subject == subject && row.metric == metric) total += row.count;
  }
  return total;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t contacts = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::size_t instances = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
  bench::print_header("engine over SQLite (FULL), in one process, " + std::to_string(contacts) +
                      " contacts of 1 KB at random, 10 other workflows");
  const std::string folder = bench::fresh_folder("engine");
  {
    World world(folder);
    const double loading = bench::seconds([&] { load_contacts(world, contacts); });
    bench::print({"contacts imported", "records/s", "", "", {static_cast<double>(contacts) / loading}});

    bench::Row flow{
        "benchmark flow, store and engine only", "instances/s", "25,000", "BullMQ 3,439 · Restate 813", {}};
    bench::Row matched{
        "events matched, applied, committed", "events/s", "50,000", "five-row SQLite 31,000", {}};
    bench::Row timers{"timers fired with state update", "timers/s", "40,000", "pop and update 38,000", {}};
    bench::Row engine_time{"  processor time per instance, engine thread", "us", "40", "", {}};
    bench::Row whole_time{"  processor time per instance, all threads", "us", "60", "", {}};
    std::int64_t now = kStart + value::kDay;
    for (int run = 0; run < bench::runs(); ++run) {
      now += value::kDay;
      const std::int64_t before = stat(world, "workflow.bench_flow", "ended");
      const std::size_t sent = world.sent();
      const double thread = bench::thread_seconds(), process = bench::process_seconds();
      const auto [first, second] = run_flow(world, instances, contacts, now, 1 + static_cast<unsigned>(run));
      const std::int64_t enrolled = stat(world, "workflow.bench_flow", "enrolled");
      const auto done = static_cast<double>(stat(world, "workflow.bench_flow", "ended") - before);
      engine_time.runs.push_back(1e6 * (bench::thread_seconds() - thread) / done);
      whole_time.runs.push_back(1e6 * (bench::process_seconds() - process) / done);
      flow.runs.push_back(done / (first + second));
      matched.runs.push_back(done / first);
      timers.runs.push_back(done / second);
      if (enrolled - before != static_cast<std::int64_t>(done) ||
          world.sent() - sent != static_cast<std::size_t>(2 * done)) {
        std::fprintf(stderr, "the counts do not agree: %lld enrolled, %.0f done, %zu sent\n",
                     static_cast<long long>(enrolled - before), done, world.sent() - sent);
        return 1;
      }
    }
    bench::print(flow);
    bench::print(engine_time);
    bench::print(whole_time);
    bench::print(matched);
    bench::print(timers);

    must(world.store().fold());
    const std::size_t disk = std::filesystem::file_size(folder + "/state.db");
    std::vector<engine::InputEvent> batch;
    now += value::kDay;
    const double sleeping = bench::seconds([&] {
      for (std::size_t n = 0; n < contacts; ++n) {
        batch.push_back(event("pinged", n));
        if (batch.size() == 5'000 || n + 1 == contacts) {
          world.accept(batch, now);
          world.settle(now);
          batch.clear();
        }
      }
    });
    must(world.store().fold());
    const auto asleep = static_cast<double>(stat(world, "workflow.sleeper", "enrolled"));
    bench::print({"enrolments put to sleep", "enrolments/s", "", "", {asleep / sleeping}});
    bench::print({"disk per sleeping enrolment (state.db)",
                  "bytes",
                  "150",
                  "packed limit 101",
                  {static_cast<double>(std::filesystem::file_size(folder + "/state.db") - disk) / asleep}});
    bench::print({"resident memory, " + std::to_string(static_cast<long>(asleep)) + " asleep",
                  "MiB",
                  "256",
                  "395 B a sleeper in BullMQ",
                  {static_cast<double>(bench::resident_bytes()) / (1 << 20)}});
    // Leave a tail of unfolded frames behind, as a crash would.
    feed(world, "flow_started", std::min<std::size_t>(instances, 20'000), contacts, now + value::kHour, 99);
  }
  bench::Row recovery{"open after a stop without a fold", "s", "10", "store race 1.0", {}};
  recovery.runs.push_back(bench::seconds([&] { World world(folder); }));
  bench::print(recovery);
  std::filesystem::remove_all(folder);
}
