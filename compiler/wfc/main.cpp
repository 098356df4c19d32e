#include <CLI/CLI.hpp>

#include "compiler/wfc/command_line.hpp"
#include "compiler/wfc/commands.hpp"

int main(int argc, char** argv) {
  using namespace wf::wfc;
  CLI::App app("Compiles and checks workflows.", "wfc");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("wfc 0.1.0"));
  int exit = kOk;
  for (const AddCommand add : kCommands) add(app, exit);
  return wf::wfc::run_command_line(app, argc, argv, exit);
}
