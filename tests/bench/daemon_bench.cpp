// The daemon over HTTP on loopback, client on the same machine: events accepted in batches of 500, applied,
// and the benchmark flow end to end. Afterwards the counts in the store must equal what was sent.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
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

std::string event_line(const std::string& type, const std::string& source, std::size_t id,
                       std::size_t contact) {
  return R"({"type":")" + type + R"(","source":")" + source + R"(","id":")" + std::to_string(id) +
         R"(","subject":")" + address(contact) + "\",\"data\":{}}\n";
}

/// All contacts, in an order that only `seed` decides.
std::vector<std::uint32_t> shuffled(std::size_t contacts, unsigned seed) {
  std::vector<std::uint32_t> order(contacts);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
  return order;
}

/// `count` events to contacts at random, none twice before all had one.
std::vector<std::string> event_bodies(const std::string& type, std::size_t count, std::size_t contacts,
                                      unsigned run) {
  const std::vector<std::uint32_t> order = shuffled(contacts, run);
  std::vector<std::string> bodies;
  for (std::size_t n = 0; n < count; ++n) {
    if (n % kBatch == 0) bodies.emplace_back();
    bodies.back() += event_line(type, "bench-" + type + std::to_string(run), n, order[n % contacts]);
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

/// Microseconds within the day of `"at":"2026-11-22T20:00:00.123456…"`.
std::int64_t time_of_day(const std::string& json, std::size_t at) {
  const std::size_t t = json.find('T', at);
  const auto two = [&](std::size_t from) {
    return std::strtoll(json.substr(t + from, 2).c_str(), nullptr, 10);
  };
  const std::int64_t seconds = two(1) * 3600 + two(4) * 60 + two(7);
  const double fraction = json[t + 9] == '.' ? std::strtod(json.c_str() + t + 9, nullptr) : 0;
  return seconds * 1'000'000 + static_cast<std::int64_t>(fraction * 1e6 + 0.5);
}

/// How long after its due instant the wait of one second of this contact's instance ended, in milliseconds.
double timer_lag(Api& api, std::size_t contact) {
  const std::string record = api.get("/v1/records/contact/" + address(contact) + "?limit=100");
  const auto at_of = [&](const char* what) {  // the newest: the timeline begins with it
    const std::string found = std::string("\"what\":\"") + what + "\"";
    const std::size_t happening = record.find(found);
    if (happening == std::string::npos) give_up("no " + std::string(what) + " in " + record);
    return time_of_day(record, record.rfind("\"at\":", happening));
  };
  constexpr std::int64_t kDay = 86'400'000'000;
  const std::int64_t woken = at_of("ended"), asleep = at_of("waiting");
  return static_cast<double>((woken - asleep + kDay) % kDay - 1'000'000) / 1000;
}

/// A histogram by doubling bounds, and the percentiles.
void print_histogram(const std::string& name, const std::string& target, std::vector<double> values) {
  if (values.empty()) return;
  std::sort(values.begin(), values.end());
  const auto percentile = [&](std::size_t n) {
    return values[std::min(values.size() - 1, values.size() * n / 100)];
  };
  bench::print({name + ": p50", "ms", "", "", {percentile(50)}});
  bench::print({name + ": p99", "ms", target, "", {percentile(99)}});
  bench::print({name + ": most", "ms", "", "", {values.back()}});
  auto from = values.begin();
  for (double bound = 0.125; from != values.end(); bound *= 2) {
    const auto to = std::upper_bound(from, values.end(), bound);
    if (to != from) std::printf("  up to %8.3f ms  %8zu\n", bound, static_cast<std::size_t>(to - from));
    from = to;
  }
}

/// Single events at half of the rate that four connections reach, each at its planned moment: the latency
/// counts from there, so that a stall is seen by all that it holds up. How many were sent.
std::size_t measure_half_load(const std::string& url, std::size_t contacts) {
  using Clock = std::chrono::steady_clock;
  std::atomic<std::size_t> id{0};
  const auto post_one = [&](Api& api, const char* type, std::size_t n) {
    api.post(event_line(type, "half", id++, n % contacts));
  };
  std::atomic<std::size_t> done{0};
  const auto each_connection = [&](auto work) {
    std::vector<std::thread> threads;
    for (int t = 0; t < kConnections; ++t) threads.emplace_back([&, t] { work(t); });
    for (std::thread& thread : threads) thread.join();
  };
  const double seconds = bench::seconds([&] {
    each_connection([&](int) {
      Api api(url);
      for (std::size_t n; (n = done++) < 8'000;) post_one(api, "pinged", n);
    });
  });
  // What the runs before have left to be written would hold up every sync.
  ::sync();
  const double rate = 8'000 / seconds;
  bench::print({"single events, 4 connections, one after the other", "events/s", "", "", {rate}});
  const auto count = std::min<std::size_t>(contacts, static_cast<std::size_t>(rate / 2 * 5));
  const std::vector<std::uint32_t> order = shuffled(contacts, 7);
  std::vector<std::vector<double>> latencies(kConnections);
  const auto began = Clock::now();
  each_connection([&](int t) {
    Api api(url);
    for (std::size_t n = static_cast<std::size_t>(t); n < count; n += kConnections) {
      const auto planned = began + std::chrono::duration_cast<Clock::duration>(
                                       std::chrono::duration<double>(static_cast<double>(n) / (rate / 2)));
      std::this_thread::sleep_until(planned);
      post_one(api, "flow_started", order[n]);
      const std::chrono::duration<double, std::milli> latency = Clock::now() - planned;
      latencies[static_cast<std::size_t>(t)].push_back(latency.count());
    }
  });
  std::vector<double> all;
  for (const auto& some : latencies) all.insert(all.end(), some.begin(), some.end());
  print_histogram("acknowledgement at half load", "10", all);
  Api api(url);
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  wait_idle(api);
  std::vector<double> lags;
  for (std::size_t n = 0; n < count; n += std::max<std::size_t>(1, count / 1'000)) {
    lags.push_back(timer_lag(api, order[n]));
    if (lags.back() < 0) give_up("a timer fired early");
  }
  print_histogram("timer lag at half load, of " + std::to_string(lags.size()), "50", lags);
  return 8'000 + count;
}

/// Instances per second from the first event to the end of the last instance.
double measure_flow(Api& api, const std::string& url, const std::vector<std::string>& bodies,
                    long long events) {
  const long long before = counter(api, "ended");
  const double whole = bench::seconds([&] {
    post_all(url, bodies);
    while (counter(api, "ended") - before < events)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    wait_idle(api);
  });
  return static_cast<double>(events) / whole;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t contacts = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::size_t events = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200'000;
  const bool only_flow = argc > 3 && std::string_view(argv[3]) == "flow";
  std::size_t sent = contacts;
  bench::print_header("wfd over HTTP, " + std::to_string(contacts) +
                      " contacts of 1 KB at random, batches of 500, " + std::to_string(kConnections) +
                      " connections, client on the same machine");
  const test::Folder folder("bench-daemon");
  const std::string port = std::to_string(test::free_port()), url = "http://127.0.0.1:" + port;
  test::Process daemon(
      {WF_WFD, "serve", "--data", folder.path(), "--project", WF_SOURCE_DIR "/tests/bench/flow", "--listen",
       "127.0.0.1:" + port, "--mail", "discard:", "--backlog", "1000000", "--source-share", "1000000"},
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
    const auto instances = static_cast<long long>(std::min(events, contacts));
    bodies = event_bodies("flow_started", static_cast<std::size_t>(instances), contacts,
                          static_cast<unsigned>(100 + run));
    flow.runs.push_back(measure_flow(api, url, bodies, instances));
    sent += static_cast<std::size_t>(instances);
    if (only_flow) continue;
    bodies = event_bodies("pinged", events, contacts, static_cast<unsigned>(run));
    double accept = 0;
    const double apply = bench::seconds([&] {
      accept = post_all(url, bodies);
      wait_idle(api);
    });
    accepted.runs.push_back(static_cast<double>(events) / accept);
    applied.runs.push_back(static_cast<double>(events) / apply);
    sent += events;
  }
  bench::print(accepted);
  bench::print(applied);
  bench::print(flow);
  if (!only_flow) sent += measure_half_load(url, contacts);

  const std::string status = api.get("/v1/status");
  const auto expected = static_cast<long long>(sent);
  if (figure(status, "accepted") != expected || figure(status, "consumed") != expected) {
    give_up("the store counts other events than were sent: " + status);
  }
  daemon.signal(SIGTERM);
  return daemon.wait();
}
