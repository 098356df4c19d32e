// wfd finalize-upgrade: raises a store to the format of this program.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "runtime/store/upgrade.hpp"
#include "runtime/wfd/commands.hpp"

namespace wf::wfd {

namespace {

namespace fs = std::filesystem;

struct FinalizeArguments {
  std::string data;
  bool no_copy = false;
};

unsigned long long mebibytes(std::uint64_t bytes) {
  return (bytes + (1 << 20) - 1) >> 20;
}

Result<void> has_room(const FinalizeArguments& arguments) {
  const std::uint64_t needed = store::space_to_finalize(arguments.data, !arguments.no_copy);
  std::error_code failed;
  const std::uint64_t free = fs::space(arguments.data, failed).available;
  if (failed) return Error{ErrorCode::io, "cannot look at " + arguments.data + ": " + failed.message()};
  std::printf("needs up to %llu MiB in %s, where %llu MiB are free\n", mebibytes(needed),
              arguments.data.c_str(), mebibytes(free));
  if (free >= needed) return {};
  return Error{ErrorCode::full, "there is too little room: nothing was changed"};
}

/// The format before.
Result<int> finalize(const FinalizeArguments& arguments) {
  const auto before = store::format_of(arguments.data);
  if (!before || *before == store::kNewestFormat) return before;
  if (const auto room = has_room(arguments); !room) return room.error();
  store::FinalizeOptions options;
  if (!arguments.no_copy) options.copy = fs::path(arguments.data) / ("format-" + std::to_string(*before));
  options.before = [](const std::string& step) {
    std::printf("%s\n", step.c_str());
    std::fflush(stdout);
    return Result<void>();
  };
  if (const auto done = store::finalize(arguments.data, options); !done) return done.error();
  if (!arguments.no_copy)
    std::printf("the store as it was is kept in %s: remove it when you will not go back\n",
                options.copy.c_str());
  return before;
}

int run(const FinalizeArguments& arguments) {
  const auto before = finalize(arguments);
  if (!before) {
    std::fflush(stdout);
    std::fprintf(stderr, "wfd: %s\n", before.error().message.c_str());
    return before.error().code == ErrorCode::corrupt ? kCorrupt : kFailed;
  }
  if (*before == store::kNewestFormat)
    std::printf("the store has format %d already: nothing to do\n", *before);
  else
    std::printf("the store has format %d now; programs that know only format %d refuse it\n",
                store::kNewestFormat, *before);
  return kOk;
}

}  // namespace

void add_finalize_upgrade(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<FinalizeArguments>();
  CLI::App* command = app.add_subcommand(
      "finalize-upgrade", "Raises a store to this program's format; earlier programs refuse it afterwards");
  command->footer(
      "Writes both files of the store anew, verifies them, and puts them in place of the old ones, of\n"
      "which it keeps a copy in DIR/format-N. When it is interrupted, the store is as good as before:\n"
      "run it again.");
  command->add_option("--data", arguments->data, "The folder of the state; its daemon must not run")
      ->required()
      ->type_name("DIR");
  command->add_flag("--no-copy", arguments->no_copy, "Do not keep the store as it was");
  command->callback([arguments, &exit] { exit = run(*arguments); });
}

}  // namespace wf::wfd
