// wfd jobs: what concerns many records, and how far it has come.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

std::string refusals(const value::Value& job) {
  const value::Value* refused = api::member(job, "refused");
  std::string text;
  if (refused == nullptr || refused->kind() != value::Kind::map) return text;
  for (const auto& [reason, count] : refused->as_map()) {
    text += (text.empty() ? "" : ", ") + reason + " " + api::text_member(*refused, reason);
  }
  return text;
}

void print(const value::Value& body) {
  std::vector<std::vector<std::string>> rows = {
      {"job", "what", "workflow", "of", "looked at", "done", "refused", "state"}};
  for (const value::Value& job : api::list_member(body, "jobs")) {
    const std::string members = api::text_member(job, "members_of");
    const value::Value* finished = api::member(job, "finished");
    rows.push_back({api::text_member(job, "job"), api::text_member(job, "what"),
                    api::text_member(job, "workflow"),
                    members.empty() ? api::text_member(job, "total") : members,
                    api::text_member(job, "looked_at"), api::text_member(job, "done"), refusals(job),
                    finished && *finished == value::Value::boolean(true) ? "finished" : "running"});
  }
  print_table(rows);
}

}  // namespace

void add_jobs(CLI::App& app, int& exit) {
  auto options = std::make_shared<RemoteOptions>();
  CLI::App* command = app.add_subcommand("jobs", "Lists enrolments in bulk, and how far they have come");
  add_remote_options(*command, *options);
  command->callback([options, &exit] { exit = show(*options, "/v1/jobs", print); });
}

}  // namespace wf::wfd
