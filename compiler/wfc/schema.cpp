// wfc schema: the JSON Schema of the YAML notation.
#include <cstdio>

#include "compiler/front.hpp"
#include "compiler/sema/headers.hpp"
#include "compiler/wfc/command.hpp"
#include "compiler/wfc/commands.hpp"
#include "compiler/wfc/json_schema.hpp"

namespace wf::wfc {

void add_schema(CommandLine& line) {
  Command command = line.add("schema", "Prints a JSON Schema of the YAML notation, for editors");
  command.run([] {
    std::fputs(json_schema(compiler::standard_actions(), sema::header_names()).c_str(), stdout);
    return kOk;
  });
}

}  // namespace wf::wfc
