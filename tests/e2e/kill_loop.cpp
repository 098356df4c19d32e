// SIGKILL at random moments under load, on the real binary and file system.
//
// Each kill happens only while at least one request is unacknowledged and at least one effect is in flight.
// Afterwards every acknowledged event is in the store exactly once, and each effect key reached the receiver;
// a receiver that honours keys sees it once. WF_KILLS sets the number of kills (30), WF_SEED the seed.
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "runtime/http/server.hpp"
#include "tests/support/process.hpp"

namespace {

using namespace wf;
using namespace std::chrono_literals;

constexpr const char* kProject = R"(project kill { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
email receipt {
  class transactional; from sender.shop
  subject "Order received"; text "Thank you."
}
webhook ledger { url secret.LEDGER_URL; accepts pii }
event order_placed on contact { number: int }
workflow fulfil on contact {
  enroll when event order_placed
  reenroll each event
  send email.receipt
  call webhook.ledger with (email)
  wait 1 second
  call webhook.ledger with (email, lifecycle_stage)
}
)";

/// A receiver that honours keys: it counts each webhook-id, answers slowly, and knows how many calls are
/// open.
class Receiver {
 public:
  Receiver() {
    auto started = http::start_server({.port = 0}, [this](http::Request request, http::Respond respond) {
      ++open_;
      {
        const std::lock_guard lock(mutex_);
        ++calls_[std::string(request.header("webhook-id"))];
      }
      std::this_thread::sleep_for(1ms);
      respond({200, "application/json", "{}", {}});
      --open_;
    });
    REQUIRE(started.ok());
    server_ = std::move(*started);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/ledger"; }
  int open() const { return open_; }
  std::map<std::string, int> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  std::atomic<int> open_{0};
  std::mutex mutex_;
  std::map<std::string, int> calls_;
  std::unique_ptr<http::Server> server_;
};

struct Daemon {
  std::string folder;
  int port;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port); }

  /// `under`: a command that runs it, with its arguments.
  test::Process launch(std::vector<std::string> under = {}) const {
    for (const std::string& word :
         {std::string(WF_WFD), std::string("serve"), std::string("--data"), folder + "/data",
          std::string("--project"), folder + "/project", std::string("--listen"),
          "127.0.0.1:" + std::to_string(port), std::string("--mail"), "dir:" + folder + "/mail",
          std::string("--private-webhooks")}) {
      under.push_back(word);
    }
    return test::Process(under, folder + "/wfd.log");
  }
  /// False when it ended before it answered.
  bool ready(test::Process& process) const {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < deadline && process.running()) {
      auto client = http::make_client(url(), 2);
      const auto answer = (*client)->request("GET", "/healthz");
      if (answer.ok() && answer->status == 200) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  test::Process start() const {
    test::Process process = launch();
    if (!ready(process)) FAIL("wfd did not start:\n" << test::read_file(folder + "/wfd.log"));
    return process;
  }
};

/// Posts numbered events; what is not acknowledged is sent again with the same ids.
class Load {
 public:
  explicit Load(std::string url) : url_(std::move(url)), thread_([this] { run(); }) {}
  ~Load() { stop(); }
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int unacknowledged() const { return open_; }
  std::size_t acknowledged() const { return acknowledged_; }
  std::size_t repeated() const { return repeated_; }

 private:
  static constexpr std::size_t kBatch = 10, kContacts = 400;

  std::string body(std::size_t first) const {
    std::string lines;
    for (std::size_t n = first; n < first + kBatch; ++n) {
      lines += R"({"type":"order_placed","source":"kill","id":")" + std::to_string(n) + R"(","subject":"c)" +
               std::to_string(n % kContacts) + R"(@example.com","data":{"number":)" + std::to_string(n) +
               "}}\n";
    }
    return lines;
  }

  void run() {
    std::unique_ptr<http::Client> client;
    for (std::size_t first = 0; !stop_ || open_ > 0;) {
      if (!client) {
        auto made = http::make_client(url_, 10);
        client = std::move(*made);
      }
      open_ = 1;
      const auto answer = client->request("POST", "/v1/events", body(first), "application/x-ndjson");
      if (answer.ok() && answer->status == 200) {
        acknowledged_ += kBatch;
        first += kBatch;
        open_ = 0;
        std::this_thread::sleep_for(30ms);
        continue;
      }
      ++repeated_;
      client.reset();
      std::this_thread::sleep_for(10ms);
    }
  }

  std::string url_;
  std::atomic<bool> stop_{false};
  std::atomic<int> open_{0};
  std::atomic<std::size_t> acknowledged_{0}, repeated_{0};
  std::thread thread_;
};

