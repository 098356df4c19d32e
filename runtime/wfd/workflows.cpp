// wfd workflows: which are on, off or paused, and how many enrolments stand where.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

bool is(const value::Value& workflow, const char* name) {
  const value::Value* v = api::member(workflow, name);
  return v != nullptr && *v == value::Value::boolean(true);
}

std::string state_of(const value::Value& workflow) {
  std::string state = is(workflow, "draining") ? "emptying" : is(workflow, "off") ? "off" : "";
  if (is(workflow, "paused")) state += state.empty() ? "paused" : ", paused";
  if (api::text_member(workflow, "object").empty())
    state = "not in the project" + (state.empty() ? "" : ", " + state);
  return state.empty() ? "on" : state;
}

std::string place_of(const value::Value& step) {
  const std::string file = api::text_member(step, "file");
  return file.empty() ? "" : file + ":" + api::text_member(step, "line");
}

void print(const value::Value& body) {
  std::vector<std::vector<std::string>> rows = {{"workflow", "state", "running", "step", "at"}};
  for (const value::Value& workflow : api::list_member(body, "workflows")) {
    rows.push_back({api::text_member(workflow, "workflow"), state_of(workflow),
                    api::text_member(workflow, "running"), "", ""});
    for (const value::Value& step : api::list_member(workflow, "steps")) {
      const std::string label = api::text_member(step, "step");
      rows.push_back(
          {"", "", api::text_member(step, "count"), label.empty() ? "(held back)" : label, place_of(step)});
    }
    const std::string parked = api::text_member(workflow, "parked");
    if (parked != "0") rows.push_back({"", "", parked, "came due in the pause", ""});
  }
  print_table(rows);
}

}  // namespace

void add_workflows(CLI::App& app, int& exit) {
  auto options = std::make_shared<RemoteOptions>();
  CLI::App* command =
      app.add_subcommand("workflows", "Lists the workflows, their state, and who stands at which step");
  add_remote_options(*command, *options);
  command->callback([options, &exit] { exit = show(*options, "/v1/workflows", print); });
}

}  // namespace wf::wfd
