// wfc dis FILE: the listing of a bundle.
#include <CLI/CLI.hpp>
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

void add_dis(CLI::App& app, int& exit) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("dis", "Prints the instructions of a bundle");
  command->add_option("FILE", *path, "The bundle")->required();
  command->callback([path, &exit] { exit = dis(*path); });
}

}  // namespace wf::wfc