std::size_t mails(const std::string& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    count += entry.path().extension() == ".eml";
  return count;
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace

namespace {

/// A project, a receiver and 400 contacts; at the end the accounts of what was acknowledged.
class World {
 public:
  World() {
    test::write_file(folder_.path() + "/project/kill.wf", kProject);
    setenv("WF_SECRET_LEDGER_URL", receiver.url().c_str(), 1);
    process = daemon.start();
    std::string contacts;
    for (int n = 0; n < 400; ++n) {
      contacts += R"({"type":"record.upsert","object":"contact","source":"kill","id":"contact-)" +
                  std::to_string(n) + R"(","subject":"c)" + std::to_string(n) +
                  "@example.com\",\"data\":{\"country\":\"JP\"}}\n";
    }
    auto client = http::make_client(daemon.url());
    const auto imported = (*client)->request("POST", "/v1/events", contacts, "application/x-ndjson");
    REQUIRE(imported.ok());
    REQUIRE(imported->status == 200);
  }

  /// What was acknowledged is there once, and every key arrived.
  void settle(Load& load, std::size_t killed, const std::string& how) {
    load.stop();
    const std::size_t events = load.acknowledged();
    const auto deadline = std::chrono::steady_clock::now() + 120s;
    while (receiver.calls().size() < 2 * events && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(100ms);
    }
    std::this_thread::sleep_for(1500ms);  // whatever should not come has a chance to
    const auto calls = receiver.calls();
    std::size_t repeats = 0;
    for (const auto& [key, count] : calls) repeats += static_cast<std::size_t>(count - 1);
    WARN(how << ": " << killed << " kills, " << events << " events acknowledged, " << load.repeated()
             << " requests repeated, " << calls.size() << " webhook keys, " << repeats
             << " deliveries repeated with the same key, " << mails(folder_.path() + "/mail") << " mails");
    CHECK(events > 0);
    CHECK(calls.size() == 2 * events);
    CHECK(calls.count("") == 0);
    CHECK(mails(folder_.path() + "/mail") == events);
    process.signal(SIGTERM);
    CHECK(process.wait() == 0);
  }

 private:
  const test::Folder folder_{"kill"};

 public:
  Receiver receiver;
  const Daemon daemon{folder_.path(), test::free_port()};
  test::Process process{{"/bin/true"}, "/dev/null"};
};

}  // namespace

TEST_CASE("after SIGKILL at random moments nothing acknowledged is lost and no key is delivered twice") {
  const auto kills = from_environment("WF_KILLS", 30);
  const auto seed = from_environment("WF_SEED", std::random_device{}());
  std::mt19937_64 random(seed);
  World world;
  Load load(world.daemon.url());
  std::size_t killed = 0;
  while (killed < kills) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + random() % 300));
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (load.unacknowledged() == 0 || world.receiver.open() == 0) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::yield();
    }
    world.process.signal(SIGKILL);
    CHECK(world.process.wait() == 128 + SIGKILL);
    ++killed;
    world.process = world.daemon.start();
  }
  world.settle(load, killed, "seed " + std::to_string(seed));
}

TEST_CASE("after SIGKILL at the k-th write or sync nothing acknowledged is lost") {
  const auto calls = from_environment("WF_KILL_CALLS", 12);
  const auto span = from_environment("WF_KILL_SPAN", 600);
  World world;
  Load load(world.daemon.url());
  std::size_t killed = 0, starting = 0;
  for (std::uint64_t i = 1; i <= calls; ++i) {
    world.process.signal(SIGTERM);
    CHECK(world.process.wait() == 0);
    // A sync comes with several writes.
    const bool sync = i % 3 == 0;
    const std::string when = std::to_string(1 + (i - 1) * (sync ? span / 5 : span) / calls);
    const std::string call = sync ? "fdatasync" : "pwrite64,write";
    test::Process traced =
        world.daemon.launch({"/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                             "inject=" + call + ":signal=KILL:when=" + when});
    starting += !world.daemon.ready(traced);
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (traced.running() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(10ms);
    INFO(call << " number " << when);
    REQUIRE_FALSE(traced.running());
    CHECK(traced.wait() == 128 + SIGKILL);
    ++killed;
    world.process = world.daemon.start();
  }
  world.settle(load, killed, "at the k-th call, " + std::to_string(starting) + " of them while starting");
}
