// wfd explain RECORD WORKFLOW: why it is enrolled or not, and what the workflow did with it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

struct ExplainArguments {
  RemoteOptions remote;
  std::string record, workflow;
};

void print_lines(const char* title, const value::List& lines) {
  if (lines.empty()) return;
  std::printf("%s\n", title);
  for (const value::Value& line : lines) std::printf("  %s\n", std::string(line.as_text()).c_str());
}

void print(const value::Value& body) {
  print_lines("now", api::list_member(body, "standing"));
  std::printf("may it enter now\n");
  for (const value::Value& rule : api::list_member(body, "rules")) {
    const value::Value* allows = api::member(rule, "allows");
    const bool yes = allows != nullptr && *allows == value::Value::boolean(true);
    std::printf("  %-3s %s\n", yes ? "yes" : "NO", api::text_member(rule, "text").c_str());
  }
  print_lines("it enters by", api::list_member(body, "triggers"));
  const value::List& timeline = api::list_member(body, "timeline");
  if (timeline.empty()) return;
  std::vector<std::vector<std::string>> rows = {{"at", "what", "subject", "detail", "as it was then"}};
  for (const value::Value& item : timeline) {
    rows.push_back({api::text_member(item, "at"), api::text_member(item, "what"),
                    api::text_member(item, "subject"), api::text_member(item, "detail"),
                    api::text_member(item, "seen")});
  }
  std::printf("\n");
  print_table(rows);
}

}  // namespace

void add_explain(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* command =
      app.add_subcommand("explain", "Says why a record is in a workflow or not, and what was done with it");
  command->add_option("record", arguments->record, "taro@example.com, an id, or PROPERTY:VALUE")
      ->required()
      ->type_name("RECORD");
  command->add_option("workflow", arguments->workflow, "Its name")->required()->type_name("WORKFLOW");
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, &exit] {
    exit =
        show(arguments->remote,
             "/v1/explain/" + encode_segment(arguments->workflow) + "/" + encode_segment(arguments->record),
             print);
  });
}

}  // namespace wf::wfd
