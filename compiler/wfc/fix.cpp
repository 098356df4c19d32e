// wfc fix [PATH…]: applies what findings offer and a machine may do.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "compiler/wfc/line_diff.hpp"
#include "compiler/wfc/report.hpp"

namespace wf::wfc {
namespace {

/// A fix may uncover what another one mends.
constexpr int kMostRounds = 8;

struct FixArguments {
  ProjectArguments project;
  bool dry_run = false;
  bool diff = false;
  std::string today;
};

using Files = std::vector<compiler::SourceText>;

/// Edits of one file that do not overlap, by place. All edits of a fix are in or none is.
class Edits {
 public:
  /// False: it would change what another fix changes.
  bool add(const text::Fix& fix, const text::SourceSet& sources) {
    for (const text::Edit& edit : fix.edits) {
      if (overlaps(edit, sources)) return false;
    }
    for (const text::Edit& edit : fix.edits) by_path_[sources.file(edit.span.file).path()].push_back(edit);
    return true;
  }

  void apply(Files& files) const {
    for (compiler::SourceText& file : files) {
      const auto found = by_path_.find(file.path);
      if (found == by_path_.end()) continue;
      std::vector<text::Edit> edits = found->second;
      std::sort(edits.begin(), edits.end(),
                [](const text::Edit& a, const text::Edit& b) { return a.span.begin > b.span.begin; });
      for (const text::Edit& edit : edits)
        file.content.replace(edit.span.begin, edit.span.end - edit.span.begin, edit.text);
    }
  }

 private:
  bool overlaps(const text::Edit& edit, const text::SourceSet& sources) const {
    const auto found = by_path_.find(sources.file(edit.span.file).path());
    if (found == by_path_.end()) return false;
    return std::any_of(found->second.begin(), found->second.end(), [&](const text::Edit& other) {
      return edit.span.begin <= other.span.end && other.span.begin <= edit.span.end;
    });
  }

  std::map<std::string, std::vector<text::Edit>> by_path_;
};

/// The first fix of a finding that a machine may apply, and that changes files of the project only.
const text::Fix* fix_of(const text::Diagnostic& d, const text::SourceSet& sources, const Files& files) {
  const auto in_project = [&](const text::Edit& edit) {
    const std::string& path = sources.file(edit.span.file).path();
    return std::any_of(files.begin(), files.end(), [&](const auto& file) { return file.path == path; });
  };
  for (const text::Fix& fix : d.fixes) {
    const bool mine = std::all_of(fix.edits.begin(), fix.edits.end(), in_project);
    if (fix.applicability == text::Applicability::machine && mine) return &fix;
  }
  return nullptr;
}

/// Applies one round of fixes and says what they were; gives how many.
std::size_t fix_once(Files& files, std::optional<std::int32_t> today) {
  compiler::Options options;
  options.today = today;
  const compiler::Compiled compiled = compiler::compile(files, read_declared_file, options);
  Edits edits;
  std::size_t count = 0;
  for (const text::Diagnostic& found : compiled.diagnostics.all()) {
    const text::Diagnostic d = text::as_written(found, compiled.sources);
    const text::Fix* fix = fix_of(d, compiled.sources, files);
    if (fix == nullptr || !edits.add(*fix, compiled.sources)) continue;
    const text::SourceFile& file = compiled.sources.file(d.primary.span.file).written();
    const text::Position at = file.position(d.primary.span.begin);
    std::fprintf(stderr, "%s:%u:%u: %s: %s\n", file.path().c_str(), at.line, at.column,
                 text::code_text(d.code).c_str(), fix->title.c_str());
    ++count;
  }
  edits.apply(files);
  return count;
}

int write_changes(const FixArguments& arguments, const Files& before, const Files& after) {
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i].content == before[i].content) continue;
    if (arguments.diff)
      std::fputs(line_diff(after[i].path, before[i].content, after[i].content).c_str(), stdout);
    if (arguments.dry_run || arguments.diff) continue;
    const auto written = write_file(after[i].path, after[i].content);
    if (!written) return fail(written.error());
  }
  return kOk;
}

int fix(const FixArguments& arguments) {
  auto files = load_project(arguments.project);
  if (!files) return load_failure(files.error());
  const Files before = *files;
  std::size_t total = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    const std::size_t fixed = fix_once(*files, day_of(arguments.today));
    if (fixed == 0) break;
    total += fixed;
  }
  const int done = write_changes(arguments, before, *files);
  if (done != kOk) return done;
  const char* verb = arguments.dry_run || arguments.diff ? "to apply" : "applied";
  std::fprintf(stderr, "%zu %s %s\n", total, total == 1 ? "fix" : "fixes", verb);
  return kOk;
}

}  // namespace

void add_fix(CommandLine& line) {
  auto arguments = std::make_shared<FixArguments>();
  Command command = line.add("fix", "Applies the fixes of findings that need no decision");
  add_project_arguments(command, arguments->project);
  command.flag("--dry-run", arguments->dry_run, "Change nothing; say what would be done");
  command.flag("--diff", arguments->diff, "Change nothing; show what would change");
  add_today(command, arguments->today);
  command.run([arguments] {
    const auto& paths = arguments->project.paths;
    if (std::find(paths.begin(), paths.end(), "-") != paths.end())
      throw UsageError("files are changed where they are; standard input cannot be");
    return fix(*arguments);
  });
}

}  // namespace wf::wfc
