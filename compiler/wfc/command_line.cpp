#include "compiler/wfc/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>

#include "compiler/wfc/command.hpp"
#include "compiler/wfc/commands.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::wfc {

namespace {

/// The usage of the command that was named, or of the program.
std::string usage(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  const CLI::App& subject = chosen.empty() ? app : *chosen.front();
  const std::string name = app.get_name() + (chosen.empty() ? "" : " " + subject.get_name());
  return CLI::Formatter().make_usage(&subject, name);
}

/// A misspelt command reads as a missing one to the parser.
std::string mistake(const CLI::App& app, int argc, char** argv, const CLI::ParseError& error) {
  const std::string first = argc > 1 ? argv[1] : "";
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  const bool known = std::find(names.begin(), names.end(), first) != names.end();
  if (first.empty() || first.starts_with('-') || known) return error.what();
  const std::string hint = text::did_you_mean(first, names);
  return "there is no command `" + first + "`" + (hint.empty() ? "" : "; " + hint);
}

}  // namespace

int run_command_line(CLI::App& app, int argc, char** argv, const int& exit) {
  const char* name = app.get_name().c_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    app.exit(e);
    return kOk;
  } catch (const CLI::ParseError& e) {
    std::fprintf(stderr, "%s: %s\n%s", name, mistake(app, argc, argv, e).c_str(), usage(app).c_str());
    return kUsage;
  } catch (const UsageError& e) {
    std::fprintf(stderr, "%s: %s\n%s", name, e.what(), usage(app).c_str());
    return kUsage;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s: internal error: %s\n", name, e.what());
    return kFailed;
  }
  std::cout.flush();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fprintf(stderr, "%s: cannot write the output\n", name);
    return kFailed;
  }
  return exit;
}

}  // namespace wf::wfc
