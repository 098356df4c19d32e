#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "runtime/http/server.hpp"
#include "runtime/http/target.hpp"

using namespace wf::http;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

/// A client that says exactly what it is told.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool say(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// What arrives until `mark` has been seen `times` times, or the end.
  std::string until(std::string_view mark, int times = 1) {
    std::string all;
    char chunk[4096];
    while (count(all, mark) < times) {
      const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
      if (got <= 0) break;
      all.append(chunk, static_cast<std::size_t>(got));
    }
    return all;
  }

  /// Everything until the server closes; "timeout" appended when it does not.
  std::string rest() {
    std::string all;
    char chunk[4096];
    ssize_t got = 0;
    while ((got = ::recv(fd_, chunk, sizeof chunk, 0)) > 0) all.append(chunk, static_cast<std::size_t>(got));
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? all + "timeout" : all;
  }

  void end_of_input() { ::shutdown(fd_, SHUT_WR); }

  static int count(const std::string& text, std::string_view mark) {
    int found = 0;
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += mark.size()) ++found;
    return found;
  }

 private:
  int fd_;
};

ServerOptions any_port() {
  ServerOptions options;
  options.port = 0;
  return options;
}

std::unique_ptr<Server> start(const ServerOptions& options, Handler handler) {
  auto server = start_server(options, std::move(handler));
  REQUIRE(server.ok());
  return std::move(*server);
}

/// "METHOD path?name=value body"
void echo(Request request, Respond respond) {
  std::string text = request.method + ' ' + request.path;
  for (const auto& [name, value] : request.query) text += '?' + name + '=' + value;
  respond({200, "text/plain", text + ' ' + request.body + "|", {{"X-Seen", "yes"}}});
}

std::string exchange(std::uint16_t port, const std::string& text) {
  RawClient client(port);
  client.say(text);
  return client.rest();
}

std::string status_of(const std::string& answer) {
  return answer.substr(0, answer.find("\r\n"));
}

std::unique_ptr<Client> client_of(const Server& server, int timeout = 10) {
  auto client = make_client("http://127.0.0.1:" + std::to_string(server.port()), timeout);
  REQUIRE(client.ok());
  return std::move(*client);
}

}  // namespace

TEST_CASE("a request comes in and an answer goes out") {
  const auto server = start(any_port(), echo);
  const auto client = client_of(*server);
  const auto answer = client->request("POST", "/a%20b/c?x=1%262&y=+z", "body", "text/plain");
  REQUIRE(answer.ok());
  CHECK(answer->status == 200);
  CHECK(answer->body == "POST /a b/c?x=1&2?y= z body|");
  const std::pair<std::string, std::string> seen{"x-seen", "yes"};
  CHECK(std::find(answer->headers.begin(), answer->headers.end(), seen) != answer->headers.end());
}

TEST_CASE("headers arrive in lower case, and missing ones are empty") {
  std::string seen;
  const auto server = start(any_port(), [&](Request request, Respond respond) {
    seen = std::string(request.header("x-token")) + '/' + std::string(request.header("absent")) + '/' +
           std::string(request.parameter("q"));
    respond({});
  });
  exchange(server->port(), "GET /?q=7 HTTP/1.1\r\nHost: x\r\nX-ToKeN:  abc \r\nConnection: close\r\n\r\n");
  CHECK(seen == "abc//7");
}

TEST_CASE("a connection carries many requests") {
  const auto server = start(any_port(), echo);
  const auto client = client_of(*server);
  for (int i = 0; i < 200; ++i) {
    const auto answer =
        client->request("PUT", "/" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'x'));
    REQUIRE(answer.ok());
    CHECK(answer->body ==
          "PUT /" + std::to_string(i) + ' ' + std::string(static_cast<std::size_t>(i), 'x') + '|');
  }
}

