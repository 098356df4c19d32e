// wfc verify FILE: checks a bundle as the daemon does when it loads one.
#include <cstdio>
#include <memory>

#include "compiler/wfc/report.hpp"

namespace wf::wfc {
namespace {

int verify(const std::string& path) {
  const auto bytes = read_file(path, bytecode::kMaxBundleBytes);
  if (!bytes) return fail(bytes.error());
  const auto program = bytecode::read_bundle(*bytes);
  if (!program) return fail({program.error().code, path + ": " + program.error().message}, kFindings);
  std::printf(
      "%s: valid\n  sha256     %s\n  schema     %s\n  workflows  %zu\n  functions  %zu\n  words      %zu\n",
      path.c_str(), bytecode::to_hex(bytecode::bundle_hash(*bytes)).c_str(),
      bytecode::to_hex(bytecode::schema_fingerprint(program->catalogue)).c_str(), program->workflows.size(),
      program->functions.size(), program->code.size());
  return kOk;
}

}  // namespace

void add_verify(CommandLine& line) {
  auto path = std::make_shared<std::string>();
  Command command = line.add("verify", "Checks a bundle");
  command.positional("FILE", *path, "The bundle");
  command.run([path] { return verify(*path); });
}

}  // namespace wf::wfc
