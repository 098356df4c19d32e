// wfd enroll, wfd unenroll: one record by hand.
#include <CLI/CLI.hpp>
#include <memory>

#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

struct EnrollArguments {
  RemoteOptions remote;
  std::string record, workflow;
  bool dry_run = false;
};

void add(CLI::App& app, int& exit, const char* name, const char* description, const char* dry_run) {
  auto arguments = std::make_shared<EnrollArguments>();
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("record", arguments->record, "taro@example.com, an id, or PROPERTY:VALUE")
      ->required()
      ->type_name("RECORD");
  command->add_option("workflow", arguments->workflow, "Its name")->required()->type_name("WORKFLOW");
  command->add_flag("--dry-run", arguments->dry_run, dry_run);
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, name, &exit] {
    using value::Value;
    exit = operate(arguments->remote, name,
                   {{"workflow", Value::text(arguments->workflow)},
                    {"record", Value::text(arguments->record)},
                    {"dry_run", Value::boolean(arguments->dry_run)}});
  });
}

}  // namespace

void add_enroll(CLI::App& app, int& exit) {
  add(app, exit, "enroll", "Enrols a record in a workflow, if its entry rules allow",
      "Only say whether it would be enrolled");
}

void add_unenroll(CLI::App& app, int& exit) {
  add(app, exit, "unenroll", "Ends a record's enrolment in a workflow", "Only say whether there is one");
}

}  // namespace wf::wfd
