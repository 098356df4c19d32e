// wfd status: what the daemon is doing.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

struct Line {
  const char* label;
  const char* member;
};
constexpr Line kLines[] = {
    {"project", "project"},
    {"clock", "clock"},
    {"events accepted", "accepted"},
    {"events worked off", "consumed"},
    {"events waiting", "backlog"},
    {"timers", "timers"},
    {"mails and calls waiting", "effects"},
    {"  handed over, no answer yet", "in_flight"},
    {"  uncertain, held", "held"},
    {"  given up", "dead"},
    {"  late after an outage, held", "late"},
    {"in quarantine", "quarantined"},
    {"disk", "disk"},
    {"store", "store_check"},
    {"store format", "store_format"},
    {"last error", "last_error"},
};

void print(const value::Value& body) {
  for (const Line& line : kLines) {
    const std::string text = api::text_member(body, line.member);
    if (!text.empty()) std::printf("%-29s %s\n", line.label, text.c_str());
  }
  const std::string state = api::text_member(body, "clock_state");
  if (state == "suspect") {
    std::printf(
        "the machine's clock has jumped to %s and is not believed: `wfd clock accept` if it is right\n",
        api::text_member(body, "machine_clock").c_str());
  } else if (state == "waits") {
    std::printf("the machine's clock was set back to %s: time stands still until it has caught up\n",
                api::text_member(body, "machine_clock").c_str());
  }
  if (const value::Value* closed = api::member(body, "closed");
      closed && closed->kind() == value::Kind::map) {
    for (const auto& [name, until] : closed->as_map()) {
      std::printf("%s fails again and again: left alone until %s\n", name.c_str(),
                  std::string(until.as_text()).c_str());
    }
  }
  if (const value::Value* gone = api::member(body, "gone"); gone && gone->kind() == value::Kind::list) {
    for (const value::Value& name : gone->as_list()) {
      std::printf("%s has answered 410 Gone: it is called no more; `wfd outbox retry` calls it again\n",
                  std::string(name.as_text()).c_str());
    }
  }
  const value::Value* channels = api::member(body, "channels");
  if (channels == nullptr || channels->kind() != value::Kind::map) return;
  for (const auto& [channel, failure] : channels->as_map()) {
    std::printf("%s fails since %s (%s times): %s\n", channel.c_str(),
                api::text_member(failure, "failing_since").c_str(),
                api::text_member(failure, "failures").c_str(), api::text_member(failure, "detail").c_str());
  }
}

}  // namespace

void add_status(CLI::App& app, int& exit) {
  auto options = std::make_shared<RemoteOptions>();
  CLI::App* command = app.add_subcommand("status", "Shows the daemon's figures and what fails");
  add_remote_options(*command, *options);
  command->callback([options, &exit] { exit = show(*options, "/v1/status", print); });
}

}  // namespace wf::wfd
