// wfc diff A B: what changed in meaning between two versions of a project.
#include <cstdio>
#include <memory>

#include "compiler/wfc/difference.hpp"
#include "compiler/wfc/program.hpp"
#include "compiler/wfc/report.hpp"
#include "runtime/api/json.hpp"

namespace wf::wfc {
namespace {

struct DiffArguments {
  std::string before, after;
  Format format = Format::text;
};

/// As diff does: 0 alike, 1 different; and 3 when they cannot be compared.
int diff(const DiffArguments& arguments) {
  const auto before = load_program(arguments.before);
  if (!before) return (void)program_failure(arguments.before, before.error()), kFailed;
  const auto after = load_program(arguments.after);
  if (!after) return (void)program_failure(arguments.after, after.error()), kFailed;
  const auto changes = difference(bytecode::outline(before->program), bytecode::outline(after->program));
  if (arguments.format == Format::json) {
    std::printf("%s\n", api::to_json(difference_value(changes)).c_str());
  } else {
    std::fputs(changes.empty() ? "no difference in meaning\n" : difference_text(changes).c_str(), stdout);
  }
  return changes.empty() ? kOk : kFindings;
}

}  // namespace

void add_diff(CommandLine& line) {
  auto arguments = std::make_shared<DiffArguments>();
  Command command = line.add(
      "diff", "Shows what changed in meaning between two versions: exit code 0 nothing, 1 something");
  command.positional("A", arguments->before, "The version before: a bundle, a file or a folder");
  command.positional("B", arguments->after, "The version after");
  command.choice(
      "--format", {"text", "json"},
      [arguments](std::size_t i) { arguments->format = static_cast<Format>(i); }, "text or json", "FORMAT");
  command.run([arguments] { return diff(*arguments); });
}

}  // namespace wf::wfc
