// The built wfd from outside: its commands, its files, and what a kill leaves.
#include "tests/e2e/daemon/daemon.hpp"

#include <netinet/in.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/api/json.hpp"
#include "runtime/http/server.hpp"
#include "tests/support/process.hpp"

namespace {

using namespace wf;
using namespace std::chrono_literals;

using namespace wf::test;

std::string event(int n) {
  return R"({"type":"form_submitted","source":"web","id":")" + std::to_string(n) +
         R"(","marketing":true,"data":{"form":"ebook","email":"c)" + std::to_string(n) + "@example.com\"}}\n";
}

}  // namespace

TEST_CASE("from a CSV file and an event to a mail, a report and an unsubscription") {
  const Daemon daemon;
  test::Process process = daemon.start({"--public-url", "https://mail.example.com"});
  daemon.write(
      "contacts.csv",
      "\xEF\xBB\xBF"
      "E-mail,firstname,note\r\ntaro@example.com,\"Taro, the first\",x\r\nnobody,Bad,x\r\nshort,row\r\n");

  SECTION("the journey") {
    const std::vector<std::string> import = {
        "import", daemon.path("contacts.csv"), "--map", "E-mail=email,note=-", "--marketing", "yes"};
    const Outcome imported = daemon.run(import);
    CHECK(imported.exit == 1);
    CHECK(has(imported.output, "imported 1, rejected 2"));
    CHECK(has(imported.output, "contacts.csv:3: `email`: `nobody` is not an e-mail address"));
    CHECK(has(imported.output, "contacts.csv:4: the row has 2 cells, the header has 3"));
    CHECK(has(daemon.run(import).output, "imported 1, rejected 2"));  // harmless

    daemon.write(
        "events.ndjson",
        "{\"type\":\"form_submitted\",\"contact\":\"taro@example.com\",\"data\":{\"form\":\"ebook\"}}\n"
        "{broken\n\n{\"type\":\"form_submited\",\"contact\":\"taro@example.com\"}\n");
    const Outcome sent = daemon.run({"events", daemon.path("events.ndjson")});
    CHECK(sent.exit == 1);
    CHECK(has(sent.output, "acknowledged 1, rejected 2"));
    CHECK(has(sent.output, "events.ndjson:2: "));
    CHECK(has(sent.output,
              "events.ndjson:4: there is no event `form_submited`; did you mean `form_submitted`?"));

    REQUIRE(Daemon::eventually([&] { return daemon.mails().size() == 1; }));
    const std::string mail = daemon.mails().front();
    CHECK(has(mail, "Subject: Welcome Taro, the first"));
    CHECK(has(mail, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    const std::string link = "List-Unsubscribe: <https://mail.example.com";
    REQUIRE(has(mail, link));
    const std::size_t at = mail.find(link) + link.size();
    const std::string path = mail.substr(at, mail.find('>', at) - at);

    REQUIRE(Daemon::eventually([&] { return has(daemon.run({"report"}).output, "welcome       1     1"); }));
    CHECK(has(daemon.run({"report", "--format", "json"}).output, R"("subject":"workflow.greet")"));
    CHECK(has(daemon.run({"status"}).output, "events waiting"));
    const Outcome history = daemon.run({"history", "contact", "taro@example.com"});
    CHECK(history.exit == 0);
    CHECK(has(history.output, "mail_sent"));
    CHECK(has(history.output, "greet"));
    CHECK(daemon.run({"history", "contact", "none@example.com"}).exit == 1);

    CHECK(daemon.get(path).first == 200);
    CHECK(daemon.request("POST", path, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
              .first == 200);
    CHECK(Daemon::eventually([&] {
      return has(daemon.get("/v1/records/contact/taro@example.com").second,
                 R"("unsubscribed":["newsletter"])");
    }));
  }
  SECTION("an unknown column stops an import before anything is sent") {
    const Outcome imported = daemon.run({"import", daemon.path("contacts.csv"), "--map", "E-mail=emial"});
    CHECK(imported.exit == 1);
    CHECK(has(imported.output, "there is no property `emial`; did you mean `email`?"));
    CHECK(has(imported.output, "column `note`"));
    CHECK(has(daemon.get("/v1/status").second, R"("accepted":0)"));
    CHECK(daemon.run({"import", daemon.path("contacts.csv"), "--object", "contcat"}).exit == 2);
  }
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

TEST_CASE("after kill -9 everything acknowledged takes effect once") {
  const Daemon daemon;
  test::Process process = daemon.start();
  constexpr int kBatches = 20, kBatch = 10;
  int acknowledged = 0;
  for (int b = 0; b < kBatches; ++b) {
    std::string body;
    for (int n = 0; n < kBatch; ++n) body += event(b * kBatch + n);
    // The second half meets a daemon that dies; what got no answer is sent again.
    if (b == kBatches / 2) {
      process.signal(SIGKILL);
      process.wait();
      process = daemon.start();
    }
    const auto answer = daemon.request("POST", "/v1/events", body, "application/x-ndjson");
    REQUIRE(answer.first == 200);
    acknowledged += kBatch;
    if (b % 3 == 0) CHECK(daemon.request("POST", "/v1/events", body, "application/x-ndjson").first == 200);
  }
  process.signal(SIGKILL);
  CHECK(process.wait() == 128 + SIGKILL);
  process = daemon.start();
  const auto all = static_cast<std::size_t>(acknowledged);
  CHECK(Daemon::eventually([&] { return daemon.mails().size() == all; }));
  CHECK(Daemon::eventually([&] {
    const std::string report = daemon.get("/v1/report").second;
    return has(report, R"("subject":"workflow.greet","metric":"enrolled","detail":"","count":200)") &&
           has(report, R"("subject":"email.welcome","metric":"sent","detail":"","count":200)");
  }));
  CHECK(daemon.mails().size() == all);
}

TEST_CASE("a scaled clock runs through a day in seconds, events follow it, retries survive a kill") {
  const Daemon daemon;
  const std::vector<std::string> clock = {"--speed", "4h/s", "--clock-start", "2026-03-02T09:00:00+09:00"};
  test::Process process = daemon.start(clock);
  std::string lines;
  // Six seconds of lag are a day: later than that an event is history and enrols nobody.
  for (int hour = 12; hour < 20; ++hour) {
    lines += R"({"type":"form_submitted","time":"2026-03-02T)" + std::to_string(hour) +
             R"(:00:00+09:00","marketing":true,"data":{"form":"ebook","email":"h)" + std::to_string(hour) +
             "@example.com\"}}\n";
  }
  daemon.write("events.ndjson", lines);
  test::Process events(
      {WF_WFD, "events", daemon.path("events.ndjson"), "--follow-clock", "--retry", "--url", daemon.url()},
      daemon.path("events.log"));
  REQUIRE(Daemon::eventually([&] { return !daemon.mails().empty(); }));
  process.signal(SIGKILL);
  process.wait();
  process = daemon.start(clock);
  CHECK(events.wait() == 0);
  CHECK(has(test::read_file(daemon.path("events.log")), "acknowledged 8, rejected 0"));
  CHECK(Daemon::eventually([&] { return daemon.mails().size() == 16; }));
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

TEST_CASE("an SMTP server that cannot be reached is tried again, visibly") {
  const Daemon daemon;
  const std::string nowhere = "smtp://127.0.0.1:" + std::to_string(test::free_port());
  test::Process process = daemon.start({"--mail", nowhere});
  REQUIRE(daemon.request("POST", "/v1/events", event(1), "application/x-ndjson").first == 200);
  CHECK(Daemon::eventually([&] { return has(daemon.run({"status"}).output, "mail fails since "); }));
  CHECK(has(daemon.get("/v1/status").second, R"("effects":1)"));
  CHECK(has(daemon.run({"history", "contact", "c1@example.com"}).output, "mail_retry"));
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
  process = daemon.start();  // the same mail leaves by another door
  CHECK(Daemon::eventually([&] { return daemon.mails().size() == 1; }));
}

TEST_CASE("what is gone is listed, tried again and dropped by a person") {
  const Daemon daemon;
  const int nobody = test::free_port();
  daemon.write("project/shop.wf", std::string(kProject) + R"(
webhook ledger { url "http://127.0.0.1:)" +
                                      std::to_string(nobody) +
                                      R"(/" }
workflow sync on contact {
  enroll when form.ebook submitted
  reenroll every time
  call webhook.ledger with (country) on failure retry 1 times over 1 seconds
}
)");
  test::Process process = daemon.start({"--private-webhooks"});
  REQUIRE(daemon.request("POST", "/v1/events", event(1) + event(2), "application/x-ndjson").first == 200);
  REQUIRE(Daemon::eventually([&] { return has(daemon.get("/v1/status").second, R"("dead":2)"); }));
  CHECK(Daemon::eventually([&] { return daemon.mails().size() == 2; }));  // the dead webhook delays no mail
  const Outcome list = daemon.run({"outbox", "--dead"});
  CHECK(list.exit == 0);
  CHECK(has(list.output, "webhook.ledger"));
  CHECK(has(list.output, "c1@example.com"));
  CHECK(has(list.output, "connect"));  // why
  CHECK(has(daemon.run({"status"}).output, "given up"));
  CHECK(daemon.run({"outbox", "retry"}).exit == 2);
  CHECK(daemon.run({"outbox", "discard", "999999"}).exit == 1);
  CHECK(has(daemon.run({"outbox", "retry", "--all", "--workflow", "greet"}).output, "tried again: 0"));
  CHECK(has(daemon.run({"outbox", "discard", "--all", "--workflow", "sync"}).output, "discarded: 2"));
  CHECK(has(daemon.run({"outbox"}).output, "nothing"));
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

TEST_CASE("a copy that is made while the daemon works holds what was acknowledged before") {
  const Daemon daemon;
  test::Process process = daemon.start();
  std::string body;
  for (int n = 0; n < 200; ++n) body += event(n);
  REQUIRE(daemon.request("POST", "/v1/events", body, "application/x-ndjson").first == 200);
  const std::string copy = daemon.path("copy"), again = daemon.path("again");
  const Outcome backup = daemon.run_plain({WF_WFD, "backup", "--data", daemon.path("data"), copy});
  INFO(backup.output);
  REQUIRE(backup.exit == 0);
  CHECK(has(backup.output, "as of frame"));
  CHECK(daemon.run_plain({WF_WFD, "backup", "--data", daemon.path("data"), copy}).exit == 3);
  // The daemon goes on, and its files are as good as before.
  REQUIRE(daemon.request("POST", "/v1/events", event(200), "application/x-ndjson").first == 200);
  process.signal(SIGKILL);
  process.wait();
  process = daemon.start();
  CHECK(Daemon::eventually([&] { return daemon.mails().size() == 201; }));
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);

  CHECK(daemon.run_plain({WF_WFD, "restore", copy, "--data", daemon.path("data")}).exit == 3);  // it is there
  REQUIRE(daemon.run_plain({WF_WFD, "restore", copy, "--data", again}).exit == 0);
  std::filesystem::rename(daemon.path("data/mail"), again + "/mail");
  std::filesystem::remove_all(daemon.path("data"));
  std::filesystem::rename(again, daemon.path("data"));
  process = daemon.start();
  CHECK(Daemon::eventually([&] {
    return has(daemon.get("/v1/report").second,
               R"("subject":"workflow.greet","metric":"enrolled","detail":"","count":200)");
  }));
  // What was sent since the copy is sent again, with the same keys: no mail is there twice.
  CHECK(Daemon::eventually(
      [&] { return has(daemon.get("/v1/report").second, R"("metric":"sent","detail":"","count":200)"); }));
  CHECK(daemon.mails().size() == 201);
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

TEST_CASE("P10 on a disk that fills up nothing is accepted, nothing is lost, and it goes on by itself") {
  const Daemon daemon;
  const std::string data = daemon.path("data");
  std::filesystem::create_directories(data);
  if (::mount("tmpfs", data.c_str(), "tmpfs", 0, "size=64m") != 0) {
    WARN("not run: only root can mount a small file system");
    return;
  }
  {
    test::Process process = daemon.start();
    REQUIRE(daemon.request("POST", "/v1/events", event(1), "application/x-ndjson").first == 200);
    REQUIRE(Daemon::eventually([&] { return std::filesystem::exists(data + "/reserve"); }));
    // All but a little of the space is taken by something else.
    const auto space = std::filesystem::space(data);
    daemon.write("data/filler", std::string(space.available - (1u << 20), 'x'));
    REQUIRE(Daemon::eventually([&] { return has(daemon.run({"status"}).output, "nearly full"); }));
    const auto refused = daemon.request("POST", "/v1/events", event(2), "application/x-ndjson");
    CHECK(refused.first == 507);
    CHECK_FALSE(std::filesystem::exists(data + "/reserve"));  // given up
    CHECK(daemon.get("/healthz").first == 200);
    CHECK(Daemon::eventually([&] { return daemon.mails().size() == 1; }));  // what was accepted goes on
    CHECK(has(daemon.get("/v1/status").second, R"("accepted":1)"));
    std::filesystem::remove(data + "/filler");
    CHECK(Daemon::eventually(
        [&] { return daemon.request("POST", "/v1/events", event(3), "application/x-ndjson").first == 200; }));
    CHECK(Daemon::eventually([&] { return daemon.mails().size() == 2; }));
    process.signal(SIGTERM);
    CHECK(process.wait() == 0);
  }
  CHECK(::umount(data.c_str()) == 0);
}

TEST_CASE("a second SIGTERM does not wait for what is under way, and loses nothing acknowledged") {
  const Daemon daemon;
  // A mail server that takes connections and says nothing.
  const int silent = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  REQUIRE(::bind(silent, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(silent, 16) == 0);
  REQUIRE(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  const std::string mail = "smtp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));

  test::Process process = daemon.start({"--mail", mail, "--drain", "3600"});
  REQUIRE(daemon.request("POST", "/v1/events", event(1), "application/x-ndjson").first == 200);
  const int connection = ::accept(silent, nullptr, nullptr);  // the mail is under way
  process.signal(SIGTERM);
  REQUIRE(Daemon::eventually([&] { return has(test::read_file(daemon.path("log")), "stopping"); }));
  CHECK(process.running());
  process.signal(SIGTERM);
  CHECK(process.wait() == 3);
  CHECK(has(test::read_file(daemon.path("log")), "stopped at once"));
  ::close(connection);
  ::close(silent);

  process = daemon.start();
  CHECK(has(daemon.get("/v1/status").second, R"("accepted":1)"));
  CHECK(Daemon::eventually([&] { return daemon.mails().size() == 1; }));
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

TEST_CASE("P11 a damaged store ends the daemon with 65, at its start and while it runs") {
  const Daemon daemon;
  const std::string journal = daemon.path("data/journal.db");
  {
    std::string events;
    for (int n = 0; n < 50; ++n) events += event(n);
    daemon.write("events.ndjson", events);
    test::Process process = daemon.start({"--check-every", "0.00001"});
    REQUIRE(daemon.run({"events", daemon.path("events.ndjson")}).exit == 0);
    CHECK(Daemon::eventually([&] { return has(daemon.run({"status"}).output, "in order at "); }));
    const Outcome checked = daemon.run_plain({WF_WFD, "check", "--data", daemon.path("data")});
    CHECK(checked.exit == 0);
    CHECK(has(checked.output, "in order: "));
    CHECK(has(checked.output, "50 events"));
    process.signal(SIGTERM);
    CHECK(process.wait() == 0);
  }
  const auto change = [&] {
    std::fstream file(journal, std::ios::in | std::ios::out | std::ios::binary);
    const std::streamoff at = static_cast<std::streamoff>(std::filesystem::file_size(journal)) - 2000;
    file.seekg(at);
    const int byte = file.get();
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 4));
  };
  const std::vector<std::string> serve = {
      WF_WFD,     "serve",      "--data", daemon.path("data"), "--project", daemon.path("project"),
      "--listen", "127.0.0.1:0"};
  SECTION("at its start") {
    change();
    const std::string before = test::read_file(journal);
    const Outcome refused = daemon.run_plain(serve);
    CHECK(refused.exit == 65);
    CHECK(has(refused.output, "journal.db: page "));
    CHECK(has(refused.output, "wfd restore"));
    CHECK(test::read_file(journal) == before);
    const Outcome checked = daemon.run_plain({WF_WFD, "check", "--data", daemon.path("data")});
    CHECK(checked.exit == 65);
    CHECK(has(checked.output, "journal.db: page "));
    CHECK(daemon.run_plain({WF_WFD, "backup", "--data", daemon.path("data"), daemon.path("copy")}).exit ==
          65);
    CHECK_FALSE(std::filesystem::exists(daemon.path("copy")));
  }
  SECTION("while it runs") {
    test::Process process = daemon.start({"--check-every", "0.00001"});
    change();
    REQUIRE(Daemon::eventually([&] { return !process.running(); }));
    CHECK(process.wait() == 65);
    CHECK(has(test::read_file(daemon.path("log")), "the store is damaged"));
    CHECK(has(test::read_file(daemon.path("log")), "journal.db: page "));
  }
}

TEST_CASE("what waits for a person can be asked for and decided about") {
  const Daemon daemon;
  test::Process process = daemon.start();
  CHECK(has(daemon.run({"catchup", "report"}).output, "there was no outage"));
  CHECK(daemon.run({"catchup", "approve"}).exit == 0);
  CHECK(daemon.run({"catchup", "reschedule", "--spread", "soon"}).exit == 3);
  CHECK(daemon.run({"catchup"}).exit == 2);
  CHECK(has(daemon.run({"quarantine"}).output, "nothing is in quarantine"));
  CHECK(daemon.run({"quarantine", "replay"}).exit == 2);
  CHECK(daemon.run({"quarantine", "replay", "5"}).exit == 1);
  CHECK(has(daemon.run({"clock", "accept"}).output, "it was followed already"));
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

TEST_CASE("wrong command lines and damaged data have their exit codes") {
  const Daemon daemon;
  const std::string data = daemon.path("data"), project = daemon.path("project");
  const auto serve = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {WF_WFD, "serve"});
    return daemon.run_plain(more);
  };
  const Outcome missing = serve({"--data", data});
  CHECK(missing.exit == 2);
  CHECK(has(missing.output, "nothing was deployed yet: name a project"));
  const Outcome without = serve({"--project", project});
  CHECK(without.exit == 2);
  CHECK(has(without.output, "--data is required"));
  CHECK(has(without.output, "Usage: wfd serve"));
  CHECK(daemon.run_plain({WF_WFD, "sreve"}).exit == 2);
  const std::vector<std::string> both = {"--data", data, "--project", project};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), both.begin(), both.end());
    return serve(more);
  };
  CHECK(with({"--listen", "0.0.0.0:0"}).exit == 2);
  CHECK(with({"--listen", "nonsense"}).exit == 2);
  CHECK(with({"--speed", "fast"}).exit == 2);
  CHECK(with({"--mail", "ftp://example.com"}).exit == 2);
  CHECK(daemon.run({"status"}).exit == 3);

  daemon.write("project/shop.wf", "workflow { }\n");
  CHECK(with({"--listen", "127.0.0.1:0"}).exit == 1);
  daemon.write("project/shop.wf", kProject);
  {
    test::Process first = daemon.start();
    CHECK(with({"--listen", "127.0.0.1:0"}).exit == 3);  // another daemon owns the data
    first.signal(SIGTERM);
    CHECK(first.wait() == 0);
  }
  for (const char* name : {"data/state.db", "data/journal.db"}) {
    std::string bytes = test::read_file(daemon.path(name));
    std::fill(bytes.begin(), bytes.end(), 'x');
    daemon.write(name, bytes);
  }
  CHECK(with({"--listen", "127.0.0.1:0"}).exit == 65);
}

TEST_CASE("a person pauses, resumes, enrols, tries out and asks why, over the command line") {
  Daemon daemon;
  auto process = daemon.start();
  daemon.write("events.ndjson", event(1) + event(2));
  REQUIRE(daemon.run({"pause", "greet"}).exit == 0);
  REQUIRE(daemon.run({"events", daemon.path("events.ndjson")}).exit == 0);
  CHECK(Daemon::eventually([&] { return has(daemon.run({"workflows"}).output, "came due in the pause"); }));
  CHECK(daemon.mails().empty());
  const auto unknown = daemon.run({"resume", "gret"});
  CHECK(unknown.exit == 1);
  CHECK(has(unknown.output, "did you mean `greet`?"));

  process.signal(SIGKILL);
  process.wait();
  process = daemon.start();
  CHECK(has(daemon.run({"workflows"}).output, "paused"));
  CHECK(daemon.run({"resume", "greet"}).exit == 0);
  CHECK(Daemon::eventually([&] { return daemon.mails().size() == 2; }));

  const auto again = daemon.run({"enroll", "c1@example.com", "greet"});
  CHECK(again.exit == 1);
  CHECK(has(again.output, "enrolled_now"));
  const auto why = daemon.run({"explain", "c1@example.com", "greet"});
  CHECK(why.exit == 0);
  CHECK(has(why.output, "it is enrolled now"));
  CHECK(has(why.output, "send email.welcome"));
  CHECK(daemon.run({"unenroll", "c1@example.com", "greet"}).exit == 0);
  CHECK(daemon.run({"off", "greet", "--drain", "now"}).exit == 0);
  CHECK(Daemon::eventually([&] { return !has(daemon.run({"workflows"}).output, "emptying"); }));
  CHECK(has(daemon.run({"report"}).output, "turned_off"));
  const auto off = daemon.run({"enroll", "c1@example.com", "greet"});
  CHECK(has(off.output, "off"));
  CHECK(daemon.run({"on", "greet"}).exit == 0);

  const auto tried = daemon.run({"try", "greet", "--as", "c1@example.com", "--to", "me@example.com"});
  CHECK(tried.exit == 0);
  CHECK(has(tried.output, "2 mails to the tester"));
  CHECK(Daemon::eventually([&] { return daemon.mails().size() == 4; }));
  std::size_t mine = 0;
  for (const std::string& mail : daemon.mails()) mine += has(mail, "To: me@example.com") ? 1 : 0;
  CHECK(mine == 2);
  daemon.write("who.txt", "c1@example.com\nc9@example.com\n");
  CHECK(has(daemon.run({"enroll", "greet", "--file", daemon.path("who.txt")}).output,
            "job 1 enrols 2 records"));
  CHECK(Daemon::eventually([&] { return has(daemon.run({"jobs"}).output, "finished"); }));
  CHECK(has(daemon.run({"jobs"}).output, "no_record 1"));
}
