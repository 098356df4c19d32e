// wfd merge KEPT OTHER: two records of one person or company become one.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/event_sender.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

using value::Value;

struct MergeArguments {
  RemoteOptions remote;
  std::string object = "contact", kept, other;
};

int merge(const MergeArguments& arguments) {
  const auto client = http::make_client(arguments.remote.url);
  if (!client) return fail(client.error());
  std::vector<std::string> numbers;
  for (const std::string& id : {arguments.kept, arguments.other}) {
    const auto record = get(
        **client, "/v1/records/" + encode_segment(arguments.object) + "/" + encode_segment(id) + "?limit=1");
    if (!record) return fail(record.error());
    numbers.push_back(api::text_member(record->body, "key"));
  }
  if (numbers[0] == numbers[1]) {
    std::printf("they are one record already\n");
    return kOk;
  }
  const Value event = Value::map({{"type", Value::text("record.merge")},
                                  {"object", Value::text(arguments.object)},
                                  {"subject", Value::text(arguments.kept)},
                                  {"data", Value::map({{"with", Value::text(arguments.other)}})}});
  const auto sender = EventSender::create({arguments.remote.url});
  if (!sender) return fail(sender.error());
  if (const auto added = (*sender)->add(1, api::to_json(event)); !added) return fail(added.error());
  if (const auto sent = (*sender)->flush(); !sent) return fail(sent.error());
  return print_outcome(**sender, "merge", "merged", arguments.remote.json);
}

}  // namespace

void add_merge(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<MergeArguments>();
  CLI::App* command = app.add_subcommand(
      "merge",
      "Makes two records one: what only the other knows is taken over, and it is found as the kept one");
  command->add_option("kept", arguments->kept, "The record that stays")->required()->type_name("KEPT");
  command->add_option("other", arguments->other, "The record that becomes it")
      ->required()
      ->type_name("OTHER");
  command->add_option("--object", arguments->object, "What they are (contact)")->type_name("OBJECT");
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, &exit] { exit = merge(*arguments); });
}

}  // namespace wf::wfd
