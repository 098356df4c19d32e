#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <mutex>

#include "answers.hpp"
#include "runtime/channels/channel.hpp"
#include "runtime/channels/guard.hpp"
#include "runtime/http/server.hpp"
#include "script_server.hpp"

using namespace wf::channels;
using wf::test::Answers;
using wf::test::Peer;
using wf::test::ScriptServer;

namespace {

Call sample(const std::string& url) {
  Call call;
  call.key = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  call.url = url;
  call.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  call.body = R"({"test": 2432232314})";
  call.timestamp = 1'614'265'330'000'000;
  return call;
}

WebhookOptions local(int timeout = 5) {
  WebhookOptions options;
  options.allow_private = true;
  options.timeout_seconds = timeout;
  return options;
}

Answer call_one(const WebhookOptions& options, const Call& call) {
  const auto channel = make_webhook_channel(options);
  Answers answers;
  channel->call(call, answers.done());
  return answers.one();
}

std::string url_of(std::uint16_t port, const std::string& path = "/hook") {
  return "http://127.0.0.1:" + std::to_string(port) + path;
}

/// Answers each connection's first request with `answer` and closes.
ScriptServer::Script saying(const std::string& answer) {
  return [answer](Peer& peer) {
    peer.until("\r\n\r\n");
    peer.until("}");
    peer.say(answer);
  };
}

bool is_private(const std::string& text) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    return is_private_address(reinterpret_cast<const sockaddr*>(&v4));
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  INFO(text);
  REQUIRE(::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1);
  return is_private_address(reinterpret_cast<const sockaddr*>(&v6));
}

}  // namespace

TEST_CASE("the published vector of Standard Webhooks") {
  CHECK(sign_webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                     R"({"test": 2432232314})") == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("a raw secret signs with its bytes, a broken one not at all") {
  // printf 'id.1.{}' | openssl dgst -sha256 -hmac raw -binary | base64
  CHECK(sign_webhook("raw", "id", 1, "{}") == "v1,rga5Vo23+dJvwiwG1d4aLs1lTZG/FVGmWdjRL6h7ocU=");
  CHECK(sign_webhook("whsec_***", "id", 1, "{}").empty());
}

TEST_CASE("a call carries key, time, signature and body") {
  std::mutex mutex;
  std::vector<wf::http::Request> seen;
  wf::http::ServerOptions options;
  options.port = 0;
  auto server = wf::http::start_server(options, [&](wf::http::Request request, wf::http::Respond respond) {
    const std::lock_guard lock(mutex);
    seen.push_back(std::move(request));
    respond({200, "application/json", R"({"ok":true})", {}});
  });
  REQUIRE(server.ok());
  const Answer answer = call_one(local(), sample(url_of((*server)->port())));
  CHECK(answer.outcome == Outcome::delivered);
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"ok":true})");
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].method == "POST");
  CHECK(seen[0].path == "/hook");
  CHECK(seen[0].body == R"({"test": 2432232314})");
  CHECK(seen[0].header("webhook-id") == "msg_p5jXN8AQM9LWM0D4loKWxJek");
  CHECK(seen[0].header("idempotency-key") == "msg_p5jXN8AQM9LWM0D4loKWxJek");
  CHECK(seen[0].header("webhook-timestamp") == "1614265330");
  CHECK(seen[0].header("webhook-signature") == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  CHECK(seen[0].header("content-type") == "application/json");
}

TEST_CASE("an unsigned call has no signature") {
  std::string head;
  ScriptServer server([&](Peer& peer) {
    head = peer.until("\r\n\r\n");
    peer.until("}");
    peer.say("HTTP/1.1 204 No Content\r\n\r\n");
  });
  Call call = sample(url_of(server.port()));
  call.secret.clear();
  CHECK(call_one(local(), call).outcome == Outcome::delivered);
  CHECK(head.find("webhook-id") != std::string::npos);
  CHECK(head.find("webhook-signature") == std::string::npos);
}

