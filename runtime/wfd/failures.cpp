// wfd quarantine, wfd catchup, wfd clock: what waits for a person's decision.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

using value::Value;

namespace {

void print_quarantine(const Value& body) {
  std::vector<std::vector<std::string>> rows = {{"id", "since", "what", "reason"}};
  for (const Value& item : api::list_member(body, "items")) {
    rows.push_back({std::to_string(api::integer_member(item, "id")), api::text_member(item, "at"),
                    api::text_member(item, "what"), api::text_member(item, "reason")});
  }
  if (rows.size() == 1) {
    std::puts("nothing is in quarantine");
  } else {
    print_table(rows);
  }
}

void print_catchup(const Value& body) {
  const std::string from = api::text_member(body, "from"), state = api::text_member(body, "state");
  if (from.empty()) {
    std::puts("there was no outage");
    return;
  }
  std::printf("outage   %s to %s\nstate    %s\n", from.c_str(), api::text_member(body, "to").c_str(),
              state.c_str());
  std::vector<std::vector<std::string>> rows = {{"workflow", "mail", "held"}};
  for (const Value& item : api::list_member(body, "held")) {
    rows.push_back({api::text_member(item, "workflow"), api::text_member(item, "subject"),
                    std::to_string(api::integer_member(item, "count"))});
  }
  if (rows.size() > 1) print_table(rows);
  if (state == "holding") std::puts("`wfd catchup approve`, `skip` or `reschedule --spread 24h` decides");
}

struct QuarantineArguments {
  RemoteOptions remote;
  bool all = false;
  std::vector<std::uint64_t> ids;
};

/// One by one: an entry that fails again keeps nothing else from being worked on.
int decide(QuarantineArguments arguments, bool discard) {
  auto client = http::make_client(arguments.remote.url);
  if (!client) return fail(client.error());
  if (arguments.all) {
    const auto listed = get(**client, "/v1/quarantine");
    if (!listed) return fail(listed.error());
    for (const Value& item : api::list_member(listed->body, "items"))
      arguments.ids.push_back(static_cast<std::uint64_t>(api::integer_member(item, "id")));
  }
  int exit = kOk;
  for (const std::uint64_t id : arguments.ids) {
    const Value one = Value::list({Value::integer(static_cast<std::int64_t>(id))});
    const int done =
        operate(arguments.remote, "quarantine", {{"ids", one}, {"discard", Value::boolean(discard)}});
    if (done != kOk) exit = done;
  }
  return exit;
}

void add_decision(CLI::App& app, int& exit, const char* name, const char* help, bool discard) {
  auto arguments = std::make_shared<QuarantineArguments>();
  CLI::App* command = app.add_subcommand(name, help);
  CLI::Option* ids =
      command->add_option("id", arguments->ids, "Numbers from `wfd quarantine`")->type_name("ID");
  command->add_flag("--all", arguments->all, "Everything in quarantine")->excludes(ids);
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, name, discard, &exit] {
    if (arguments->ids.empty() && !arguments->all)
      throw CLI::ValidationError(std::string("quarantine ") + name, "say which: numbers, or --all");
    exit = decide(*arguments, discard);
  });
}

void add_catchup_decision(CLI::App& app, int& exit, const char* name, const char* help) {
  struct Arguments {
    RemoteOptions remote;
    std::string spread = "24h";
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(name, help);
  if (std::string_view(name) == "reschedule") {
    command->add_option("--spread", arguments->spread, "Over how long")->type_name("DURATION");
  }
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, name, &exit] {
    exit = operate(arguments->remote, "catchup",
                   {{"decision", Value::text(name)}, {"spread", Value::text(arguments->spread)}});
  });
}

}  // namespace

void add_quarantine(CLI::App& app, int& exit) {
  auto options = std::make_shared<RemoteOptions>();
  CLI::App* command = app.add_subcommand("quarantine", "Shows inputs and timers that could not be worked on");
  add_remote_options(*command, *options);
  command->require_subcommand(0, 1);
  add_decision(*command, exit, "replay", "Works on them again", false);
  add_decision(*command, exit, "discard", "Drops them for ever", true);
  command->callback([command, options, &exit] {
    if (command->get_subcommands().empty()) exit = show(*options, "/v1/quarantine", print_quarantine);
  });
}

void add_catchup(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand("catchup", "Decides about marketing mails that an outage made late");
  command->require_subcommand(1);
  auto options = std::make_shared<RemoteOptions>();
  CLI::App* report = command->add_subcommand("report", "Shows the outage and what is held because of it");
  add_remote_options(*report, *options);
  report->callback([options, &exit] { exit = show(*options, "/v1/catchup", print_catchup); });
  add_catchup_decision(*command, exit, "approve", "Sends them, slowly at first");
  add_catchup_decision(*command, exit, "skip", "Never sends them");
  add_catchup_decision(*command, exit, "reschedule", "Sends them spread over a time");
}

void add_clock(CLI::App& app, int& exit) {
  CLI::App* command = app.add_subcommand("clock", "Decides about a machine clock that has jumped");
  command->require_subcommand(1);
  auto options = std::make_shared<RemoteOptions>();
  CLI::App* accept = command->add_subcommand("accept", "The clock of the machine is right: follow it");
  add_remote_options(*accept, *options);
  accept->callback([options, &exit] {
    auto client = http::make_client(options->url);
    if (!client) {
      exit = fail(client.error());
      return;
    }
    const auto answer = post(**client, "/v1/clock/accept", "{}");
    if (!answer) {
      exit = fail(answer.error());
      return;
    }
    std::printf("%s; the clock shows %s\n",
                api::integer_member(answer->body, "changed") != 0 ? "accepted" : "it was followed already",
                api::text_member(answer->body, "clock").c_str());
  });
}

}  // namespace wf::wfd
