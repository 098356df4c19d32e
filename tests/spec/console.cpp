#include "console.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <sstream>

#include "../support/process.hpp"

namespace fs = std::filesystem;

namespace wf::test {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// `…` stands for any lines.
bool fits(const Lines& expected, std::size_t e, const Lines& got, std::size_t g) {
  if (e == expected.size()) return g == got.size();
  if (expected[e] == "…") {
    for (std::size_t skip = g; skip <= got.size(); ++skip) {
      if (fits(expected, e + 1, got, skip)) return true;
    }
    return false;
  }
  return g < got.size() && expected[e] == got[g] && fits(expected, e + 1, got, g + 1);
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

struct Command {
  std::string text;
  Lines expected;
};

std::vector<Command> commands_of(const Block& block) {
  std::vector<Command> commands;
  for (const std::string& line : lines_of(block.body)) {
    if (line.starts_with("$ ")) {
      commands.push_back({line.substr(2), {}});
    } else if (!commands.empty()) {
      commands.back().expected.push_back(line);
    }
  }
  return commands;
}

}  // namespace

Console run_console(const Block& block, const Files& files) {
  const Folder folder("spec");
  const Folder aside("spec-output");
  for (const auto& [name, content] : files) write_file(folder.path() + "/" + name, content);
  const std::string output = aside.path() + "/output";
  const std::string programs = fs::path(WFC_PATH).parent_path().string();
  Console console;
  for (const Command& command : commands_of(block)) {
    const std::string shell = "cd '" + folder.path() + "' && PATH='" + programs +
                              "':$PATH NO_COLOR=1 && export PATH NO_COLOR && { " + command.text + "\n} >'" +
                              output + "' 2>&1";
    const int status = std::system(shell.c_str());
    console.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    const Lines got = lines_of(read_file(output));
    console.body +=
        "$ " + command.text + "\n" + joined(fits(command.expected, 0, got, 0) ? command.expected : got);
  }
  return console;
}

}  // namespace wf::test
