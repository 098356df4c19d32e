#include "tests/simulate/daemon_run.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"
#include "tests/simulate/books.hpp"
#include "tests/simulate/daemon.hpp"
#include "tests/simulate/project.hpp"

namespace wf::simulate {

namespace {

constexpr std::int64_t kStart = 1'772'409'600'000'000;  // 2026-03-02T00:00:00Z
constexpr std::int64_t kSecond = 1'000'000, kHour = 3600 * kSecond;
constexpr std::int64_t kNever = INT64_MAX;
constexpr std::uint64_t kMostSteps = 60'000;

/// Posts requests one behind the other; what is not acknowledged is sent again with the same ids.
struct Client {
  std::vector<std::vector<Post>> requests;
  std::size_t at = 0;
  std::uint64_t attempt = 0;
  bool waiting = false;
  std::int64_t wake = 0;
  bool done() const { return at == requests.size(); }
};

/// What may go wrong in a run: a seed draws some.
struct Plan {
  bool power = false, kill = false, errors = false, full = false, jumps = false, takeovers = false,
       redeploys = false, ends = false;
};

class DaemonRun {
 public:
  explicit DaemonRun(std::uint64_t seed)
      : rng_(seed),
        disk_(seed, {rng_.chance(50) ? 512u : 4096u, rng_.chance(50), false}),
        outside_(seed ^ 0x0075, real_, [this](const Attempt& attempt) { attempted(attempt); }),
        twin_(must(store::open_store("memory:"), "opening the twin")) {
    for (bool* one : {&plan_.power, &plan_.kill, &plan_.errors, &plan_.full, &plan_.jumps, &plan_.takeovers,
                      &plan_.redeploys, &plan_.ends}) {
      *one = rng_.chance(50);
    }
    names_.meta = {"engine", "active", "mark", "watching"};
    make_clients();
  }

  DaemonFigures run() {
    restart();
    while (!quiet()) step();
    for (const Client& client : clients_) figures_.events += client.requests.size();
    drain();
    audit();
    figures_.disk = disk_.figures();
    figures_.outside = outside_.figures();
    figures_.events = books_.accepted();
    figures_.duplicates = books_.duplicates();
    figures_.uncertain = books_.uncertain();
    figures_.virtual_time = real_ - kStart;
    return figures_;
  }

 private:
  // ---- the clients ------------------------------------------------------------------------------------

  void make_clients() {
    const std::size_t contacts = 1 + rng_.below(8);
    std::uint64_t number = 0;
    const auto address = [](std::size_t n) { return "c" + std::to_string(n) + "@example.com"; };
    // The first brings the contacts, the others wait for that.
    Client importer;
    importer.requests.emplace_back();
    for (std::size_t n = 0; n < contacts; ++n)
      importer.requests.back().push_back({++number, "record.upsert", address(n)});
    clients_.push_back(std::move(importer));
    for (std::size_t c = 1 + rng_.below(3); c > 0; --c) {
      Client client;
      for (std::size_t r = 2 + rng_.below(10); r > 0; --r) {
        std::vector<Post> request;
        for (std::size_t e = 1 + rng_.below(4); e > 0; --e) {
          static const std::vector<std::string> types = {"order_placed", "visited", "paid",
                                                         "topic.unsubscribe", "topic.subscribe"};
          const std::size_t kind = rng_.weighted({45, 30, 13, 8, 4});
          request.push_back({++number, types[kind], address(rng_.below(contacts))});
        }
        client.requests.push_back(request);
        if (rng_.chance(10)) client.requests.push_back(client.requests[rng_.below(client.requests.size())]);
      }
      clients_.push_back(std::move(client));
    }
  }

