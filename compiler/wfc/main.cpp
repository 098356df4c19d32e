#include "compiler/wfc/command.hpp"
#include "compiler/wfc/commands.hpp"

#ifdef WF_MIMALLOC
#include <mimalloc.h>
#endif

int main(int argc, char** argv) {
  using namespace wf::wfc;
#ifdef WF_MIMALLOC
  // A check walks many small nodes: large pages take a tenth off it (docs/internals/performance.md).
  mi_option_enable(mi_option_large_os_pages);
#endif
  CommandLine line("wfc", "Compiles and checks workflows.", "0.1.0");
  for (const AddCommand add : kCommands) add(line);
  return line.run(argc, argv);
}
