#include "compiler/wfc/command.hpp"
#include "compiler/wfc/commands.hpp"

#ifdef WF_MIMALLOC
#include <mimalloc.h>
#endif

int main(int argc, char** argv) {
  using namespace wf::wfc;
#ifdef WF_MIMALLOC
  mi_option_enable(mi_option_large_os_pages);
#endif
  CommandLine line("wfc", "Compiles and checks workflows.", "0.1.0");
  for (const AddCommand add : kCommands) add(line);
  return line.run(argc, argv);
}
