// Deploying to a running daemon with the built wfc and wfd: plan, deploy, roll back, reload, restart.
#include <signal.h>

#include "tests/e2e/daemon/daemon.hpp"

using namespace wf;
using namespace wf::test;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

/// The project with a reminder after the first wait.
std::string longer() {
  return replaced(kProject, "send email.later", "send email.later\n  wait 2 days\n  send email.welcome");
}

Outcome wfc(const Daemon& daemon, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), WF_WFC);
  return daemon.run_plain(arguments);
}

void submit(const Daemon& daemon, const std::string& who) {
  const auto [status, body] =
      daemon.request("POST", "/v1/events",
                     R"({"type":"form_submitted","marketing":true,"data":{"form":"ebook","email":")" + who +
                         "@example.com\"}}");
  INFO(body);
  REQUIRE(status == 200);
  REQUIRE(Daemon::eventually(
      [&] { return has(daemon.get("/v1/records/contact/" + who + "@example.com").second, "wait 1 day"); }));
}

}  // namespace

TEST_CASE("plan, deploy what was planned, list, roll back, and restart") {
  Daemon daemon;
  daemon.write("next/shop.wf", longer());
  const std::string next = daemon.path("next"), plan = daemon.path("plan.json");
  test::Process process = daemon.start();
  submit(daemon, "taro");

  const Outcome planned =
      wfc(daemon, {"plan", next, "--against", daemon.url(), "--out", plan, "--detailed-exitcode"});
  INFO(planned.output);
  CHECK(planned.exit == 2);
  CHECK(has(planned.output, "workflow.greet  1 running, on deploy pin"));
  CHECK(has(planned.output, "compatible"));
  CHECK(has(planned.output, "stay on the code they have"));
  CHECK(has(planned.output, "marketing mails 2 -> 3 at most in 7d"));

  const Outcome deployed =
      wfc(daemon, {"deploy", next, "--to", daemon.url(), "--plan", plan, "--note", "a reminder & more"});
  INFO(deployed.output);
  CHECK(deployed.exit == 0);
  CHECK(has(deployed.output, "version 2 is active"));
  const Outcome again = wfc(daemon, {"deploy", next, "--to", daemon.url()});
  CHECK(has(again.output, "nothing to do: version 2"));
  CHECK(wfc(daemon, {"plan", next, "--against", daemon.url(), "--detailed-exitcode"}).exit == 0);

  // The plan was made against version 1.
  const Outcome late = wfc(daemon, {"deploy", next, "--to", daemon.url(), "--plan", plan});
  CHECK(late.exit == 1);
  CHECK(has(late.output, "the daemon has moved on"));

  const Outcome versions = daemon.run({"versions"});
  CHECK(versions.exit == 0);
  CHECK(has(versions.output, "a reminder & more"));
  CHECK(has(versions.output, "active"));

  // The project in its folder is still that of the last start: what was deployed goes on.
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
  process = daemon.start();
  CHECK(has(daemon.get("/v1/versions").second, "\"number\":2"));
  CHECK(!has(daemon.get("/v1/versions").second, "\"number\":3"));

  const Outcome back = daemon.run({"rollback"});
  CHECK(back.exit == 0);
  CHECK(has(back.output, "version 3 is active: rolled back to version 1"));
  CHECK(daemon.run({"rollback", "17"}).exit == 1);
  process.signal(SIGKILL);
  process.wait();
  process = daemon.start();
  CHECK(has(daemon.get("/v1/versions").second, "\"number\":3"));
  CHECK(has(daemon.get("/v1/records/contact/taro@example.com").second, "wait 1 day"));
}

TEST_CASE("a broken or hostile bundle changes nothing") {
  Daemon daemon;
  test::Process process = daemon.start();
  daemon.write("broken/shop.wf", "workflow {\n");
  const Outcome broken = wfc(daemon, {"deploy", daemon.path("broken"), "--to", daemon.url()});
  CHECK(broken.exit == 1);
  const std::string type = "application/vnd.wf.bundle";
  CHECK(daemon.request("POST", "/v1/versions", "no bundle at all", type).first == 400);
  CHECK(daemon.request("POST", "/v1/versions", std::string(1'000'000, '\0'), type).first == 400);
  CHECK(daemon.request("POST", "/v1/versions", "{}", "text/plain").first == 415);
  CHECK(daemon.request("POST", "/v1/surveys", "WFB", type).first == 400);
  CHECK(daemon.get("/v1/bundles/nothing").first == 404);
  CHECK(daemon.request("POST", "/v1/rollback", "{\"version\":0}").first == 404);
  CHECK(!has(daemon.get("/v1/versions").second, "\"number\":2"));
  submit(daemon, "taro");
}

TEST_CASE("SIGHUP and --watch read the project again; a broken one keeps what runs and tells why") {
  Daemon daemon;
  const bool watches = GENERATE(false, true);
  test::Process process =
      daemon.start(watches ? std::vector<std::string>{"--watch"} : std::vector<std::string>{});
  const auto reload = [&] {
    if (!watches) process.signal(SIGHUP);
  };
  const auto log = [&] { return test::read_file(daemon.path("log")); };
  daemon.write("project/shop.wf", "workflow {\n");
  reload();
  CHECK(Daemon::eventually([&] { return has(log(), "the version before goes on"); }));
  submit(daemon, "taro");
  daemon.write("project/shop.wf",
               replaced(longer(), "form ebook",
                        "form fresh { fields (email required); creates contact }\nform ebook"));
  reload();
  CHECK(Daemon::eventually([&] { return has(daemon.get("/v1/versions").second, "\"number\":2"); }));
  // The door knows the new form at once.
  const std::string event = R"({"type":"form_submitted","data":{"form":"fresh","email":"new@example.com"}})";
  CHECK(Daemon::eventually([&] { return daemon.request("POST", "/v1/events", event).first == 200; }));
  submit(daemon, "jiro");
}
