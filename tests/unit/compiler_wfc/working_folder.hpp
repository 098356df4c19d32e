// A folder in which a test runs the wfc that was built.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/process.hpp"

namespace wf::test {

struct Outcome {
  int exit = -1;
  std::string out, err;
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Of its own for each test.
class WorkingFolder {
 public:
  WorkingFolder() : folder_("wfc") {}

  void write(const std::string& path, const std::string& content) const {
    std::filesystem::create_directories((*this / path).parent_path());
    write_file((*this / path).string(), content);
  }
  std::string read(const std::string& path) const { return read_file((*this / path).string()); }
  std::filesystem::path operator/(const std::string& path) const {
    return std::filesystem::path(folder_.path()) / path;
  }

  /// Runs `wfc ARGUMENTS` here.
  Outcome wfc(const std::string& arguments) const {
    const std::string command = "cd '" + folder_.path() + "' && NO_COLOR=1 '" WFC_PATH "' " + arguments +
                                " >'" + (*this / ".out").string() + "' 2>'" + (*this / ".err").string() + "'";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(".out"), read(".err")};
  }

 private:
  Folder folder_;
};

}  // namespace wf::test
