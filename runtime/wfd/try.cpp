// wfd try WORKFLOW --as RECORD --to ADDRESS: the workflow on a copy of a record; mails go to the tester.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

struct TryArguments {
  RemoteOptions remote;
  std::string workflow, record, to;
};

bool is(const value::Value& body, const char* name) {
  const value::Value* v = api::member(body, name);
  return v != nullptr && *v == value::Value::boolean(true);
}

void print(const value::Value& body) {
  if (!is(body, "entered")) {
    std::printf("it would not enter: %s\n", api::text_member(body, "reason").c_str());
    return;
  }
  std::vector<std::vector<std::string>> rows = {{"at", "what", "subject", "by", "detail"}};
  for (const value::Value& item : api::list_member(body, "timeline")) {
    rows.push_back({api::text_member(item, "at"),
                    api::text_member(item, "what") + (is(item, "own") ? "" : " (other record)"),
                    api::text_member(item, "subject"), api::text_member(item, "workflow"),
                    api::text_member(item, "detail")});
  }
  print_table(rows);
  std::printf("\n%s mails to the tester, no webhook called, nothing changed%s\n",
              api::text_member(body, "mails").c_str(),
              is(body, "unfinished") ? "; it would go on for longer than is tried" : "");
}

}  // namespace

void add_try(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<TryArguments>();
  CLI::App* command = app.add_subcommand(
      "try", "Runs a workflow on a copy of a record, waits skipped; mails go to the tester only");
  command->add_option("workflow", arguments->workflow, "Its name")->required()->type_name("WORKFLOW");
  command->add_option("--as", arguments->record, "The record: taro@example.com, an id, or PROPERTY:VALUE")
      ->required()
      ->type_name("RECORD");
  command->add_option("--to", arguments->to, "Who gets the mails")->required()->type_name("ADDRESS");
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, &exit] {
    using value::Value;
    exit = send(arguments->remote, "/v1/try",
                {{"workflow", Value::text(arguments->workflow)},
                 {"record", Value::text(arguments->record)},
                 {"to", Value::text(arguments->to)}},
                print);
  });
}

}  // namespace wf::wfd
