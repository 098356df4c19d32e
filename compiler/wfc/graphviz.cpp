#include "compiler/wfc/graphviz.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace wf::wfc {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Error io(const char* what) {
  return {ErrorCode::io, std::string(what) + ": " + std::strerror(errno)};
}

std::string read_all(int descriptor) {
  std::string out;
  std::array<char, 65536> buffer;
  for (ssize_t n; (n = read(descriptor, buffer.data(), buffer.size())) != 0;) {
    if (n > 0) {
      out.append(buffer.data(), static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      break;
    }
  }
  return out;
}

/// Starts `dot` with its input from a file and its output to a pipe; the errno of a failure.
int start_dot(int input, const std::array<int, 2>& output, pid_t& child) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, output[0]);
  std::array<std::string, 2> words = {"dot", "-Tsvg"};
  std::array<char*, 3> arguments = {words[0].data(), words[1].data(), nullptr};
  const int failed = posix_spawnp(&child, "dot", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

}  // namespace

Result<std::string> svg_of(std::string_view dot) {
  const File input(std::tmpfile(), &std::fclose);
  if (!input) return io("a temporary file");
  if (std::fwrite(dot.data(), 1, dot.size(), input.get()) != dot.size() || std::fflush(input.get()) != 0 ||
      lseek(fileno(input.get()), 0, SEEK_SET) != 0)
    return io("a temporary file");
  std::array<int, 2> output{};
  if (pipe(output.data()) != 0) return io("a pipe");
  pid_t child = 0;
  const int failed = start_dot(fileno(input.get()), output, child);
  close(output[1]);
  std::string svg = failed == 0 ? read_all(output[0]) : std::string();
  close(output[0]);
  if (failed != 0) {
    return Error{
        ErrorCode::not_found,
        "the program `dot` cannot be started: install the package graphviz (`wfc graph --format dot` and "
        "`mermaid` do without it)"};
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const std::size_t begin = svg.find("<svg");
  if (status != 0 || begin == svg.npos) return Error{ErrorCode::invalid, "`dot` made no picture"};
  return svg.substr(begin);
}

}  // namespace wf::wfc
