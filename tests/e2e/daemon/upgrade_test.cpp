// P18 from outside: a store of an earlier format under the built wfd, raised, and one of a newer format.
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "runtime/store/sqlite.hpp"
#include "runtime/store/store.hpp"
#include "tests/e2e/daemon/daemon.hpp"

namespace {

using namespace wf;
using namespace wf::test;

std::string event(int n) {
  return R"({"type":"form_submitted","source":"web","id":")" + std::to_string(n) +
         R"(","marketing":true,"data":{"form":"ebook","email":"c)" + std::to_string(n) + "@example.com\"}}\n";
}

/// The daemon takes an event and sends the mail for it; `look` sees it meanwhile.
template <class Look>
void work(const Daemon& daemon, int n, Look look) {
  Process process = daemon.start();
  REQUIRE(daemon.request("POST", "/v1/events", event(n), "application/x-ndjson").first == 200);
  CHECK(Daemon::eventually([&] { return daemon.mails().size() == static_cast<std::size_t>(n); }));
  look();
  process.signal(SIGTERM);
  CHECK(process.wait() == 0);
}

}  // namespace

TEST_CASE("P18 a store of format 1 works, is raised by finalize-upgrade, and works on with checksums") {
  const Daemon daemon;
  const std::string data = daemon.path("data");
  const std::vector<std::string> finalize = {WF_WFD, "finalize-upgrade", "--data", data};
  const std::vector<std::string> check = {WF_WFD, "check", "--data", data};
  store::OpenOptions first;
  first.format = 1;
  REQUIRE(store::open_store("sqlite:" + data, first).ok());

  work(daemon, 1, [&] {
    CHECK(has(read_file(daemon.path("log")), "the store has format 1"));
    CHECK(has(daemon.run({"status"}).output, "`wfd finalize-upgrade` brings format 2"));
    const Outcome refused = daemon.run_plain(finalize);
    CHECK(refused.exit == 3);
    CHECK(has(refused.output, "another process holds the store"));
  });
  CHECK(has(daemon.run_plain(check).output, "was made before pages had checksums"));

  const Outcome raised = daemon.run_plain(finalize);
  INFO(raised.output);
  CHECK(raised.exit == 0);
  CHECK(has(raised.output, "needs up to "));
  CHECK(has(raised.output, "verifying the new journal.db"));
  CHECK(has(raised.output, "the store as it was is kept in " + data + "/format-1"));
  CHECK(has(raised.output, "the store has format 2 now; programs that know only format 1 refuse it"));
  const auto earlier = store::open_store("sqlite:" + data, first);
  REQUIRE_FALSE(earlier.ok());
  CHECK(earlier.error().code == ErrorCode::unsupported);
  CHECK(store::open_store("sqlite:" + data + "/format-1", first).ok());
  CHECK_FALSE(has(daemon.run_plain(check).output, "was made before pages had checksums"));

  work(daemon, 2, [&] { CHECK_FALSE(has(daemon.run({"status"}).output, "store format")); });
  const Outcome again = daemon.run_plain(finalize);
  CHECK(again.exit == 0);
  CHECK(has(again.output, "the store has format 2 already: nothing to do"));
  CHECK(daemon.run_plain(check).exit == 0);
}

TEST_CASE("P18 finalize-upgrade keeps no copy when told so, and says what it lacks") {
  const Daemon daemon;
  const std::string data = daemon.path("data");
  store::OpenOptions first;
  first.format = 1;
  const Outcome none = daemon.run_plain({WF_WFD, "finalize-upgrade", "--data", data});
  CHECK(none.exit == 3);
  CHECK(has(none.output, "there is no " + data));
  REQUIRE(store::open_store("sqlite:" + data, first).ok());
  CHECK(daemon.run_plain({WF_WFD, "finalize-upgrade", "--data", data, "--no-copy"}).exit == 0);
  CHECK_FALSE(std::filesystem::exists(data + "/format-1"));
  CHECK(daemon.run_plain({WF_WFD, "finalize-upgrade"}).exit == 2);
}

TEST_CASE("P18 a store of a newer format is refused with 3, and left as it is") {
  const Daemon daemon;
  const std::string data = daemon.path("data");
  work(daemon, 1, [] {});
  {
    store::Connection file;
    REQUIRE(file.open(data + "/state.db", store::Connection::Role::writer, 1024).ok());
    REQUIRE(file.exec("UPDATE schema SET version = 99").ok());
  }
  const std::string before = read_file(data + "/state.db");
  for (const char* command : {"serve", "finalize-upgrade", "check"}) {
    std::vector<std::string> arguments = {WF_WFD, command, "--data", data};
    if (command == std::string("serve"))
      arguments.insert(arguments.end(), {"--project", daemon.path("project"), "--listen", "127.0.0.1:0"});
    const Outcome refused = daemon.run_plain(arguments);
    INFO(command << ": " << refused.output);
    CHECK(refused.exit == 3);
    CHECK(has(refused.output, "state.db has format 99, and this program knows up to 2: use a newer one"));
  }
  CHECK(read_file(data + "/state.db") == before);
}
