#include "tests/simulate/store_run.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "grammar/value/codec.hpp"
#include "tests/contract/store/random_frame.hpp"
#include "tests/simulate/contents.hpp"

namespace wf::simulate {

namespace {

using store::Frame;
using store::Input;

constexpr int kRounds = 4;

/// One change, and what it does to the twin.
struct Work {
  std::vector<Input> inputs;  // else a frame
  Frame frame;
  std::string mark;
};

/// Marked, so that it is known again in a store.
Work accepting(std::vector<Input> inputs, std::uint64_t number) {
  Work work{std::move(inputs), {}, std::to_string(number)};
  for (Input& input : work.inputs) input.body += "#" + work.mark;
  return work;
}
Work appending(Frame frame, std::uint64_t number) {
  Work work{{}, std::move(frame), std::to_string(number)};
  work.frame.meta.push_back({"mark", work.mark});
  return work;
}

Result<void> write(store::Store& to, Work work) {
  if (!work.inputs.empty()) return to.accept(work.inputs);
  const auto appended = to.append(work.frame);
  return appended ? Result<void>() : Result<void>(appended.error());
}

/// What was refused and yet is there counts: nobody was told otherwise. It may be any of what was refused
/// since the last success.
void settle(std::vector<Work>& doubtful, store::Store& has, store::Store& twin) {
  const store::StoreFigures now = has.figures(), should = twin.figures();
  for (const Work& work : std::exchange(doubtful, {})) {
    if (now.last_frame != should.last_frame + 1) return;
    bool there = !work.inputs.empty() && now.accepted == should.accepted + work.inputs.size() &&
                 must(has.pull(now.accepted - 1, 1), "reading inputs").at(0).body == work.inputs.back().body;
    if (work.inputs.empty()) there = must(has.meta("mark"), "reading meta") == work.mark;
    if (there) return must(write(twin, work), "the twin");
  }
}

class StoreRun {
 public:
  explicit StoreRun(std::uint64_t seed)
      : rng_(seed),
        frames_(seed ^ 0x5eed),
        disk_(seed, {rng_.chance(50) ? 512u : 4096u, rng_.chance(50), false}),
        twin_(must(store::open_store("memory:"), "opening the twin")) {
    for (std::uint32_t object = 0; object < 2; ++object) {
      for (int i = 0; i < 30; ++i)
        names_.identities.emplace_back(object, "p" + std::to_string(i) + "@example.com");
      for (store::Key to = 1; to <= 4; ++to) names_.links.emplace_back(object, to);
    }
    for (int i = 0; i < 6; ++i) names_.meta.push_back("meta" + std::to_string(i));
    names_.meta.push_back("mark");
    // A new store, too, may be made while power fails.
    if (rng_.chance(50)) {
      arm();
      reopen();
      settle_crash();
    }
  }

  StoreFiguresRun run() {
    if (!store_) open();
    for (int round = 0; round < kRounds; ++round) {
      arm();
      const std::size_t steps = 10 + rng_.below(50);
      for (std::size_t i = 0; i < steps && !disk_.dead(); ++i) step();
      if (disk_.dead() || rng_.chance(70)) {
        settle_crash();
      } else {
        disk_.heal();
      }
      compare();
      ++figures_.rounds;
    }
    damage();
    figures_.disk = disk_.figures();
    return figures_;
  }

 private:
  store::OpenOptions options() const {
    store::OpenOptions out;
    out.vfs = disk_.vfs();
    return out;
  }

  void open() { store_ = must(store::open_store("sqlite:/data", options()), "opening the store"); }