  static std::string body_of(const std::vector<Post>& request) {
    std::string lines;
    for (const Post& post : request) {
      const std::string number = std::to_string(post.number);
      lines += R"({"source":"simulation","id":")" + number + R"(","type":")" + post.type +
               R"(","subject":")" + post.contact + R"(")";
      if (post.type == "record.upsert") {
        lines += R"(,"object":"contact","marketing":true,"data":{"country":"JP"})";
      } else if (post.type.starts_with("topic.")) {
        lines += R"(,"data":{"topic":"updates"})";
      } else {
        lines += R"(,"data":{"number":)" + number + "}";
        const std::string property = post.type == "visited" ? "visit_number" : "order_number";
        if (post.type != "paid") lines += R"(,"properties":{")" + property + "\":" + number + "}";
      }
      lines += "}\n";
    }
    return lines;
  }

  bool active(const Client& client) const {
    return !client.done() && (&client == &clients_.front() || clients_.front().done());
  }
  bool ready(const Client& client) const { return active(client) && client.wake <= real_; }

  void post(Client& client) {
    const std::vector<Post>& request = client.requests[client.at];
    for (const Post& post : request) books_.posted(post, figures_.steps);
    client.wake = real_ + 10 * kSecond;  // then it tries again
    client.waiting = true;
    const std::uint64_t attempt = ++client.attempt;
    ++figures_.requests;
    const auto index = static_cast<std::size_t>(&client - clients_.data());
    daemon_->post(body_of(request), [this, index, attempt](const http::Response& response) {
      answered(clients_[index], attempt, response);
    });
  }

  void answered(Client& client, std::uint64_t attempt, const http::Response& response) {
    note(response.status);
    if (client.attempt != attempt || !client.waiting) return;
    if (rng_.chance(5)) {
      ++figures_.lost_answers;
      return;
    }
    client.waiting = false;
    client.wake = real_ + static_cast<std::int64_t>(rng_.below(rng_.chance(80) ? kSecond : 20 * kHour));
    if (response.status != 200) {
      ++figures_.refused_requests;
      if (response.status != 503 && response.status != 507)
        throw Violation{"a request was answered with " + std::to_string(response.status) + " " +
                        response.body};
      return;
    }
    for (const Post& post : client.requests[client.at]) books_.acknowledged(post.number, figures_.steps);
    ++client.at;
    ++client.attempt;
  }

  // ---- the processes ----------------------------------------------------------------------------------

  DaemonParts parts() {
    const std::uint64_t owner = ++owner_;
    return {
        disk_.vfs(),
        real_,
        offset_,
        outside_,
        [this, owner](Written written, const Result<void>& done) { told(owner, std::move(written), done); },
        next_mark_,
        [this](store::Store& store) { settle_doubt(store); }};
  }

  /// Until it works, as a supervisor would.
  void restart() {
    if (plan_.redeploys && rng_.chance(30)) {
      version_ = 3 - version_;
      ++figures_.redeploys;
    }
    daemon_ = std::make_unique<Daemon>(parts());
    const Result<void> started = daemon_->start(project_bundle(version_));
    note(started.ok());
    ++figures_.starts;
    loop_wake_ = 0;
    if (started) return compare();
    if (started.error().code == ErrorCode::corrupt)
      throw Violation{"P11: the store counts as damaged: " + started.error().message};
    ++figures_.failed_starts;
    daemon_.reset();
    loop_wake_ = real_ + kSecond;
  }

  void crash() {
    // The power fails, or the process ends and what it wrote stays.
    const bool power = plan_.power && (!plan_.kill || rng_.chance(50));
    power ? disk_.power_loss() : disk_.kill();
    zombie_.reset();
    daemon_.reset();
    outside_.forget_answers();
    restart();
  }

  void end_orderly() {
    ++figures_.orderly_ends;
    daemon_->end();
    daemon_.reset();
    outside_.forget_answers();
    restart();
  }

  /// The process stands still, another one is started, and the first goes on.
  void take_over() {
    ++figures_.takeovers;
    zombie_ = std::move(daemon_);
    restart();
  }

  void resume_zombie() {
    resuming_ = true;
    (void)zombie_->write_next();
    (void)zombie_->turn();
    zombie_->fold();
    (void)zombie_->deliver_next();
    resuming_ = false;
    if (rng_.chance(50)) return;
    outside_.forget_answers();  // it is unknown whose they are: the receivers' keys settle it
    zombie_.reset();
    // The answers of this daemon are gone too: it ends like one whose network was cut.
    disk_.kill();
    daemon_.reset();
    restart();
  }

  void told(std::uint64_t owner, Written written, const Result<void>& done) {
    note(done.ok());
    if (owner != owner_) {
      if (done) throw Violation{"the former owner of the store could still write"};
      return;
    }
    written.at = daemon_->clock().now();
    written.version = version_;
    if (!done) {
      if (done.error().code == ErrorCode::corrupt) throw Violation{"P11: " + done.error().message};
      doubtful_.push_back(std::move(written));
      return;
    }
    doubtful_.clear();
    durable(written);
  }

  void durable(const Written& written) {
    if (!written.inputs.empty()) {
      std::vector<store::Input> inputs = written.inputs;
      must(twin_->accept(inputs), "the twin");
    } else {
      must(twin_->append(written.frame), "the twin");
    }
    for (const store::DedupeId& id : written.frame.dedupe) names_.ids.push_back(id);
    for (const auto& identity : written.frame.identities)
      names_.identities.emplace_back(identity.object, identity.id);
    books_.durable(written);
  }

  /// What was refused and yet is there counts. It may be any of what was refused since the last success.
  void settle_doubt(store::Store& store) {
    const store::StoreFigures has = store.figures(), should = twin_->figures();
    for (const Written& one : std::exchange(doubtful_, {})) {
      if (has.last_frame != should.last_frame + 1) return;
      const bool there = one.inputs.empty()
                             ? must(store.meta("mark"), "reading meta") == one.mark
                             : has.accepted == should.accepted + one.inputs.size() &&
                                   must(store.pull(has.accepted - 1, 1), "reading inputs").at(0).body ==
                                       one.inputs.back().body;
      if (there) return durable(one);
    }
  }

  // ---- the scheduler ----------------------------------------------------------------------------------

  void note(std::uint64_t what) {
    figures_.trace =
        (figures_.trace ^ what ^ static_cast<std::uint64_t>(real_)) * 0x9e3779b97f4a7c15ULL + disk_.calls();
  }

  bool quiet() const {
    return std::all_of(clients_.begin(), clients_.end(), [](const Client& client) { return client.done(); });
  }

  void attempted(const Attempt& attempt) {
    note(value::hash64(attempt.key));
    if (resuming_)
      return;  // handed over while it was the owner; who came after holds it or sends the key again
    books_.attempted(attempt, daemon_ ? daemon_->clock().now() : real_);
  }

  void step() {
    if (++figures_.steps > kMostSteps) throw Violation{"P9: the clients never came to an end"};
    if (disk_.dead()) return crash();
    if (rng_.chance(1)) return go_wrong();
    if (!daemon_) {
      if (rng_.chance(30)) disk_.heal();
      if (real_ >= loop_wake_) return restart();
      real_ = loop_wake_;
      return;
    }
    if (zombie_ && rng_.chance(10)) return resume_zombie();
    if (work()) return;
    pass_time();
  }

  /// One thing that can be done now. False when there is none.
  bool work() {
    for (int tries = 0; tries < 4; ++tries) {
      switch (rng_.weighted({20, 20, 25, 20, 20, 3})) {
        case 0: {
          Client& client = clients_[rng_.below(clients_.size())];
          if (!ready(client)) continue;
          post(client);
          return true;
        }
        case 1:
          if (daemon_->write_next()) return true;
          continue;
        case 2:
          if (turn()) return true;
          continue;
        case 3:
          if (daemon_->deliver_next()) return true;
          continue;
        case 4:
          if (outside_.answer_one()) return true;
          continue;
        default:
          daemon_->fold();
          return true;
      }
    }
    return false;
  }

  bool turn() {
    if (!daemon_->woken() && loop_wake_ > real_ && !rng_.chance(2)) return false;
    const auto pause = daemon_->turn();
    if (daemon_->gave_up()) {
      const Error error = daemon_->fatal();
      if (error.code != ErrorCode::conflict || !zombie_)
        throw Violation{"P11: the engine gave up: " + error.message};
    }
    loop_wake_ = pause ? real_ + std::max<std::int64_t>(*pause, 0) : kNever;
    return true;
  }

  void pass_time() {
    std::int64_t next = loop_wake_;
    for (const Client& client : clients_) {
      if (active(client)) next = std::min(next, std::max(client.wake, real_));
    }
    if (const auto answer = outside_.next_answer()) next = std::min(next, *answer);
    if (next == kNever || rng_.chance(10)) next = real_ + static_cast<std::int64_t>(rng_.below(kSecond));
    real_ = std::max(real_, next);
    disk_.forget_on_failed_sync(plan_.errors && rng_.chance(50));
  }

  void go_wrong() {
    switch (rng_.weighted({20, 15, 10, 8, 8, 6, 10})) {
      case 0:
        if (plan_.power || plan_.kill) disk_.die_at(1 + rng_.below(100));
        break;
      case 1:
        if (plan_.errors) disk_.fail_call(1 + rng_.below(60), rng_.chance(20));
        break;
      case 2:
        if (plan_.full) disk_.limit(disk_.used() + rng_.below(30'000));
        break;
      case 3:
        if (!plan_.jumps) break;
        ++figures_.clock_jumps;
        offset_ -= static_cast<std::int64_t>(rng_.below(rng_.chance(70) ? 60 * kSecond : 30 * kHour));
        break;
      case 4:
        if (plan_.takeovers && daemon_ && !zombie_) take_over();
        break;
      case 5:
        if (plan_.ends && daemon_ && !zombie_) end_orderly();
        break;
      default:
        disk_.heal();
    }
  }

  // ---- the end ----------------------------------------------------------------------------------------

  /// All goes well from now on, until nothing is left to do.
  void drain() {
    if (disk_.dead()) crash();
    disk_.heal();
    outside_.calm();
    if (zombie_) {
      zombie_.reset();
      disk_.kill();
      daemon_.reset();
      outside_.forget_answers();
    }
    while (!daemon_) restart();
    for (std::uint64_t i = 0; i < kMostSteps; ++i) {
      ++figures_.steps;
      while (outside_.answer_one() || daemon_->write_next() || daemon_->deliver_next()) {
      }
      (void)turn();
      if (daemon_->woken() || daemon_->deliver_next()) continue;
      std::int64_t next = loop_wake_;
      if (const auto answer = outside_.next_answer()) next = std::min(next, *answer);
      if (next == kNever) {
        if (daemon_->busy()) throw Violation{"P5: an effect was handed over and its answer was lost"};
        return;
      }
      real_ = std::max(real_, next);
    }
    throw Violation{"P9: the daemon does not come to rest"};
  }

  void audit() {
    compare();
    std::map<std::string, Shown> shown;
    for (const std::string& contact : books_.contacts()) {
      const auto key = must(daemon_->engine().find("contact", contact), "finding a contact");
      if (!key) throw Violation{"P1: " + contact + " is not there"};
      const auto info = must(daemon_->engine().describe(*key), "reading a contact");
      if (!info) throw Violation{"P1: " + contact + " is not there"};
      if (!info->enrolments.empty())
        throw Violation{"P7: " + contact + " waits in " + info->enrolments[0].workflow + " for nothing"};
      for (const auto& [name, text] : info->properties) {
        if (name == "orders_seen") shown[contact].orders_seen = std::stoll(text);
        if (name == "points") shown[contact].points = std::stoll(text);
      }
      shown[contact].events = timeline(info->history);
    }
    for (const store::EffectState state :
         {store::EffectState::ready, store::EffectState::attempted, store::EffectState::dead}) {
      if (!must(daemon_->store().effects(state, INT64_MAX, 1), "reading effects").empty())
        throw Violation{"P5: an effect was left behind"};
    }
    books_.settle(shown);
  }

  std::vector<std::uint64_t> timeline(store::HistoryRef from) {
    std::vector<std::uint64_t> numbers;
    while (from.frame != 0) {
      for (const auto& item : must(daemon_->engine().history(from, 100), "reading a timeline")) {
        const std::string number = "number=";
        if (item.what == engine::Happening::event && item.detail.starts_with(number))
          numbers.push_back(std::stoull(item.detail.substr(number.size())));
      }
    }
    std::reverse(numbers.begin(), numbers.end());
    return numbers;
  }

  /// The durable state against the frames that were acknowledged, and what waits against what wakes it.
  void compare() {
    if (disk_.dead()) return;
    const DiskFigures before = disk_.figures();
    std::vector<std::string> here;
    try {
      here = contents(daemon_->store(), names_);
    } catch (const Violation&) {
      if (disk_.figures().calls != before.calls && plan_.errors) return;  // a read was made to fail
      throw;
    }
    const std::string differs = difference(here, contents(*twin_, names_));
    if (!differs.empty()) throw Violation{"P4: the store has\n  " + differs};
    check_causes();
  }

  void check_causes() {
    std::set<std::pair<store::Key, std::uint32_t>> timers;
    for (const store::Timer& timer : must(twin_->timers_due(kNever, 100'000), "reading timers"))
      timers.insert({timer.record, timer.enrolment});
    for (const std::string& contact : books_.contacts()) {
      const auto key = daemon_->engine().find("contact", contact);
      if (!key || !*key) continue;
      const auto info = daemon_->engine().describe(**key);
      if (!info || !*info) continue;
      for (const engine::EnrolmentInfo& enrolment : (*info)->enrolments) {
        if (!timers.contains({**key, enrolment.id}))
          throw Violation{"P7: nothing will wake " + contact + " in " + enrolment.workflow};
      }
    }
  }

  Rng rng_;
  Plan plan_;
  std::int64_t real_ = kStart, offset_ = 0, loop_wake_ = 0;
  Disk disk_;
  Outside outside_;
  std::unique_ptr<store::Store> twin_;
  Books books_;
  Names names_;
  std::vector<Written> doubtful_;
  std::vector<Client> clients_;
  std::uint64_t owner_ = 0, next_mark_ = 0;
  int version_ = 1;
  bool resuming_ = false;
  DaemonFigures figures_;
  std::unique_ptr<Daemon> daemon_, zombie_;
};

}  // namespace

DaemonFigures run_daemon_seed(std::uint64_t seed) {
  return DaemonRun(seed).run();
}

void DaemonFigures::add(const DaemonFigures& other) {
  disk.add(other.disk);
  outside.mails += other.outside.mails;
  outside.calls += other.outside.calls;
  outside.taken += other.outside.taken;
  outside.broken_before += other.outside.broken_before;
  outside.broken_after += other.outside.broken_after;
  outside.failed += other.outside.failed;
  outside.hung += other.outside.hung;
  steps += other.steps;
  events += other.events;
  duplicates += other.duplicates;
  uncertain += other.uncertain;
  requests += other.requests;
  lost_answers += other.lost_answers;
  refused_requests += other.refused_requests;
  starts += other.starts;
  failed_starts += other.failed_starts;
  orderly_ends += other.orderly_ends;
  takeovers += other.takeovers;
  redeploys += other.redeploys;
  clock_jumps += other.clock_jumps;
  virtual_time += other.virtual_time;
}

}  // namespace wf::simulate
