// wfc init [--template NAME] DIR: a project to start from.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "compiler/wfc/pages.hpp"
#include "compiler/wfc/report.hpp"

namespace wf::wfc {
namespace {

namespace fs = std::filesystem;

struct Template {
  const char* name;
  const char* example;  ///< its folder
  const char* doc;
};

constexpr Template kTemplates[] = {
    {"nurturing", "lead-nurturing", "mails after a download, and a hand-over to sales"},
    {"onboarding", "deal-stages", "tasks along a pipeline, and the first weeks of a customer"},
    {"webinar", "webinar-followup", "a reminder, and what follows for who came and who did not"},
    {"campaign", "autumn-launch", "an audience, a story with an experiment, and HOT contacts for sales"},
    {"tickets", "ticket-escalation", "assignment in turn, and escalation in business hours"},
    {"renewal", "contract-renewal", "work along dates of a contract"},
};

struct InitArguments {
  std::string folder;
  std::size_t chosen = 0;
};

std::vector<compiler::SourceText> files_of(const Template& chosen) {
  const std::string prefix = std::string(chosen.example) + "/";
  std::vector<compiler::SourceText> files;
  for (const compiler::SourceText& file : example_files()) {
    const bool mine = file.path.starts_with(prefix) && !file.path.ends_with("/README.md");
    if (mine) files.push_back({file.path.substr(prefix.size()), file.content});
  }
  return files;
}

bool is_free(const fs::path& folder) {
  std::error_code error;
  return !fs::exists(folder, error) || (fs::is_directory(folder, error) && fs::is_empty(folder, error));
}

int init(const InitArguments& arguments) {
  const fs::path folder = arguments.folder;
  if (!is_free(folder))
    return fail(
        {ErrorCode::conflict, "`" + arguments.folder + "` is not an empty folder; nothing was written"});
  for (const compiler::SourceText& file : files_of(kTemplates[arguments.chosen])) {
    const fs::path path = folder / file.path;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    const auto written = write_file(path.string(), file.content);
    if (!written) return fail(written.error());
    std::printf("%s\n", path.generic_string().c_str());
  }
  std::fprintf(stderr, "now: wfc check %s && wfc test %s\n", arguments.folder.c_str(),
               arguments.folder.c_str());
  return kOk;
}

}  // namespace

void add_init(CommandLine& line) {
  auto arguments = std::make_shared<InitArguments>();
  Command command = line.add("init", "Writes a project to start from into a new folder");
  command.positional("DIR", arguments->folder, "The folder; it is made, or empty");
  std::vector<std::string> names;
  std::string doc = "What it is about (default: nurturing)";
  for (const Template& one : kTemplates) {
    names.emplace_back(one.name);
    doc += std::string(";\n") + one.name + ": " + one.doc;
  }
  command.choice(
      "--template", names, [arguments](std::size_t i) { arguments->chosen = i; }, doc.c_str(), "NAME");
  command.run([arguments] { return init(*arguments); });
}

}  // namespace wf::wfc
