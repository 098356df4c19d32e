// The engine over the SQLite store in one process: the benchmark flow, timers, sleeping enrolments, recovery.
// No HTTP: daemon_bench measures the daemon.
#include <algorithm>
#include <filesystem>

#include "grammar/value/calendar.hpp"
#include "tests/bench/report.hpp"
#include "tests/bench/world.hpp"

namespace {

using namespace wf;

/// `count` events to contacts at random, none twice.
void feed_flow(bench::World& world, std::size_t count, std::size_t contacts, std::int64_t now,
               unsigned seed) {
  const auto order = bench::some_contacts(count, contacts, seed);
  world.feed(order.size(), now, [&](std::size_t n) { return bench::event("flow_started", order[n]); });
}

/// Both halves of the benchmark flow: all start, then all wake. Seconds of each.
[[gnu::noinline]] std::pair<double, double> run_flow(bench::World& world, std::size_t instances,
                                                     std::size_t contacts, std::int64_t now, unsigned seed) {
  const double first = bench::seconds([&] { feed_flow(world, instances, contacts, now, seed); });
  const double second = bench::seconds([&] { world.settle(now + 2 * value::kSecond); });
  return {first, second};
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t contacts = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::size_t instances = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
  bench::print_header("engine over SQLite (FULL), in one process, " + std::to_string(contacts) +
                      " contacts of 1 KB at random, 10 other workflows");
  const std::string folder = bench::fresh_folder("engine"), bundle = bench::flow_bundle();
  {
    bench::World world(folder, bundle);
    const double loading = bench::seconds([&] { bench::load_contacts(world, 0, contacts); });
    bench::print({"contacts imported", "records/s", "", "", {static_cast<double>(contacts) / loading}});

    bench::Row flow{
        "benchmark flow, store and engine only", "instances/s", "25,000", "BullMQ 3,439 · Restate 813", {}};
    bench::Row matched{
        "events matched, applied, committed", "events/s", "50,000", "five-row SQLite 31,000", {}};
    bench::Row timers{"timers fired with state update", "timers/s", "40,000", "pop and update 38,000", {}};
    bench::Row engine_time{"  processor time per instance, engine thread", "us", "40", "", {}};
    bench::Row whole_time{"  processor time per instance, all threads", "us", "60", "", {}};
    std::int64_t now = bench::kStart + value::kDay;
    for (int run = 0; run < bench::runs(); ++run) {
      now += value::kDay;
      const std::int64_t before = world.stat("workflow.bench_flow", "ended");
      const std::size_t sent = world.sent();
      const double thread = bench::thread_seconds(), process = bench::process_seconds();
      const auto [first, second] = run_flow(world, instances, contacts, now, 1 + static_cast<unsigned>(run));
      const std::int64_t enrolled = world.stat("workflow.bench_flow", "enrolled");
      const auto done = static_cast<double>(world.stat("workflow.bench_flow", "ended") - before);
      engine_time.runs.push_back(1e6 * (bench::thread_seconds() - thread) / done);
      whole_time.runs.push_back(1e6 * (bench::process_seconds() - process) / done);
      flow.runs.push_back(done / (first + second));
      matched.runs.push_back(done / first);
      timers.runs.push_back(done / second);
      bench::verify(enrolled - before == static_cast<std::int64_t>(done) &&
                        world.sent() - sent == static_cast<std::size_t>(2 * done),
                    "the counts do not agree: " + std::to_string(enrolled - before) + " enrolled, " +
                        std::to_string(done) + " done, " + std::to_string(world.sent() - sent) + " sent");
    }
    bench::print(flow);
    bench::print(engine_time);
    bench::print(whole_time);
    bench::print(matched);
    bench::print(timers);

    world.fold();
    const std::size_t disk = std::filesystem::file_size(folder + "/state.db");
    now += value::kDay;
    const double sleeping = bench::seconds([&] {
      world.feed(
          contacts, now, [](std::size_t n) { return bench::event("pinged", n); }, 5'000);
    });
    world.fold();
    const auto asleep = static_cast<double>(world.stat("workflow.sleeper", "enrolled"));
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
    feed_flow(world, std::min<std::size_t>(instances, 20'000), contacts, now + value::kHour, 99);
  }
  bench::Row recovery{"open after a stop without a fold", "s", "10", "store race 1.0", {}};
  recovery.runs.push_back(bench::seconds([&] { bench::World world(folder, bundle); }));
  bench::print(recovery);
  std::filesystem::remove_all(folder);
}
