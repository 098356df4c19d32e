// What wfc and wfd do alike around their commands: parse, report a wrong command line, leave an exit code.
#pragma once

namespace CLI {
class App;
}

namespace wf::wfc {

/// Parses the command line and runs the chosen command, which leaves its exit code in `exit`. Returns that
/// code, 2 with the usage line for a wrong command line, or 3 when the output cannot be written or something
/// threw.
int run_command_line(CLI::App& app, int argc, char** argv, const int& exit);

}  // namespace wf::wfc
