// wfd on, off, pause, resume: one workflow.
#include <CLI/CLI.hpp>
#include <memory>

#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

struct SwitchArguments {
  RemoteOptions remote;
  std::string workflow, drain;
};

std::shared_ptr<SwitchArguments> add(CLI::App& app, int& exit, const char* name, const char* description) {
  auto arguments = std::make_shared<SwitchArguments>();
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("workflow", arguments->workflow, "Its name")->required()->type_name("WORKFLOW");
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, name, &exit] {
    exit = operate(arguments->remote, arguments->drain.empty() ? name : "drain",
                   {{"workflow", value::Value::text(arguments->workflow)}});
  });
  return arguments;
}

}  // namespace

void add_on(CLI::App& app, int& exit) {
  add(app, exit, "on", "Lets records enter a workflow again; running enrolments are not touched");
}

void add_off(CLI::App& app, int& exit) {
  const auto arguments = add(app, exit, "off", "Lets nobody enter a workflow; running enrolments finish");
  app.get_subcommand("off")
      ->add_option("--drain", arguments->drain, "now: end the running enrolments, as turned_off")
      ->check(CLI::IsMember({"now"}).description(""))
      ->type_name("now");
}

void add_pause(CLI::App& app, int& exit) {
  add(app, exit, "pause", "Suspends every enrolment of a workflow until it is resumed");
}

void add_resume(CLI::App& app, int& exit) {
  add(app, exit, "resume", "Lets a paused workflow go on; what came due meanwhile follows `on late`");
}

}  // namespace wf::wfd
