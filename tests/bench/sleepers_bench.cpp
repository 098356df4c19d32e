// Many enrolments asleep: what each takes of the disk, what all take of memory, and how long a daemon that
// was killed takes until it accepts again. The engine over the SQLite store in one process; small contacts,
// one enrolment each, put to sleep by an event.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "grammar/value/calendar.hpp"
#include "tests/bench/report.hpp"
#include "tests/bench/world.hpp"

namespace {

using namespace wf;
namespace files = std::filesystem;

/// Instances of the benchmark flow that no fold has written when the process dies, and inputs that nobody has
/// looked at: more than the daemon leaves, which folds ten times a second.
constexpr std::size_t kUnfolded = 50'000, kUnread = 10'000;

double mebibytes(std::size_t bytes) {
  return static_cast<double>(bytes) / (1 << 20);
}

/// Contacts [first, end) come, then fall asleep.
void add_sleepers(bench::World& world, const std::string& folder, std::size_t first, std::size_t end,
                  std::int64_t now) {
  const auto count = static_cast<double>(end - first);
  const auto state = [&] { return static_cast<double>(files::file_size(folder + "/state.db")); };
  const double importing =
      bench::seconds([&] { bench::load_contacts(world, first, end, now, bench::ContactSize::small); });
  const double disk = state();
  const double sleeping = bench::seconds([&] {
    world.feed(
        end - first, now, [&](std::size_t n) { return bench::event("pinged", first + n); }, 5'000);
    world.fold();
  });
  bench::verify(world.stat("workflow.sleeper", "enrolled") == static_cast<std::int64_t>(end) &&
                    world.store().figures().timers == end,
                "the counts do not agree: " + std::to_string(world.stat("workflow.sleeper", "enrolled")) +
                    " enrolled, " + std::to_string(world.store().figures().timers) + " timers of " +
                    std::to_string(end));
  const std::string size = std::to_string(end) + " asleep: ";
  bench::print({size + "contacts imported", "records/s", "", "", {count / importing}});
  bench::print({size + "put to sleep", "enrolments/s", "", "", {count / sleeping}});
  bench::print({size + "time for it", "s", "", "", {importing + sleeping}});
  bench::print(
      {size + "state.db per sleeper", "bytes", "150", "packed limit 101", {(state() - disk) / count}});
  bench::print({size + "all files, with contacts and history",
                "MiB",
                "",
                "",
                {mebibytes(bench::folder_bytes(folder))}});
  bench::print({size + "resident memory in all",
                "MiB",
                "256",
                "395 B a sleeper in BullMQ",
                {mebibytes(bench::resident_bytes())}});
}

/// What a killed process leaves: frames that are not folded and inputs that are not read.
[[noreturn]] void die_at_work(bench::World& world, std::size_t contacts, std::int64_t now) {
  world.fold();
  world.stop_folding();
  const auto order = bench::some_contacts(std::min(kUnfolded, contacts), contacts, 1);
  world.feed(order.size(), now, [&](std::size_t n) { return bench::event("flow_started", order[n]); });
  std::vector<engine::InputEvent> unread;
  for (std::size_t n = 0; n < kUnread; ++n) unread.push_back(bench::event("pinged", n % contacts));
  world.accept(unread, now);
  std::fflush(nullptr);
  std::raise(SIGKILL);
  std::abort();
}

struct Restart {
  double open = 0, first_event = 0;  ///< seconds since the start
  std::size_t resident = 0;
};

/// Opens what a killed process left, takes one event, checks that nothing is lost, and dies at work again.
[[noreturn]] void restart(const std::string& folder, const std::string& bundle, std::size_t sleepers,
                          std::size_t run, Restart& result) {
  const std::int64_t now = bench::kStart + static_cast<std::int64_t>(run + 2) * value::kHour;
  std::unique_ptr<bench::World> world;
  result.open = bench::seconds([&] { world = std::make_unique<bench::World>(folder, bundle); });
  engine::InputEvent newcomer = bench::event("flow_started", sleepers + run);
  newcomer.create = true;
  result.first_event = result.open + bench::seconds([&] { world->accept({newcomer}, now); });
  result.resident = bench::resident_bytes();
  const std::int64_t instances = world->stat("workflow.bench_flow", "enrolled");
  const std::uint64_t timers = world->store().figures().timers;
  const auto tail = static_cast<std::uint64_t>(std::min(kUnfolded, sleepers));
  world->settle(now);
  world->settle(now + 2 * value::kSecond);
  const std::int64_t all = static_cast<std::int64_t>((run + 1) * tail + run);
  bench::verify(timers == sleepers + tail && instances == all &&
                    world->stat("workflow.bench_flow", "ended") == all + 1 &&
                    world->stat("workflow.sleeper", "enrolled") == static_cast<std::int64_t>(sleepers) &&
                    world->store().figures().consumed == world->store().figures().accepted,
                "after the restart the counts do not agree: " + std::to_string(timers) + " timers, " +
                    std::to_string(instances) + " instances, " +
                    std::to_string(world->stat("workflow.bench_flow", "ended")) + " ended of " +
                    std::to_string(all + 1));
  die_at_work(*world, sleepers, now + value::kMinute);
}

/// Runs `work` in a process of its own, which has to end with SIGKILL.
void in_killed_process(const std::function<void()>& work) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    work();
    std::_Exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) std::exit(1);
}

}  // namespace

// sleepers_bench [N]: up to 1,000,000 asleep unless said.
int main(int argc, char** argv) {
  const std::size_t most = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  bench::print_header(
      "sleeping enrolments over SQLite (FULL), in one process: small contacts, one enrolment each");
  const std::string folder = bench::fresh_folder("sleepers"), bundle = bench::flow_bundle();
  in_killed_process([&] {
    bench::World world(folder, bundle);
    std::size_t asleep = 0;
    for (std::size_t size = std::min<std::size_t>(100'000, most); size <= most; size *= 10) {
      add_sleepers(world, folder, asleep, size, bench::kStart);
      asleep = size;
    }
    die_at_work(world, asleep, bench::kStart + value::kHour);
  });

  bench::print_header("restart after SIGKILL with " + std::to_string(most) + " timers, " +
                      std::to_string(std::min(kUnfolded, most)) + " instances not folded, " +
                      std::to_string(kUnread) + " inputs not read");
  auto* shared = static_cast<Restart*>(
      mmap(nullptr, sizeof(Restart), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  bench::verify(shared != MAP_FAILED, "no memory is shared with the process that restarts");
  bench::Row open{"store and engine open", "s", "", "", {}};
  bench::Row accepted{"the first event is accepted", "s", "10", "moonshot 1", {}};
  bench::Row resident{"resident memory then", "MiB", "256", "", {}};
  for (int run = 0; run < bench::runs(); ++run) {
    in_killed_process([&] { restart(folder, bundle, most, static_cast<std::size_t>(run), *shared); });
    open.runs.push_back(shared->open);
    accepted.runs.push_back(shared->first_event);
    resident.runs.push_back(mebibytes(shared->resident));
  }
  bench::print(open);
  bench::print(accepted);
  bench::print(resident);
  files::remove_all(folder);
}
