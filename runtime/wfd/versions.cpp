// wfd versions, wfd rollback: what ran on the daemon, and back to it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

constexpr std::size_t kShownHash = 12;

void print(const value::Value& body) {
  std::vector<std::vector<std::string>> rows{{"version", "time", "hash", "", "note"}};
  const value::List& versions = api::list_member(body, "versions");
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    const auto is = [&](const char* name) {
      const value::Value* v = api::member(*it, name);
      return v != nullptr && *v == value::Value::boolean(true);
    };
    rows.push_back({api::text_member(*it, "number"), api::text_member(*it, "at"),
                    api::text_member(*it, "hash").substr(0, kShownHash),
                    is("active") ? "active"
                    : is("kept") ? ""
                                 : "not kept",
                    api::text_member(*it, "note")});
  }
  print_table(rows);
}

int roll_back(const RemoteOptions& options, std::int64_t version) {
  const auto answer =
      post(options, "/v1/rollback", value::Value::map({{"version", value::Value::integer(version)}}));
  if (!answer) return fail(answer.error());
  if (options.json) {
    std::fputs(answer->text.c_str(), stdout);
    return kOk;
  }
  const value::Value* now = api::member(answer->body, "version");
  const value::Value* changed = api::member(answer->body, "changed");
  const bool other = changed != nullptr && *changed == value::Value::boolean(true);
  std::printf(other ? "version %s is active: %s\n" : "nothing to do: version %s has that content already\n",
              now == nullptr ? "?" : api::text_member(*now, "number").c_str(),
              now == nullptr ? "" : api::text_member(*now, "note").c_str());
  return kOk;
}

}  // namespace

void add_versions(CLI::App& app, int& exit) {
  auto options = std::make_shared<RemoteOptions>();
  CLI::App* command = app.add_subcommand("versions", "Lists what was deployed, newest first");
  add_remote_options(*command, *options);
  command->callback([options, &exit] { exit = show(*options, "/v1/versions", print); });
}

void add_rollback(CLI::App& app, int& exit) {
  auto options = std::make_shared<RemoteOptions>();
  auto version = std::make_shared<std::int64_t>(0);
  CLI::App* command =
      app.add_subcommand("rollback", "Makes an earlier version active again, as a new version");
  command->add_option("version", *version, "Its number; without it, the one before")
      ->check(CLI::PositiveNumber)
      ->type_name("VERSION");
  add_remote_options(*command, *options);
  command->callback([options, version, &exit] { exit = roll_back(*options, *version); });
}

}  // namespace wf::wfd
