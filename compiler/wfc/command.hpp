// A command of wfc: its options, and what it does when it is chosen. Hides the parser of the command line,
// which is slow to compile.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace wf::wfc {

/// Options that do not go together: thrown by a command, reported with its usage, exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Every target must live as long as the command; what is already in it is the default.
class Command {
 public:
  Command(CLI::App& app, int& exit) : app_(app), exit_(exit) {}

  void positional(const char* name, std::string& target, const char* doc);  ///< required
  void optional_positional(const char* name, std::string& target, const char* doc);
  void positional(const char* name, std::vector<std::string>& target, const char* doc);
  void flag(const char* names, bool& target, const char* doc);
  void option(const char* names, std::string& target, const char* doc, const char* type = "TEXT");
  void option(const char* names, std::vector<std::string>& target, const char* doc,
              const char* type = "TEXT");
  void option(const char* names, std::int64_t& target, const char* doc, const char* type = "N");
  /// `--name` or `--name=VALUE`: the target is "-" or the value. A value behind a blank would swallow paths.
  void flag(const char* names, std::string& target, const char* doc);
  /// One of some words; `chosen` gets its place among them.
  void choice(const char* names, const std::vector<std::string>& words,
              std::function<void(std::size_t)> chosen, const char* doc, const char* type);
  /// Shows the default in the help.
  void show_default(const char* name);

  /// What the command does; gives the exit code.
  void run(std::function<int()> action);

 private:
  CLI::App& app_;
  int& exit_;
};

/// The whole program: `wfc COMMAND …`.
class CommandLine {
 public:
  CommandLine(const char* name, const char* doc, const char* version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command add(const char* name, const char* doc);
  /// As run_command_line().
  int run(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
  int exit_ = 0;
};

}  // namespace wf::wfc
