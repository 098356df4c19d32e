// The commands of wfc: one file each, and this list.
#pragma once

namespace wf::wfc {

class CommandLine;

/// The exit codes; scripts rely on them.
enum Exit : int {
  kOk = 0,
  kFindings = 1,  ///< the input has problems
  kUsage = 2,     ///< wrong command line
  kFailed = 3,    ///< the work could not be done: I/O or an internal error
};

// Each adds its command to the program.
void add_check(CommandLine& line);
void add_fmt(CommandLine& line);
void add_build(CommandLine& line);
void add_dis(CommandLine& line);
void add_verify(CommandLine& line);
void add_convert(CommandLine& line);
void add_fix(CommandLine& line);
void add_eval(CommandLine& line);
void add_init(CommandLine& line);
void add_test(CommandLine& line);
void add_sim(CommandLine& line);
void add_explain(CommandLine& line);
void add_diff(CommandLine& line);
void add_plan(CommandLine& line);
void add_deploy(CommandLine& line);
void add_render(CommandLine& line);
void add_graph(CommandLine& line);
void add_schema(CommandLine& line);
void add_doc(CommandLine& line);

using AddCommand = void (*)(CommandLine& line);
inline constexpr AddCommand kCommands[] = {add_init,    add_check,  add_fmt,   add_convert, add_fix,
                                           add_eval,    add_render, add_graph, add_doc,     add_schema,
                                           add_test,    add_sim,    add_build, add_dis,     add_verify,
                                           add_explain, add_diff,   add_plan,  add_deploy};

}  // namespace wf::wfc
