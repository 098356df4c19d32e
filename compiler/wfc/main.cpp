#include "compiler/wfc/command.hpp"
#include "compiler/wfc/commands.hpp"

int main(int argc, char** argv) {
  using namespace wf::wfc;
  CommandLine line("wfc", "Compiles and checks workflows.", "0.1.0");
  for (const AddCommand add : kCommands) add(line);
  return line.run(argc, argv);
}