TEST_CASE("each status has its outcome") {
  const auto [status, outcome] = GENERATE(table<int, Outcome>({{200, Outcome::delivered},
                                                               {202, Outcome::delivered},
                                                               {301, Outcome::refused},
                                                               {307, Outcome::refused},
                                                               {400, Outcome::refused},
                                                               {404, Outcome::refused},
                                                               {410, Outcome::refused},
                                                               {429, Outcome::retry},
                                                               {500, Outcome::retry},
                                                               {503, Outcome::retry}}));
  ScriptServer elsewhere([](Peer& peer) { peer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); });
  ScriptServer server(saying("HTTP/1.1 " + std::to_string(status) + " Status\r\nLocation: " +
                             url_of(elsewhere.port()) + "\r\nContent-Length: 4\r\n\r\nbody"));
  const Answer answer = call_one(local(), sample(url_of(server.port())));
  CHECK(answer.outcome == outcome);
  CHECK(answer.status == status);
  CHECK(answer.body == "body");
  CHECK(answer.detail == "HTTP " + std::to_string(status));
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("an endless answer is cut at 1 MiB") {
  ScriptServer server([](Peer& peer) {
    peer.until("}");
    peer.say("HTTP/1.1 200 OK\r\n\r\n");
    const std::string block(64 << 10, 'x');
    while (peer.say(block)) {
    }
  });
  const Answer answer = call_one(local(), sample(url_of(server.port())));
  CHECK(answer.outcome == Outcome::delivered);
  CHECK(answer.body.size() == 1u << 20);
  CHECK(answer.detail == "HTTP 200, answer cut after 1 MiB");
}

TEST_CASE("an answer of exactly 1 MiB is whole") {
  ScriptServer server(saying("HTTP/1.1 200 OK\r\n\r\n" + std::string(1 << 20, 'x')));
  const Answer answer = call_one(local(), sample(url_of(server.port())));
  CHECK(answer.detail == "HTTP 200");
  CHECK(answer.body.size() == 1u << 20);
}

TEST_CASE("no final status is a retry") {
  const std::string said = GENERATE(as<std::string>(), "", "HTTP/1.1 100 Continue\r\n\r\n",
                                    "SSH-2.0-x\r\n\r\n", "HTTP/1.1 2", "stall");
  ScriptServer server([&](Peer& peer) {
    peer.until("}");
    if (said == "stall") {
      peer.line();
    } else {
      peer.say(said);
    }
  });
  const Answer answer = call_one(local(1), sample(url_of(server.port())));
  INFO(said << " → " << answer.detail);
  CHECK(answer.outcome == Outcome::retry);
  CHECK_FALSE(answer.detail.empty());
}

TEST_CASE("a slow answer after the status still counts as delivered") {
  ScriptServer server([](Peer& peer) {
    peer.until("}");
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nab");
    peer.line();
  });
  const Answer answer = call_one(local(1), sample(url_of(server.port())));
  CHECK(answer.outcome == Outcome::delivered);
  CHECK(answer.body == "ab");
  CHECK(answer.detail.starts_with("HTTP 200, answer incomplete"));
}

TEST_CASE("private addresses are never connected to") {
  ScriptServer server(saying("HTTP/1.1 200 OK\r\n\r\n"));
  WebhookOptions options;
  options.timeout_seconds = 5;
  options.public_ports = {server.port()};
  const std::string host = GENERATE(as<std::string>(), "127.0.0.1", "localhost", "2130706433", "0x7f.1",
                                    "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]");
  const Answer answer =
      call_one(options, sample("http://" + host + ':' + std::to_string(server.port()) + '/'));
  INFO(host << " → " << answer.detail);
  CHECK(answer.outcome == Outcome::refused);
  CHECK(answer.detail == "the address is not public");
  CHECK(server.connections() == 0);
}

