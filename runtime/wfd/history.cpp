// wfd history OBJECT ID: a record, its enrolments and its timeline.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

struct HistoryArguments {
  RemoteOptions remote;
  std::string object, id, page;
  int limit = 50;
};

std::string joined(const value::List& items) {
  std::string out;
  for (const value::Value& item : items) {
    if (item.kind() == value::Kind::text) out += (out.empty() ? "" : ", ") + std::string(item.as_text());
  }
  return out;
}

void print_lists(const value::Value& body) {
  for (const char* name : {"lists", "tags", "unsubscribed"}) {
    const std::string text = joined(api::list_member(body, name));
    if (!text.empty()) std::printf("  %s: %s\n", name, text.c_str());
  }
}

void print(const value::Value& body) {
  const value::Value* marketing = api::member(body, "marketing");
  const bool yes = marketing != nullptr && *marketing == value::Value::boolean(true);
  std::printf("%s %s, created %s, %s\n", api::text_member(body, "object").c_str(),
              api::text_member(body, "id").c_str(), api::text_member(body, "created_at").c_str(),
              yes ? "marketing" : "non-marketing");
  const std::string suppressed = api::text_member(body, "suppressed");
  if (!suppressed.empty()) std::printf("  suppressed: %s\n", suppressed.c_str());
  if (const value::Value* properties = api::member(body, "properties"); properties != nullptr) {
    for (const auto& [name, text] : properties->as_map()) {
      std::printf("  %s: %s\n", name.c_str(), api::text_member(*properties, name).c_str());
    }
  }
  print_lists(body);
  const value::List& enrolments = api::list_member(body, "enrolments");
  if (!enrolments.empty()) {
    std::vector<std::vector<std::string>> rows = {{"enrolled in", "status", "step", "since", "until"}};
    for (const value::Value& e : enrolments) {
      rows.push_back({api::text_member(e, "workflow"), api::text_member(e, "status"),
                      api::text_member(e, "step"), api::text_member(e, "started_at"),
                      api::text_member(e, "due")});
    }
    std::printf("\n");
    print_table(rows);
  }
  std::vector<std::vector<std::string>> rows = {{"at", "what", "subject", "by", "detail"}};
  for (const value::Value& item : api::list_member(body, "timeline")) {
    rows.push_back({api::text_member(item, "at"), api::text_member(item, "what"),
                    api::text_member(item, "subject"), api::text_member(item, "workflow"),
                    api::text_member(item, "detail")});
  }
  std::printf("\n");
  print_table(rows);
  const std::string next = api::text_member(body, "next");
  if (!next.empty()) std::printf("\nolder: --page %s\n", next.c_str());
}

}  // namespace

void add_history(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<HistoryArguments>();
  CLI::App* command =
      app.add_subcommand("history", "Shows a record, its enrolments and its timeline, newest first");
  command->add_option("object", arguments->object, "contact, company, deal …")
      ->required()
      ->type_name("OBJECT");
  command->add_option("id", arguments->id, "taro@example.com, an id, or PROPERTY:VALUE")
      ->required()
      ->type_name("ID");
  command->add_option("--limit", arguments->limit, "Entries of the timeline")->check(CLI::Range(1, 1000));
  command->add_option("--page", arguments->page, "Where an earlier page ended")->type_name("TOKEN");
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, &exit] {
    std::string target = "/v1/records/" + encode_segment(arguments->object) + "/" +
                         encode_segment(arguments->id) + "?limit=" + std::to_string(arguments->limit);
    if (!arguments->page.empty()) target += "&page=" + encode_segment(arguments->page);
    exit = show(arguments->remote, target, print);
  });
}

}  // namespace wf::wfd
