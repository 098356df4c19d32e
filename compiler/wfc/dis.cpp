// wfc dis FILE: the listing of a bundle.
#include <cstdio>
#include <memory>

#include "compiler/wfc/report.hpp"

namespace wf::wfc {
namespace {

int dis(const std::string& path) {
  const auto bytes = read_file(path, bytecode::kMaxBundleBytes);
  if (!bytes) return fail(bytes.error());
  const auto program = bytecode::read_bundle(*bytes);
  if (!program) return fail({program.error().code, path + ": " + program.error().message}, kFindings);
  std::fputs(bytecode::listing(*program).c_str(), stdout);
  return kOk;
}

}  // namespace

void add_dis(CommandLine& line) {
  auto path = std::make_shared<std::string>();
  Command command = line.add("dis", "Prints the instructions of a bundle");
  command.positional("FILE", *path, "The bundle");
  command.run([path] { return dis(*path); });
}

}  // namespace wf::wfc
