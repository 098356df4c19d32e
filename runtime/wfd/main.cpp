#include <CLI/CLI.hpp>

#include "compiler/wfc/command_line.hpp"
#include "runtime/wfd/commands.hpp"

int main(int argc, char** argv) {
  using namespace wf::wfd;
  CLI::App app("Runs workflows, and asks the daemon that runs them.", "wfd");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("wfd 0.1.0"));
  int exit = kOk;
  for (const AddCommand add : kCommands) add(app, exit);
  return wf::wfc::run_command_line(app, argc, argv, exit);
}