TEST_CASE("pipelined requests are answered in order") {
  const auto server = start(any_port(), [](Request request, Respond respond) {
    // The first takes longest: order must not come from luck.
    std::thread([request = std::move(request), respond] {
      std::this_thread::sleep_for(request.path == "/0" ? 50ms : 0ms);
      echo(request, respond);
    }).detach();
  });
  RawClient client(server->port());
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
  }
  client.say(all);
  const std::string answers = client.until("|", 20);
  std::size_t at = 0;
  for (int i = 0; i < 20; ++i) {
    at = answers.find("POST /" + std::to_string(i) + " abc|", at);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("HEAD has the length but no body, HTTP/1.0 closes, 204 has neither") {
  const auto server = start(any_port(), [](Request request, Respond respond) {
    respond({request.path == "/none" ? 204 : 200, "text/plain", "12345", {}});
  });
  const std::string head =
      exchange(server->port(), "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(head.find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(exchange(server->port(), "GET / HTTP/1.0\r\n\r\n").ends_with("Connection: close\r\n\r\n12345"));
  const std::string none =
      exchange(server->port(), "GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(none == "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  CHECK(client_of(*server)->request("HEAD", "/")->body.empty());
}

TEST_CASE("chunked bodies and 100-continue work") {
  const auto server = start(any_port(), echo);
  RawClient client(server->port());
  client.say(
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CHECK(client.until("|").ends_with("POST /c abcde|"));
  client.say("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.say("ok");
  CHECK(client.until("|").ends_with("POST /e ok|"));
}

TEST_CASE("requests that break the rules get 400 and the connection ends") {
  std::atomic<int> handled{0};
  const auto server = start(any_port(), [&](Request, Respond respond) {
    ++handled;
    respond({});
  });
  const std::string text = GENERATE(
      as<std::string>(), "garbage\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
      "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a/%2e%2E HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /a/..%2fb HTTP/1.1\r\nHost: x\r\n\r\n", "GET nothing HTTP/1.1\r\nHost: x\r\n\r\n",
      "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  INFO(text);
  RawClient client(server->port());
  client.say(text);
  client.end_of_input();
  const std::string answer = client.rest();
  CHECK(status_of(answer) == "HTTP/1.1 400 Bad Request");
  CHECK(answer.find("Connection: close") != std::string::npos);
  CHECK(handled == 0);
}

TEST_CASE("random bytes never harm the server") {
  const auto server = start(any_port(), echo);
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string bytes = round % 2 == 0 ? "" : "POST / HTTP/1.1\r\nHost: x\r\n";
    for (unsigned i = random() % 300; i > 0; --i) bytes += static_cast<char>(random());
    RawClient client(server->port());
    client.say(bytes);
    client.end_of_input();
    client.rest();
  }
  CHECK(client_of(*server)->request("GET", "/alive")->body == "GET /alive |");
}

TEST_CASE("a body over the limit gets 413, announced or not, and the client can read it") {
  ServerOptions options = any_port();
  options.max_body = 1000;
  std::atomic<int> handled{0};
  const auto server = start(options, [&](Request, Respond respond) {
    ++handled;
    respond({});
  });
  const std::string large(4u << 20, 'x');
  {
    RawClient client(server->port());
    client.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n");
    client.say(large);
    client.end_of_input();
    CHECK(status_of(client.rest()) == "HTTP/1.1 413 Content Too Large");
  }
  {
    RawClient client(server->port());
    client.say("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400000\r\n");
    client.say(large);
    client.end_of_input();
    CHECK(status_of(client.rest()) == "HTTP/1.1 413 Content Too Large");
  }
  CHECK(handled == 0);
  CHECK(client_of(*server)->request("POST", "/", std::string(1000, 'x'))->status == 200);
}

TEST_CASE("a header over the limit gets 431") {
  ServerOptions options = any_port();
  options.max_header = 2048;
  const auto server = start(options, echo);
  RawClient client(server->port());
  client.say("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(4000, 'x') + "\r\n\r\n");
  client.end_of_input();
  CHECK(status_of(client.rest()) == "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_CASE("a large body and a large answer pass whole") {
  const auto server = start(any_port(), [](Request request, Respond respond) {
    respond({200, "text/plain", std::move(request.body), {}});
  });
  std::string large(20u << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761u >> 13);
  const auto answer = client_of(*server, 30)->request("POST", "/", large);
  REQUIRE(answer.ok());
  CHECK((answer->body == large));
}

TEST_CASE("slow clients are closed, and hold up nobody") {
  ServerOptions options = any_port();
  options.request_seconds = 1;
  options.idle_seconds = 2;
  const auto server = start(options, echo);
  RawClient idle(server->port()), slow(server->port());
  slow.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
  const auto begin = Clock::now();
  CHECK(client_of(*server)->request("GET", "/quick")->status == 200);
  CHECK(Clock::now() - begin < 900ms);
  // Drops that keep coming do not extend the time.
  std::atomic<bool> closed{false};
  std::thread dripping([&] {
    while (!closed && slow.say("x")) std::this_thread::sleep_for(100ms);
  });
  CHECK(slow.rest().empty());
  const auto slow_took = Clock::now() - begin;
  closed = true;
  dripping.join();
  CHECK(slow_took > 700ms);
  CHECK(slow_took < 4s);
  CHECK(idle.rest().empty());
  CHECK(Clock::now() - begin > 1500ms);
}

TEST_CASE("a handler may take longer than a request may") {
  ServerOptions options = any_port();
  options.request_seconds = 1;
  const auto server = start(options, [](Request, Respond respond) {
    std::thread([respond] {
      std::this_thread::sleep_for(1500ms);
      respond({200, "text/plain", "late", {}});
    }).detach();
  });
  CHECK(client_of(*server)->request("GET", "/")->body == "late");
}

TEST_CASE("100 connections at once, on one thread and on four") {
  ServerOptions options = any_port();
  options.threads = GENERATE(1, 4);
  const auto server = start(options, echo);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 100; ++t) {
    threads.emplace_back([&, t] {
      auto client = make_client("http://127.0.0.1:" + std::to_string(server->port()));
      for (int i = 0; i < 10; ++i) {
        const std::string path = "/" + std::to_string(t) + '/' + std::to_string(i);
        const auto answer = (*client)->request("POST", path, "b");
        if (answer.ok() && answer->body == "POST " + path + " b|") ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == 1000);
}

TEST_CASE("connections over the limit are dropped, and taken again when others end") {
  ServerOptions options = any_port();
  options.max_connections = 2;
  const auto server = start(options, echo);
  {
    RawClient first(server->port()), second(server->port());
    first.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    second.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    first.until("|");
    second.until("|");
    RawClient third(server->port());
    CHECK(third.rest().empty());
  }
  const auto client = client_of(*server);
  bool served = false;
  for (int i = 0; i < 100 && !served; ++i) {
    served = client->request("GET", "/").ok();
    if (!served) std::this_thread::sleep_for(10ms);
  }
  CHECK(served);
}

TEST_CASE("a handler that throws, forgets or answers twice") {
  const auto server = start(any_port(), [](Request request, Respond respond) {
    if (request.path == "/throw") throw std::runtime_error("boom");
    if (request.path == "/forget") return;
    respond({200, "text/plain", "first", {}});
    respond({200, "text/plain", "second", {}});
  });
  const auto client = client_of(*server);
  CHECK(client->request("GET", "/throw")->status == 500);
  CHECK(client->request("GET", "/forget")->status == 500);
  CHECK(client->request("GET", "/twice")->body == "first");
  CHECK(client->request("GET", "/twice")->body == "first");
}

TEST_CASE("an answer cannot carry a header break") {
  const auto server = start(any_port(), [](Request request, Respond respond) {
    if (request.path == "/value") return respond({200, "a/b", "x", {{"Location", "a\r\nSet-Cookie: b"}}});
    if (request.path == "/name") return respond({200, "a/b", "x", {{"X\r\nY", "z"}}});
    if (request.path == "/type") return respond({200, "a\r\nb: c", "x", {}});
    if (request.path == "/length") return respond({200, "a/b", "x", {{"content-length", "0"}}});
    respond({77, "a/b", "x", {}});
  });
  const auto client = client_of(*server);
  for (const char* path : {"/value", "/name", "/type", "/length", "/status"}) {
    INFO(path);
    const auto answer = client->request("GET", path);
    REQUIRE(answer.ok());
    CHECK(answer->status == 500);
    CHECK(answer->body.empty());
  }
}

TEST_CASE("stop waits for running requests and closes idle connections") {
  std::atomic<bool> running{false};
  const auto server = start(any_port(), [&](Request, Respond respond) {
    running = true;
    std::thread([respond] {
      std::this_thread::sleep_for(300ms);
      respond({200, "text/plain", "done", {}});
    }).detach();
  });
  RawClient idle(server->port()), busy(server->port());
  busy.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!running) std::this_thread::sleep_for(1ms);
  const auto begin = Clock::now();
  server->stop(5000);
  CHECK(Clock::now() - begin < 3s);
  CHECK(busy.rest().ends_with("Connection: close\r\n\r\ndone"));
  CHECK(idle.rest().empty());
  CHECK(client_of(*server, 1)->request("GET", "/").error().code == wf::ErrorCode::unavailable);
}

TEST_CASE("stop gives up after the grace, and answers that come later do no harm") {
  std::mutex mutex;
  std::vector<Respond> kept;
  auto server = start(any_port(), [&](Request, Respond respond) {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(respond));
  });
  RawClient first(server->port()), second(server->port());
  first.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  second.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  for (std::size_t arrived = 0; arrived < 2;) {
    std::this_thread::sleep_for(1ms);
    const std::lock_guard lock(mutex);
    arrived = kept.size();
  }
  const auto begin = Clock::now();
  server->stop(100);
  CHECK(Clock::now() - begin >= 100ms);
  CHECK(Clock::now() - begin < 2s);
  CHECK(first.rest().empty());
  kept[0]({200, "text/plain", "late", {}});
  server.reset();
  kept[1]({200, "text/plain", "later", {}});
  kept.clear();
}

TEST_CASE("answers from many threads while the server stops") {
  for (int round = 0; round < 20; ++round) {
    auto server =
        start(any_port(), [](Request, Respond respond) { std::thread([respond] { respond({}); }).detach(); });
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([port = server->port()] {
        auto client = make_client("http://127.0.0.1:" + std::to_string(port), 5);
        while ((*client)->request("GET", "/").ok()) {
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(round));
    server->stop(round % 2 == 0 ? 0 : 50);
    server.reset();
    for (auto& thread : threads) thread.join();
  }
}

TEST_CASE("an address that cannot be bound is an io error that names it") {
  const auto server = start(any_port(), echo);
  ServerOptions taken = any_port();
  taken.port = server->port();
  const auto second = start_server(taken, echo);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == wf::ErrorCode::io);
  CHECK(second.error().message.find("127.0.0.1 port " + std::to_string(server->port())) != std::string::npos);
  taken.address = "not-an-address";
  const auto third = start_server(taken, echo);
  REQUIRE_FALSE(third.ok());
  CHECK(third.error().message.find("not-an-address") != std::string::npos);
}

TEST_CASE("the client connects again when the kept connection was closed") {
  ServerOptions options = any_port();
  options.idle_seconds = 1;
  const auto server = start(options, echo);
  const auto client = client_of(*server);
  REQUIRE(client->request("GET", "/1").ok());
  std::this_thread::sleep_for(1500ms);
  const auto answer = client->request("GET", "/2");
  REQUIRE(answer.ok());
  CHECK(answer->body == "GET /2 |");
}

TEST_CASE("the client tells apart what went wrong") {
  std::uint16_t free_port = 0;
  {
    const auto server = start(any_port(), echo);
    free_port = server->port();
    CHECK(client_of(*server)->request("GET", "/a b").error().code == wf::ErrorCode::invalid);
    CHECK(client_of(*server)->request("GET", "/", "x", "a\r\nb").error().code == wf::ErrorCode::invalid);
  }
  auto client = make_client("http://127.0.0.1:" + std::to_string(free_port));
  CHECK((*client)->request("GET", "/").error().code == wf::ErrorCode::unavailable);

  auto silent = start(any_port(), [](Request, Respond respond) {
    static std::vector<Respond> kept;
    kept.push_back(respond);
  });
  const auto begin = Clock::now();
  const auto answer = client_of(*silent, 1)->request("GET", "/");
  CHECK(answer.error().code == wf::ErrorCode::unavailable);
  CHECK(answer.error().message.find("in time") != std::string::npos);
  CHECK(Clock::now() - begin < 5s);
}

TEST_CASE("an answer that is not HTTP is invalid, one that breaks off unavailable") {
  const auto [said, code] = GENERATE(table<std::string, wf::ErrorCode>(
      {{"SSH-2.0-double\r\n\r\n", wf::ErrorCode::invalid},
       {"", wf::ErrorCode::unavailable},
       {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", wf::ErrorCode::unavailable}}));
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  std::thread thread([&, text = said] {
    const int fd = ::accept(listener, nullptr, nullptr);
    char chunk[4096];
    (void)!::recv(fd, chunk, sizeof chunk, 0);
    (void)!::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    ::close(fd);
  });
  auto client = make_client("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), 5);
  const auto answer = (*client)->request("GET", "/");
  thread.join();
  ::close(listener);
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == code);
}

TEST_CASE("the client's address is checked") {
  for (const char* good : {"http://127.0.0.1:80", "http://localhost:8080/", "http://[::1]:8080"}) {
    INFO(good);
    CHECK(make_client(good).ok());
  }
  for (const char* bad :
       {"", "127.0.0.1:80", "https://x:1", "http://x", "http://x:0", "http://x:65536", "http://x:y",
        "http://:80", "http://x:80/path", "http://a b:80", "http://u@x:80", "http://::1:80"}) {
    INFO(bad);
    CHECK(make_client(bad).error().code == wf::ErrorCode::invalid);
  }
}

TEST_CASE("targets are decoded once and never resolved") {
  auto parsed = [](const char* target) {
    Request request;
    if (!parse_target(target, request)) return std::string("bad");
    std::string text = request.path;
    for (const auto& [name, value] : request.query) text += " [" + name + "=" + value + "]";
    return text;
  };
  CHECK(parsed("/") == "/");
  CHECK(parsed("/a%2Fb") == "/a/b");
  CHECK(parsed("/a%252e") == "/a%2e");
  CHECK(parsed("/a+b?c+d=e+f") == "/a+b [c d=e f]");
  CHECK(parsed("/?a&b=&=c&&d==") == "/ [a=] [b=] [=c] [d==]");
  CHECK(parsed("/x#frag?y=1") == "/x");
  CHECK(parsed("http://example.com/p?q=1") == "/p [q=1]");
  CHECK(parsed("http://example.com") == "/");
  CHECK(parsed("/a..b/...") == "/a..b/...");
  for (const char* bad :
       {"", "a", "*", "/%", "/%4", "/%4g", "/?a=%", "/..", "/a/./b", "/%2e%2e/", "/a%0ab", "?x"}) {
    INFO(bad);
    CHECK(parsed(bad) == "bad");
  }
}
