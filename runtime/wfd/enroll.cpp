// wfd enroll, wfd unenroll, wfd retry: a record by hand; the first two also many.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>

#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

using value::Value;

struct EnrollArguments {
  RemoteOptions remote;
  std::vector<std::string> names;  ///< RECORD WORKFLOW, or WORKFLOW alone
  std::string file, members_of;
  bool dry_run = false;
  bool many() const { return !file.empty() || !members_of.empty(); }
};

/// One record a line; empty lines count for nothing.
Result<value::List> read_records(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path);
  if (path != "-" && !file) return Error{ErrorCode::io, "cannot read " + path};
  std::istream& in = path == "-" ? std::cin : file;
  value::List records;
  for (std::string line; std::getline(in, line);) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == line.npos) continue;
    records.push_back(Value::text(line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin)));
  }
  if (records.empty()) return Error{ErrorCode::not_found, "there is no record in " + path};
  return records;
}

int run_many(const EnrollArguments& arguments, const std::string& name) {
  value::Map body{{"workflow", Value::text(arguments.names.at(0))}};
  if (!arguments.file.empty()) {
    auto records = read_records(arguments.file);
    if (!records) return fail(records.error());
    body.emplace_back("records", Value::list(std::move(*records)));
  } else {
    body.emplace_back("members_of", Value::text(arguments.members_of));
  }
  return operate(arguments.remote, name + "_many", std::move(body));
}

int run(const EnrollArguments& arguments, const std::string& name) {
  if (arguments.many()) return run_many(arguments, name);
  return operate(arguments.remote, name,
                 {{"record", Value::text(arguments.names.at(0))},
                  {"workflow", Value::text(arguments.names.at(1))},
                  {"dry_run", Value::boolean(arguments.dry_run)}});
}

void check(const EnrollArguments& arguments) {
  const std::size_t wanted = arguments.many() ? 1 : 2;
  if (arguments.names.size() == wanted) return;
  throw CLI::ValidationError(wanted == 1 ? "with --file or --all only WORKFLOW is given"
                                         : "RECORD and WORKFLOW must be given");
}

void add(CLI::App& app, int& exit, const char* name, const char* description, const char* dry_run,
         bool many) {
  auto arguments = std::make_shared<EnrollArguments>();
  CLI::App* command = app.add_subcommand(name, description);
  command
      ->add_option("names", arguments->names,
                   "The record (taro@example.com, an id, or PROPERTY:VALUE) and the workflow")
      ->required()
      ->expected(1, 2)
      ->type_name("[RECORD] WORKFLOW");
  CLI::Option* dry = command->add_flag("--dry-run", arguments->dry_run, dry_run);
  if (many) {
    CLI::Option* file = command->add_option("--file", arguments->file, "Many: a record a line; - is stdin")
                            ->type_name("FILE")
                            ->excludes(dry);
    command->add_option("--all", arguments->members_of, "Many: the members of list.NAME or segment.NAME")
        ->type_name("LIST")
        ->excludes(file)
        ->excludes(dry);
  }
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, name, &exit] {
    check(*arguments);
    exit = run(*arguments, name);
  });
}

}  // namespace

void add_enroll(CLI::App& app, int& exit) {
  add(app, exit, "enroll", "Enrols a record in a workflow, or many, if its entry rules allow",
      "Only say whether it would be enrolled", true);
}

void add_unenroll(CLI::App& app, int& exit) {
  add(app, exit, "unenroll", "Ends a record's enrolment in a workflow, or many",
      "Only say whether there is one", true);
}

void add_retry(CLI::App& app, int& exit) {
  add(app, exit, "retry", "Lets what failed of a record in a workflow go on with the step that failed",
      "Only say whether something failed", false);
}

}  // namespace wf::wfd
