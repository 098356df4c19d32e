// wfd outbox: what has not been delivered, and what a person decides about it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

struct OutboxArguments {
  RemoteOptions remote;
  bool dead = false, held = false, all = false;
  std::string workflow;
  std::vector<std::uint64_t> ids;
};

void print(const value::Value& body) {
  std::vector<std::vector<std::string>> rows = {
      {"id", "state", "what", "workflow", "record", "tries", "due", "reason"}};
  for (const value::Value& item : api::list_member(body, "items")) {
    rows.push_back({std::to_string(api::integer_member(item, "id")), api::text_member(item, "state"),
                    api::text_member(item, "subject"), api::text_member(item, "workflow"),
                    api::text_member(item, "record"), std::to_string(api::integer_member(item, "attempts")),
                    api::text_member(item, "next_at"), api::text_member(item, "reason")});
  }
  if (rows.size() == 1) {
    std::puts("nothing");
  } else {
    print_table(rows);
  }
}

const char* state_of(const OutboxArguments& arguments) {
  return arguments.dead ? "dead" : arguments.held ? "held" : "all";
}

/// The body of a decision; `state` is what --all is about.
std::string choice(const OutboxArguments& arguments, const char* state) {
  using value::Value;
  value::Map body;
  if (arguments.ids.empty()) {
    body.emplace_back("state", Value::text(state));
    if (!arguments.workflow.empty()) body.emplace_back("workflow", Value::text(arguments.workflow));
  } else {
    value::List ids;
    for (const std::uint64_t id : arguments.ids) ids.push_back(Value::integer(static_cast<std::int64_t>(id)));
    body.emplace_back("ids", Value::list(std::move(ids)));
  }
  return api::to_json(Value::map(std::move(body)));
}

int decide(const OutboxArguments& arguments, const std::string& what, const char* told) {
  auto client = http::make_client(arguments.remote.url);
  if (!client) return fail(client.error());
  std::vector<const char*> states = {"dead", "held"};
  if (arguments.dead || arguments.held || !arguments.ids.empty()) states = {state_of(arguments)};
  std::int64_t total = 0;
  for (const char* state : states) {
    // The daemon changes so many at once as fit into one commit.
    for (std::int64_t changed = 1; changed > 0; total += changed) {
      const auto answer = post(**client, "/v1/outbox/" + what, choice(arguments, state));
      if (!answer) return fail(answer.error());
      changed = api::integer_member(answer->body, "changed");
      if (!arguments.ids.empty()) {
        total += changed;
        break;
      }
    }
  }
  std::printf("%s %lld\n", told, static_cast<long long>(total));
  return arguments.ids.empty() || total > 0 ? kOk : kProblems;
}

void add_decision(CLI::App& outbox, int& exit, const char* what, const char* help, const char* told) {
  auto arguments = std::make_shared<OutboxArguments>();
  CLI::App* command = outbox.add_subcommand(what, help);
  CLI::Option* ids = command->add_option("id", arguments->ids, "Numbers from `wfd outbox`")->type_name("ID");
  CLI::Option* all = command->add_flag("--all", arguments->all, "Everything given up or held");
  ids->excludes(all);
  CLI::Option* dead = command->add_flag("--dead", arguments->dead, "With --all: only what was given up");
  command->add_flag("--held", arguments->held, "With --all: only what is held")->excludes(dead);
  command->add_option("--workflow", arguments->workflow, "With --all: only what this workflow sends")
      ->needs(all)
      ->type_name("NAME");
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, &exit, what, told] {
    if (arguments->ids.empty() && !arguments->all)
      throw CLI::ValidationError(std::string("outbox ") + what, "say which: numbers, or --all");
    exit = decide(*arguments, what, told);
  });
}

}  // namespace

void add_outbox(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<OutboxArguments>();
  CLI::App* command = app.add_subcommand(
      "outbox", "Shows mails and calls that have not been delivered, and decides about them");
  CLI::Option* dead = command->add_flag("--dead", arguments->dead, "Only what was given up");
  command->add_flag("--held", arguments->held, "Only what waits for a decision")->excludes(dead);
  command->add_option("--workflow", arguments->workflow, "Only what this workflow sends")->type_name("NAME");
  add_remote_options(*command, arguments->remote);
  command->require_subcommand(0, 1);
  add_decision(*command, exit, "retry", "Tries again what was given up or held, under the same keys",
               "tried again:");
  add_decision(*command, exit, "discard", "Drops what was given up or held for ever", "discarded:");
  command->callback([command, arguments, &exit] {
    if (!command->get_subcommands().empty()) return;
    std::string target = std::string("/v1/outbox?limit=1000&state=") + state_of(*arguments);
    if (!arguments->workflow.empty()) target += "&workflow=" + encode_segment(arguments->workflow);
    exit = show(arguments->remote, target, print);
  });
}

}  // namespace wf::wfd
