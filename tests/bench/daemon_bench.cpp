// The daemon over HTTP on loopback, client on the same machine: events accepted in batches of 500, applied,
// and the benchmark flow end to end. Afterwards the counts in the store must equal what was sent.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "runtime/http/server.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/process.hpp"

namespace {

using namespace wf;

constexpr std::size_t kBatch = 500;
constexpr int kConnections = 4;

[[noreturn]] void give_up(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

class Api {
 public:
  explicit Api(const std::string& url) {
    auto made = http::make_client(url, 60);
    if (!made) give_up(made.error().message);
    client_ = std::move(*made);
  }
  std::string get(const std::string& target) {
    const auto answer = client_->request("GET", target);
    if (!answer || answer->status != 200) give_up("GET " + target + " failed");
    return answer->body;
  }
  /// Repeats while the daemon asks for patience.
  void post(const std::string& lines) {
    for (;;) {
      const auto answer = client_->request("POST", "/v1/events", lines, "application/x-ndjson");
      if (!answer) give_up(answer.error().message);
      if (answer->status == 200) return;
      if (answer->status != 429)
        give_up("POST answered " + std::to_string(answer->status) + ": " + answer->body);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

 private:
  std::unique_ptr<http::Client> client_;
};

std::string address(std::size_t n) {
  return "contact" + std::to_string(n) + "@example.com";
}

std::string contact_line(std::size_t n) {
  std::string line = R"({"type":"record.upsert","object":"contact","source":"bench","id":"c)" +
                     std::to_string(n) + R"(","subject":")" + address(n) +
                     R"(","marketing":true,"data":{"plan":")" + (n % 2 == 0 ? "pro" : "free") + "\"";
  const std::string filler(1, static_cast<char>('a' + n % 26));
  const auto add = [&](const char* name, std::size_t length) {
    line += std::string(",\"") + name + "\":\"";
    for (std::size_t i = 0; i < length; ++i) line += filler;
    line += '"';
  };
  for (const char* name : {"firstname", "lastname", "job_title", "industry", "department", "city", "region"})
    add(name, 20);
  for (const char* name : {"street", "website", "campaign", "referrer", "remarks", "company_name", "source"})
    add(name, 80);
  for (const char* name : {"postcode", "language", "segment_hint", "last_product", "country"}) add(name, 30);
  line += ",\"seats\":" + std::to_string(n % 100) + ",\"score\":" + std::to_string(n % 500);
  for (const char* name : {"birthday", "signed_up_on", "renewal_on"})
    line += std::string(",\"") + name + "\":\"2026-03-02\"";
  return line + "}}\n";
}

/// Batches of `kBatch` lines over several connections; the bodies are made before the clock starts.
double post_all(const std::string& url, const std::vector<std::string>& bodies) {
  std::atomic<std::size_t> next{0};
  return bench::seconds([&] {
    std::vector<std::thread> threads;
    for (int t = 0; t < kConnections; ++t) {
      threads.emplace_back([&] {
        Api api(url);
        for (std::size_t i; (i = next++) < bodies.size();) api.post(bodies[i]);
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
}

std::vector<std::string> event_bodies(const char* type, std::size_t count, std::size_t contacts,
                                      unsigned run) {
  std::mt19937_64 random(run);
  std::vector<std::string> bodies;
  for (std::size_t n = 0; n < count; ++n) {
    if (n % kBatch == 0) bodies.emplace_back();
    bodies.back() += std::string(R"({"type":")") + type + R"(","source":"bench-)" + type +
                     std::to_string(run) + R"(","id":")" + std::to_string(n) + R"(","subject":")" +
                     address(random() % contacts) + "\",\"data\":{}}\n";
  }
  return bodies;
}

long long figure(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":");
  if (at == std::string::npos) return 0;
  return std::strtoll(json.c_str() + at + name.size() + 3, nullptr, 10);
}

void wait_idle(Api& api) {
  for (;;) {
    const std::string status = api.get("/v1/status");
    if (figure(status, "backlog") == 0 && figure(status, "in_flight") == 0 && figure(status, "effects") == 0)
      return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// A counter of the benchmark's workflow, over all details.
long long counter(Api& api, const std::string& metric) {
  const std::string report = api.get("/v1/report");
  const std::string row = "\"subject\":\"workflow.bench_flow\",\"metric\":\"" + metric + "\"";
  long long total = 0;
  for (std::size_t at = report.find(row); at != std::string::npos; at = report.find(row, at + 1)) {
    total += figure(report.substr(at, 300), "count");
  }
  return total;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t contacts = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::size_t events = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200'000;
  bench::print_header("wfd over HTTP, " + std::to_string(contacts) +
                      " contacts of 1 KB at random, batches of 500, " + std::to_string(kConnections) +
                      " connections, client on the same machine");
  const test::Folder folder("bench-daemon");
  const std::string port = std::to_string(test::free_port()), url = "http://127.0.0.1:" + port;
  test::Process daemon(
      {WF_WFD, "serve", "--data", folder.path(), "--project", WF_SOURCE_DIR "/tests/bench/flow", "--listen",
       "127.0.0.1:" + port, "--mail", "discard:", "--backlog", "1000000"},
      folder.path() + ".log");
  for (int tries = 0;; ++tries) {
    auto client = http::make_client(url, 2);
    if (client.ok() && (*client)->request("GET", "/healthz").ok()) break;
    if (tries > 200) give_up("wfd did not start: " + test::read_file(folder.path() + ".log"));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  Api api(url);
  std::vector<std::string> bodies;
  for (std::size_t n = 0; n < contacts; ++n) {
    if (n % kBatch == 0) bodies.emplace_back();
    bodies.back() += contact_line(n);
  }
  const double import = bench::seconds([&] {
    post_all(url, bodies);
    wait_idle(api);
  });
  bodies.clear();
  bodies.shrink_to_fit();
  bench::print(
      {"contacts imported and applied", "records/s", "", "", {static_cast<double>(contacts) / import}});

  bench::Row accepted{
      "events accepted, 2xx after the commit", "events/s", "200,000", "append-only file 475,000", {}};
  bench::Row applied{
      "events matched, applied, committed", "events/s", "50,000", "five-row SQLite 31,000", {}};
  bench::Row flow{"benchmark flow, end to end", "instances/s", "25,000", "BullMQ 3,439 · Restate 813", {}};
  for (int run = 1; run <= bench::runs(); ++run) {
    bodies = event_bodies("pinged", events, contacts, static_cast<unsigned>(run));
    double accept = 0;
    const double apply = bench::seconds([&] {
      accept = post_all(url, bodies);
      wait_idle(api);
    });
    accepted.runs.push_back(static_cast<double>(events) / accept);
    applied.runs.push_back(static_cast<double>(events) / apply);

    bodies = event_bodies("flow_started", events, contacts, static_cast<unsigned>(100 + run));
    const long long before = counter(api, "ended");
    const long long starts_before = counter(api, "enrolled");
    const double whole = bench::seconds([&] {
      post_all(url, bodies);
      wait_idle(api);
      while (counter(api, "enrolled") > counter(api, "ended"))
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      wait_idle(api);
    });
    const long long done = counter(api, "ended") - before;
    const long long started = counter(api, "enrolled") - starts_before;
    if (done != started || done == 0)
      give_up("started " + std::to_string(started) + ", done " + std::to_string(done));
    flow.runs.push_back(static_cast<double>(done) / whole);
  }
  bench::print(accepted);
  bench::print(applied);
  bench::print(flow);

  std::vector<double> latencies;
  for (int n = 0; n < 2'000; ++n) {
    const std::string line = R"({"type":"pinged","source":"single","id":")" + std::to_string(n) +
                             R"(","subject":")" + address(static_cast<std::size_t>(n)) + "\",\"data\":{}}\n";
    latencies.push_back(1000 * bench::seconds([&] { api.post(line); }));
  }
  std::sort(latencies.begin(), latencies.end());
  bench::print({"single event, one connection: p50", "ms", "", "", {latencies[latencies.size() / 2]}});
  bench::print(
      {"single event, one connection: p99", "ms", "10", "", {latencies[latencies.size() * 99 / 100]}});

  const std::string status = api.get("/v1/status");
  const auto expected =
      static_cast<long long>(contacts + 2 * events * static_cast<std::size_t>(bench::runs()) + 2'000);
  if (figure(status, "accepted") != expected || figure(status, "consumed") != expected) {
    give_up("the store counts other events than were sent: " + status);
  }
  daemon.signal(SIGTERM);
  return daemon.wait();
}
