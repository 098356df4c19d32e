#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "answers.hpp"
#include "runtime/channels/channel.hpp"
#include "script_server.hpp"
#include "tests/support/smtpd.hpp"

using namespace wf::channels;
using wf::test::Answers;
using wf::test::Peer;
using wf::test::ScriptServer;

namespace {

Mail sample(const std::string& key = "wf:a:1:2:3:0") {
  Mail mail;
  mail.key = key;
  mail.from_address = "news@example.com";
  mail.to_address = "kay@example.net";
  mail.subject = "Hello";
  mail.text = "First line\n.dot\nlast\n";
  return mail;
}

using Replies = std::map<std::string, std::string>;

/// A server that answers each verb from `replies` ("greeting", "EHLO", "message"), else kindly. The reply
/// "drop" closes the connection instead; "stall" says nothing for ever; "slow" answers kindly after 300 ms.
class SmtpDouble {
 public:
  explicit SmtpDouble(Replies replies = {})
      : replies_(std::move(replies)), server_([this](Peer& peer) { serve(peer); }) {}

  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(server_.port()); }
  ScriptServer& server() { return server_; }
  std::vector<std::string> messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }

 private:
  bool reply(Peer& peer, const std::string& stage, const std::string& kind) {
    const auto scripted = replies_.find(stage);
    std::string text = scripted == replies_.end() ? kind : scripted->second;
    if (text == "slow") {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      text = kind;
    }
    if (text == "drop") return false;
    if (text == "stall") {
      peer.line();
      return false;
    }
    return peer.say(text + "\r\n");
  }

  void serve(Peer& peer) {
    if (!reply(peer, "greeting", "220 double")) return;
    while (true) {
      const std::string command = peer.line();
      const std::string verb = command.substr(0, 4);
      if (verb.empty()) return;
      if (verb == "QUIT") {
        peer.say("221 bye\r\n");
        return;
      }
      if (!reply(peer, verb, verb == "DATA" ? "354 go on" : verb == "EHLO" ? ehlo() : "250 fine")) return;
      if (verb == "DATA" && !replies_.contains("DATA") && !take_message(peer)) return;
    }
  }

  std::string ehlo() const {
    return replies_.contains("AUTH") ? "250-double\r\n250 AUTH PLAIN" : "250 double";
  }

  bool take_message(Peer& peer) {
    if (replies_.contains("mid-data")) return false;
    const std::string message = peer.until("\r\n.\r\n");
    if (message.empty()) return false;
    {
      const std::lock_guard lock(mutex_);
      messages_.push_back(message);
    }
    return reply(peer, "message", "250 taken");
  }

  Replies replies_;
  std::mutex mutex_;
  std::vector<std::string> messages_;
  ScriptServer server_;  ///< last: its threads use the rest
};

SmtpOptions options(const std::string& url, int connections = 1, int timeout = 5) {
  SmtpOptions out;
  out.url = url;
  out.connections = connections;
  out.timeout_seconds = timeout;
  return out;
}

Answer send_one(SmtpOptions with) {
  const auto channel = make_smtp_channel(with);
  Answers answers;
  channel->send(sample(), answers.done());
  return answers.one();
}

Answer send_one(const SmtpDouble& double_server) {
  return send_one(options(double_server.url()));
}

}  // namespace

TEST_CASE("a mail is delivered and its dots survive") {
  SmtpDouble server;
  const Answer answer = send_one(server);
  CHECK(answer.outcome == Outcome::delivered);
  CHECK(answer.status == 250);
  CHECK(answer.detail == "250 taken");
  REQUIRE(server.messages().size() == 1);
  CHECK(server.messages()[0].find("\r\n=2Edot\r\n") != std::string::npos);
  CHECK(server.messages()[0].find("\r\nMessage-ID: <wf-a-1-2-3-0@example.com>\r\n") != std::string::npos);
}

TEST_CASE("each reply of the server has its outcome") {
  struct Row {
    std::string stage, reply;
    Outcome outcome;
    int status;
  };
  const auto row = GENERATE(values<Row>({
      {"greeting", "421 busy", Outcome::retry, 421},
      {"greeting", "554 closed today", Outcome::retry, 554},
      {"MAIL", "451 later", Outcome::retry, 451},
      {"MAIL", "550 not from you", Outcome::refused, 550},
      {"MAIL", "530 log in first", Outcome::retry, 530},
      {"RCPT", "450 greylisted", Outcome::retry, 450},
      {"RCPT", "550 no such user", Outcome::refused, 550},
      {"DATA", "452 full", Outcome::retry, 452},
      {"DATA", "554 no", Outcome::refused, 554},
      {"message", "451 later", Outcome::retry, 451},
      {"message", "554 spam", Outcome::refused, 554},
  }));
  SmtpDouble server(Replies{{row.stage, row.reply}});
  const Answer answer = send_one(server);
  INFO(row.stage << ": " << row.reply << " → " << answer.detail);
  CHECK(answer.outcome == row.outcome);
  CHECK(answer.status == row.status);
  CHECK(answer.detail == row.reply);
}

TEST_CASE("a lost connection is a retry before the message and uncertain after it") {
  struct Row {
    std::string stage, what;
    Outcome outcome;
  };
  const auto row = GENERATE(values<Row>({
      {"greeting", "drop", Outcome::retry},
      {"EHLO", "drop", Outcome::retry},
      {"MAIL", "drop", Outcome::retry},
      {"RCPT", "drop", Outcome::retry},
      {"DATA", "drop", Outcome::retry},
      {"message", "drop", Outcome::uncertain},
      {"greeting", "stall", Outcome::retry},
      {"DATA", "stall", Outcome::retry},
      {"message", "stall", Outcome::uncertain},
  }));
  SmtpDouble server(Replies{{row.stage, row.what}});
  const Answer answer = send_one(options(server.url(), 1, 1));
  INFO(row.stage << ' ' << row.what << " → " << answer.detail);
  CHECK(answer.outcome == row.outcome);
  CHECK(answer.status == 0);
  CHECK_FALSE(answer.detail.empty());
}