  void arm() {
    switch (rng_.weighted({6, 2, 1, 1, 2})) {
      case 0:
        return disk_.die_at(1 + rng_.below(rng_.chance(50) ? 60 : 400));
      case 1:
        disk_.forget_on_failed_sync(rng_.chance(50));
        return disk_.fail_call(1 + rng_.below(200), rng_.chance(30));
      case 2:
        return disk_.limit(disk_.used() + rng_.below(60'000));
      case 3:
        disk_.forget_on_failed_sync(rng_.chance(50));
        return disk_.fail_all(rng_.chance(50) ? DiskCall::sync : DiskCall::write);
      default:
        return;  // all goes well
    }
  }

  void step() {
    switch (rng_.weighted({25, 50, 15, 4, 3, 3})) {
      case 0:
        return accept();
      case 1:
        return append();
      case 2:
        note(store_ ? store_->fold().ok() : false);
        return;
      case 3:
        return reopen();
      case 4:
        return take_over();
      default:
        if (rng_.chance(30)) disk_.heal();
    }
  }

  void accept() {
    std::vector<Input> inputs;
    for (std::uint64_t i = 1 + rng_.below(5); i > 0; --i) {
      inputs.push_back(
          {0, static_cast<std::int64_t>(rng_.below(1000)), {rng_.below(9), 3}, frames_.text(40)});
    }
    do_work(accepting(std::move(inputs), ++works_));
  }

  void append() {
    Frame frame = frames_.next();
    const store::StoreFigures now = twin_->figures();
    if (rng_.chance(30)) frame.consumed = now.consumed + rng_.below(now.accepted - now.consumed + 1);
    names_.ids.insert(names_.ids.end(), frame.dedupe.begin(), frame.dedupe.end());
    do_work(appending(std::move(frame), ++works_));
  }

  void do_work(Work work) {
    if (!store_) return;
    const Result<void> done = write(*store_, work);
    note(done.ok());
    if (done) {
      ++figures_.writes;
      doubtful_.clear();
      must(write(*twin_, std::move(work)), "the twin");
    } else {
      if (done.error().code == ErrorCode::corrupt) throw Violation{"corrupt: " + done.error().message};
      ++figures_.refused_writes;
      // It may be in the log all the same, until the next one takes its place.
      doubtful_.push_back(std::move(work));
    }
  }

  /// An orderly end and a new start.
  void reopen() {
    store_.reset();
    auto opened = store::open_store("sqlite:/data", options());
    note(opened.ok());
    if (opened) {
      store_ = std::move(*opened);
      settle_doubt();
    } else if (opened.error().code == ErrorCode::corrupt) {
      throw Violation{"corrupt: " + opened.error().message};
    }
  }

  /// Somebody else opens the store while this one still lives: whatever it does then must not count.
  void take_over() {
    if (!store_) return;
    auto other = store::open_store("sqlite:/data", options());
    note(other.ok());
    if (!other) {
      perhaps_fenced_ = true;
      return;
    }
    ++figures_.takeovers;
    std::swap(store_, *other);
    settle_doubt();
    std::vector<Input> inputs(1);
    inputs[0].body = "too late";
    Frame frame;
    frame.meta.push_back({"meta0", "too late"});
    const bool accepted = (*other)->accept(inputs).ok(), appended = (*other)->append(frame).ok();
    (void)(*other)->fold();
    if (accepted || appended) throw Violation{"the former owner could still write"};
    other->reset();
  }

  void settle_crash() {
    const bool power = rng_.chance(75);
    power ? disk_.power_loss() : disk_.kill();
    store_.reset();
    open();
    settle_doubt();
  }

  void settle_doubt() { settle(doubtful_, *store_, *twin_); }

  void compare() {
    if (!store_) open();
    ++figures_.comparisons;
    const auto here = contents(*store_, names_), there = contents(*twin_, names_);
    const std::string differs = difference(here, there);
    if (!differs.empty()) throw Violation{"the store has\n  " + differs};
    for (const std::string& line : here) figures_.trace = value::hash64(line, figures_.trace);
  }

  /// A process that was killed, and then a file that is not what it was. It must be noticed or do no harm.
  /// Damage to the last transactions of a log is taken for a write that was cut short: then they are lost.
  /// They are two, because the logs of this disk are padded.
  void damage() {
    if (perhaps_fenced_) {
      store_.reset();
      open();
      settle_doubt();
    }
    std::vector<std::vector<std::string>> cut_short;
    for (int i = 0; i < 2; ++i) {
      cut_short.push_back(contents(*twin_, names_));
      Frame last;
      last.meta.push_back({"meta0", "last " + std::to_string(i)});
      do_work(appending(std::move(last), ++works_));
      if (!doubtful_.empty()) throw Violation{"a sound disk refuses a write"};
    }
    const auto after = contents(*twin_, names_);
    disk_.kill();
    store_.reset();
    const std::string what = damage_a_file();
    ++figures_.damages;
    try {
      open();
      const auto here = contents(*store_, names_);
      if (here == after) return;
      ++figures_.tails;
      // Nothing tells of a lost log of the journal once a part of it was moved into the file: damage.md.
      if (what == "/data/journal.db-wal (lost)") return;
      const bool cut = std::find(cut_short.begin(), cut_short.end(), here) != cut_short.end();
      if (!cut || !what.ends_with("-wal"))
        throw Violation{"after damage to " + what + " the store has\n  " + difference(here, after)};
    } catch (const Violation& violation) {
      if (!violation.code) throw;
      if (*violation.code != ErrorCode::corrupt)
        throw Violation{"damage to " + what + " was not taken for damage: " + violation.what};
      ++figures_.noticed;
    }
  }

  std::string damage_a_file() {
    std::vector<std::string> files;
    for (const char* name :
         {"/data/state.db", "/data/journal.db", "/data/state.db-wal", "/data/journal.db-wal"})
      if (disk_.size(name) > 0) files.emplace_back(name);
    const std::string file = files[rng_.below(files.size())];
    switch (rng_.weighted({18, 1, 1})) {
      case 0:
        disk_.flip_bit(file, rng_.below(disk_.size(file) * 8));
        break;
      case 1:
        disk_.lose(file);
        return file + " (lost)";
      default:
        disk_.swap("/data/state.db", "/data/journal.db");
        return "both files (swapped)";
    }
    return file;
  }

  void note(bool ok) { figures_.trace = figures_.trace * 31 + (ok ? 7 : 11) + disk_.calls(); }

  Rng rng_;
  store::test::RandomFrames frames_;
  Disk disk_;
  std::unique_ptr<store::Store> store_, twin_;
  std::vector<Work> doubtful_;
  bool perhaps_fenced_ = false;  ///< somebody failed at taking over, maybe after the fence had been set
  std::uint64_t works_ = 0;
  Names names_;
  StoreFiguresRun figures_;
};

/// The fixed workload: true when nothing failed. What was acknowledged must be there afterwards.
bool workload(Disk& disk, const std::function<void()>& arm) {
  store::OpenOptions options;
  options.vfs = disk.vfs();
  auto twin = must(store::open_store("memory:"), "the twin");
  store::test::RandomFrames frames(7);
  Names names;
  names.meta = {"meta0", "meta1", "meta2", "meta3", "meta4"};
  bool well = true;
  std::vector<Work> doubtful;
  arm();
  {
    auto opened = store::open_store("sqlite:/data", options);
    if (!opened && opened.error().code == ErrorCode::corrupt) throw Violation{opened.error().message};
    well = opened.ok();
    for (int i = 0; opened && i < 12; ++i) {
      const auto number = static_cast<std::uint64_t>(i);
      Work work =
          i % 3 == 0 ? accepting({{0, i, {number, 1}, "input"}}, number) : appending(frames.next(), number);
      names.ids.insert(names.ids.end(), work.frame.dedupe.begin(), work.frame.dedupe.end());
      const bool done = write(**opened, work).ok();
      if (!done) {
        doubtful.push_back(std::move(work));
      } else {
        doubtful.clear();
        must(write(*twin, work), "the twin");
      }
      well = well && done;
      if (i % 5 == 4) well = (*opened)->fold().ok() && well;
    }
    if (opened) disk.kill();
  }
  disk.heal();
  auto again = must(store::open_store("sqlite:/data", options), "opening after a failed call");
  settle(doubtful, *again, *twin);
  const std::string differs = difference(contents(*again, names), contents(*twin, names));
  if (!differs.empty()) throw Violation{"the store has\n  " + differs};
  return well;
}

}  // namespace

StoreFiguresRun run_store(std::uint64_t seed) {
  return StoreRun(seed).run();
}

std::uint64_t fail_every_call() {
  std::uint64_t failed = 0;
  for (const bool lasting : {false, true}) {
    for (const bool forget : {false, true}) {
      for (std::uint64_t n = 1;; ++n) {
        Disk disk(n);
        bool well = false;
        try {
          well = workload(disk, [&] {
            disk.forget_on_failed_sync(forget);
            disk.fail_call(n, lasting);
          });
        } catch (const Violation& violation) {
          throw Violation{"call " + std::to_string(n) + (lasting ? " and all after it fail: " : " fails: ") +
                          violation.what};
        }
        std::uint64_t hits = 0;
        for (const std::uint64_t kind : disk.figures().failed) hits += kind;
        if (well && hits == 0) break;
        ++failed;
      }
    }
  }
  return failed;
}

}  // namespace wf::simulate
