// wfc plan PROJECT --against URL: what a deployment would change. wfc deploy PROJECT --to URL: it.
#include <cstdio>
#include <memory>

#include "compiler/wfc/daemon_client.hpp"
#include "compiler/wfc/program.hpp"
#include "compiler/wfc/report.hpp"
#include "runtime/api/json.hpp"

namespace wf::wfc {
namespace {

constexpr std::size_t kMaxPlanBytes = 64u << 20;
enum DetailedExit : int { kNoChange = 0, kError = 1, kChanges = 2 };

struct PlanArguments {
  std::string project, url = "http://127.0.0.1:8080", out;
  Format format = Format::text;
  bool detailed = false;
};

struct DeployArguments {
  std::string project, url = "http://127.0.0.1:8080", plan, note;
};

std::string hash_of(const std::string& bundle) {
  return bytecode::to_hex(bytecode::bundle_hash(bundle));
}

int plan(const PlanArguments& arguments) {
  const auto failed = [&](int code) { return arguments.detailed ? static_cast<int>(kError) : code; };
  const auto project = load_program(arguments.project);
  if (!project) return failed(program_failure(arguments.project, project.error()));
  auto daemon = DaemonClient::connect(arguments.url);
  if (!daemon) return failed(daemon_failure(arguments.url, daemon.error()));
  const auto state = daemon->survey(project->bundle);
  if (!state) return failed(daemon_failure(arguments.url, state.error()));
  const Plan plan = make_plan(*state, project->program, hash_of(project->bundle));
  const std::string json = api::to_json(plan_value(plan)) + "\n";
  std::fputs(arguments.format == Format::json ? json.c_str() : plan_text(plan).c_str(), stdout);
  if (!arguments.out.empty()) {
    if (const auto written = write_file(arguments.out, json); !written) return failed(fail(written.error()));
  }
  return arguments.detailed && plan.has_changes() ? static_cast<int>(kChanges) : static_cast<int>(kNoChange);
}

/// The bundle that must be active, from a plan for this very project. Errors: not_found, io, limit, invalid.
Result<std::string> expected_by(const std::string& path, const std::string& bundle) {
  const auto text = read_file(path, kMaxPlanBytes);
  if (!text) return text.error();
  const auto plan = api::parse_json(*text);
  const std::string against = plan ? api::text_member(*plan, "against") : "";
  if (against.empty()) return Error{ErrorCode::invalid, path + " is no plan"};
  if (api::text_member(*plan, "bundle") != hash_of(bundle))
    return Error{ErrorCode::invalid, path + " was made for another state of the project: make it again"};
  return against;
}

int deploy(const DeployArguments& arguments) {
  const auto project = load_program(arguments.project);
  if (!project) return program_failure(arguments.project, project.error());
  std::string expected;
  if (!arguments.plan.empty()) {
    const auto found = expected_by(arguments.plan, project->bundle);
    if (!found) return fail(found.error(), found.error().code == ErrorCode::invalid ? kFindings : kFailed);
    expected = *found;
  }
  auto daemon = DaemonClient::connect(arguments.url);
  if (!daemon) return daemon_failure(arguments.url, daemon.error());
  const auto answer = daemon->deploy(project->bundle, expected, arguments.note);
  if (!answer) return daemon_failure(arguments.url, answer.error());
  const value::Value* version = api::member(*answer, "version");
  const value::Value* changed = api::member(*answer, "changed");
  if (version == nullptr || changed == nullptr)
    return daemon_failure(arguments.url,
                          {ErrorCode::unavailable, "the answer is not from a daemon of this program"});
  const bool is_new = *changed == value::Value::boolean(true);
  std::printf(
      is_new ? "version %s is active\n" : "nothing to do: version %s is active and has this content\n",
      api::text_member(*version, "number").c_str());
  return kOk;
}

}  // namespace

void add_plan(CommandLine& line) {
  auto arguments = std::make_shared<PlanArguments>();
  Command command = line.add("plan", "Shows what a deployment would change, with the enrolments that run");
  command.positional("PROJECT", arguments->project, "A folder, a file or a bundle");
  command.option("--against", arguments->url, "The daemon", "URL");
  command.option("-o,--out", arguments->out, "Keep the plan for `wfc deploy --plan`", "FILE");
  command.flag("--detailed-exitcode", arguments->detailed, "0 no change, 1 error, 2 changes");
  command.choice(
      "--format", {"text", "json"},
      [arguments](std::size_t i) { arguments->format = static_cast<Format>(i); }, "text or json", "FORMAT");
  command.run([arguments] { return plan(*arguments); });
}

void add_deploy(CommandLine& line) {
  auto arguments = std::make_shared<DeployArguments>();
  Command command = line.add("deploy", "Makes a project the active version of a daemon");
  command.positional("PROJECT", arguments->project, "A folder, a file or a bundle");
  command.option("--to", arguments->url, "The daemon", "URL");
  command.option("--plan", arguments->plan,
                 "Deploy only what this plan says, and only if nothing moved since", "FILE");
  command.option("--note", arguments->note, "What `wfd versions` tells of it");
  command.run([arguments] { return deploy(*arguments); });
}

}  // namespace wf::wfc
