#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>

#include "runtime/wfd/commands.hpp"

namespace {

/// The usage of the command that was named, or of the program.
std::string usage(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  const CLI::App& subject = chosen.empty() ? app : *chosen.front();
  const std::string name = chosen.empty() ? "wfd" : "wfd " + subject.get_name();
  return CLI::Formatter().make_usage(&subject, name);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace wf::wfd;
  CLI::App app("Runs workflows, and asks the daemon that runs them.", "wfd");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("wfd 0.1.0"));
  int exit = kOk;
  for (const AddCommand add : kCommands) add(app, exit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    app.exit(e);
    return kOk;
  } catch (const CLI::ParseError& e) {
    std::fprintf(stderr, "wfd: %s\n%s", e.what(), usage(app).c_str());
    return kUsage;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "wfd: internal error: %s\n", e.what());
    return kFailed;
  }
  std::cout.flush();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fprintf(stderr, "wfd: cannot write the output\n");
    return kFailed;
  }
  return exit;
}
