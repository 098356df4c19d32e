// The commands of wfc: one file each, and this list.
#pragma once

namespace CLI {
class App;
}

namespace wf::wfc {

/// The exit codes; scripts rely on them.
enum Exit : int {
  kOk = 0,
  kFindings = 1,  ///< the input has problems
  kUsage = 2,     ///< wrong command line
  kFailed = 3,    ///< the work could not be done: I/O or an internal error
};

// Each adds its command to the program; when it is chosen, it runs and leaves its exit code.
void add_check(CLI::App& app, int& exit);
void add_build(CLI::App& app, int& exit);
void add_dis(CLI::App& app, int& exit);
void add_verify(CLI::App& app, int& exit);
void add_test(CLI::App& app, int& exit);
void add_sim(CLI::App& app, int& exit);
void add_explain(CLI::App& app, int& exit);

using AddCommand = void (*)(CLI::App& app, int& exit);
inline constexpr AddCommand kCommands[] = {add_check, add_test,   add_sim,    add_build,
                                           add_dis,   add_verify, add_explain};

}  // namespace wf::wfc
