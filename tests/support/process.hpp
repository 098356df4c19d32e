// Programs started by tests: a child with its output in a file, ended by its id only.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace wf::test {

class Process {
 public:
  /// Starts `arguments[0]` with its standard output and error appended to `log`. Aborts when fork fails.
  Process(const std::vector<std::string>& arguments, const std::string& log);
  ~Process();  ///< kills it if it still runs
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return id_; }
  bool running();
  void signal(int number) const;
  /// Waits for the end; the exit code, or 128 + the signal that ended it.
  int wait();

 private:
  pid_t id_ = -1;
  int status_ = 0;
};

/// A new empty folder below the system's temporary folder, removed at destruction.
class Folder {
 public:
  explicit Folder(const std::string& name);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A port of 127.0.0.1 that was free a moment ago.
int free_port();
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& content);

}  // namespace wf::test