TEST_CASE("a connection lost inside a large message is a retry") {
  SmtpDouble server(Replies{{"mid-data", ""}});
  const auto channel = make_smtp_channel(options(server.url()));
  Mail mail = sample();
  mail.text = std::string(8u << 20, 'x');
  Answers answers;
  channel->send(mail, answers.done());
  CHECK(answers.one().outcome == Outcome::retry);
}

TEST_CASE("a multi-line reply is read to its end") {
  SmtpDouble server(Replies{{"RCPT", "550-first\r\n550 5.1.1 second"}});
  const Answer answer = send_one(server);
  CHECK(answer.outcome == Outcome::refused);
  CHECK(answer.detail == "550 5.1.1 second");
}

TEST_CASE("a wrong password loses no mail") {
  SmtpDouble server(Replies{{"AUTH", "535 who are you"}});
  SmtpOptions with = options(server.url());
  with.user = "robot";
  with.password = "wrong";
  const Answer answer = send_one(with);
  CHECK(answer.outcome == Outcome::retry);
  CHECK(answer.status == 535);
  CHECK(server.messages().empty());
}

TEST_CASE("without TLS nothing is sent when TLS is required") {
  SmtpDouble server;
  SmtpOptions with = options(server.url());
  with.require_tls = true;
  CHECK(send_one(with).outcome == Outcome::retry);
  CHECK(server.messages().empty());
}

TEST_CASE("nobody listening is a retry") {
  std::string url;
  {
    SmtpDouble server;
    url = server.url();
  }
  const Answer answer = send_one(options(url));
  CHECK(answer.outcome == Outcome::retry);
  CHECK(answer.status == 0);
}

TEST_CASE("connections are reused and limited") {
  SmtpDouble server;
  Answers answers;
  const auto channel = make_smtp_channel(options(server.url(), 3));
  for (int i = 0; i < 60; ++i) channel->send(sample("k:" + std::to_string(i)), answers.done());
  const auto all = answers.wait(60);
  REQUIRE(all.size() == 60);
  CHECK(std::all_of(all.begin(), all.end(), [](const Answer& a) { return a.outcome == Outcome::delivered; }));
  CHECK(server.messages().size() == 60);
  CHECK(server.server().most_at_once() <= 3);
  CHECK(server.server().connections() <= 6);
}

TEST_CASE("a slow reply to one message does not hold up the others") {
  SmtpDouble server(Replies{{"message", "slow"}});
  Answers answers;
  const auto start = std::chrono::steady_clock::now();
  const auto channel = make_smtp_channel(options(server.url(), 8));
  for (int i = 0; i < 8; ++i) channel->send(sample("k:" + std::to_string(i)), answers.done());
  CHECK(answers.wait(8).size() == 8);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(1500));  // 2,400 one by one
}

TEST_CASE("a refused mail does not harm those behind it") {
  SmtpDouble server;
  Answers answers;
  const auto channel = make_smtp_channel(options(server.url()));
  Mail bad = sample("bad");
  bad.to_address = "not an address";
  channel->send(bad, answers.done());
  channel->send(sample("good"), answers.done());
  const auto all = answers.wait(2);
  REQUIRE(all.size() == 2);
  CHECK(all[0].outcome == Outcome::refused);
  CHECK(all[1].outcome == Outcome::delivered);
}

TEST_CASE("destruction answers every mail exactly once") {
  SmtpDouble server(Replies{{"message", "stall"}});
  Answers answers;
  {
    const auto channel = make_smtp_channel(options(server.url(), 2, 60));
    for (int i = 0; i < 20; ++i) channel->send(sample("k:" + std::to_string(i)), answers.done());
    for (int i = 0; i < 500 && server.messages().size() < 2; ++i) ::usleep(10'000);
  }
  const auto all = answers.wait(20);
  REQUIRE(all.size() == 20);
  const auto uncertain =
      std::count_if(all.begin(), all.end(), [](const Answer& a) { return a.outcome == Outcome::uncertain; });
  CHECK(uncertain == 2);
  for (const Answer& answer : all) CHECK(answer.detail == "shutting down");
}

TEST_CASE("opensmtpd takes our mails") {
  wf::test::Smtpd server;
  Answers answers;
  const auto channel = make_smtp_channel(options(server.url(), 2));
  constexpr std::size_t kCount = 10;
  for (std::size_t i = 0; i < kCount; ++i) {
    Mail mail = sample("wf:real:" + std::to_string(i));
    mail.subject = "日本語の件名 " + std::to_string(i);
    mail.to_name = "山田 太郎";
    mail.html = "<p>.\n" + std::string(3000, 'w') + "</p>";
    mail.headers = {{"List-Unsubscribe", "<https://example.com/u/1>"}};
    channel->send(mail, answers.done());
  }
  for (const Answer& answer : answers.wait(kCount)) {
    INFO(answer.detail);
    CHECK(answer.outcome == Outcome::delivered);
  }
  const auto mails = server.mails(kCount);
  REQUIRE(mails.size() == kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::string id = "Message-ID: <wf-real-" + std::to_string(i) + "@example.com>";
    const auto with_id = [&](const std::string& text) { return text.find(id) != std::string::npos; };
    CHECK(std::count_if(mails.begin(), mails.end(), with_id) == 1);
  }
  CHECK(mails[0].find("List-Unsubscribe: <https://example.com/u/1>") != std::string::npos);
  CHECK(mails[0].find("multipart/alternative") != std::string::npos);
}