TEST_CASE("the ranges that a webhook may not reach") {
  for (const char* bad : {"0.0.0.0",
                          "0.1.2.3",
                          "10.0.0.1",
                          "10.255.255.255",
                          "100.64.0.1",
                          "100.127.255.255",
                          "127.0.0.1",
                          "127.255.255.254",
                          "169.254.169.254",
                          "172.16.0.1",
                          "172.31.255.255",
                          "192.168.1.1",
                          "198.18.0.1",
                          "198.19.255.255",
                          "224.0.0.1",
                          "240.0.0.1",
                          "255.255.255.255",
                          "::",
                          "::1",
                          "fc00::1",
                          "fdff::1",
                          "fe80::1",
                          "fec0::1",
                          "ff02::1",
                          "::ffff:10.0.0.1",
                          "::ffff:169.254.169.254",
                          "::127.0.0.1",
                          "64:ff9b::7f00:1",
                          "2002:7f00:1::",
                          "2001::1",
                          "2001:db8::1"}) {
    INFO(bad);
    CHECK(is_private(bad));
  }
  for (const char* good :
       {"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.0.0.1", "128.0.0.1",
        "169.253.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1", "192.169.0.1", "198.17.0.1", "198.20.0.1",
        "223.255.255.255", "2606:4700::1", "2001:4860::1", "::ffff:8.8.8.8"}) {
    INFO(good);
    CHECK_FALSE(is_private(good));
  }
  sockaddr other{};
  other.sa_family = AF_UNIX;
  CHECK(is_private_address(&other));
}

TEST_CASE("URLs and keys that cannot be sent are refused at once") {
  const auto [url, detail] = GENERATE(table<std::string, std::string>({
      {"ftp://example.com/", "the scheme is neither http nor https"},
      {"file:///etc/passwd", "the scheme is neither http nor https"},
      {"gopher://example.com/", "the scheme is neither http nor https"},
      {"https://user@example.com/", "the URL holds a user or password"},
      {"https://user:pw@example.com/", "the URL holds a user or password"},
      {"https://example.com/a\r\nb", "not a URL"},
      {"https://exa mple.com/", "not a URL"},
      {"", "not a URL"},
      {"https://", "not a URL"},
      {"https://example.com:22/", "the port 22 is not allowed"},
  }));
  const Answer answer = call_one({}, sample(url));
  CHECK(answer.outcome == Outcome::refused);
  CHECK(answer.detail == detail);
}

TEST_CASE("a key that would break the header is refused, a broken secret waits for the operator") {
  Call call = sample("https://example.com/");
  call.key = "a\r\nX: y";
  CHECK(call_one({}, call).outcome == Outcome::refused);
  call = sample("https://example.com/");
  call.secret = "whsec_!!!";
  CHECK(call_one({}, call).outcome == Outcome::retry);
}

TEST_CASE("a stuck host delays only itself") {
  ScriptServer stuck([](Peer& peer) {
    while (!peer.line().empty()) {
    }
    peer.line();
  });
  ScriptServer fine(saying("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
  WebhookOptions options = local(30);
  options.connections = 4;
  options.per_host = 2;
  Answers of_stuck, of_fine;
  {
    const auto channel = make_webhook_channel(options);
    for (int i = 0; i < 10; ++i) channel->call(sample(url_of(stuck.port())), of_stuck.done());
    for (int i = 0; i < 50; ++i) channel->call(sample(url_of(fine.port())), of_fine.done());
    const auto all = of_fine.wait(50);
    CHECK(all.size() == 50);
    CHECK(
        std::all_of(all.begin(), all.end(), [](const Answer& a) { return a.outcome == Outcome::delivered; }));
    CHECK(stuck.connections() == 2);
    CHECK(fine.most_at_once() <= 3);  // a closing connection may overlap with the next
  }
  const auto left = of_stuck.wait(10);
  REQUIRE(left.size() == 10);
  CHECK(std::all_of(left.begin(), left.end(), [](const Answer& a) {
    return a.outcome == Outcome::retry && a.detail == "shutting down";
  }));
}

TEST_CASE("an answer may start the next call") {
  ScriptServer server(saying("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
  Answers last;
  const auto channel = make_webhook_channel(local());
  std::function<void(int)> chain = [&](int left) {
    channel->call(
        sample(url_of(server.port())), left == 0 ? last.done() : [&, left](Answer) { chain(left - 1); });
  };
  chain(5);
  CHECK(last.one().outcome == Outcome::delivered);
  CHECK(server.connections() == 6);
}
