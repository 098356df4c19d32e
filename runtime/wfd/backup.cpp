// wfd backup, wfd restore: a copy of a data folder while its daemon runs, and a data folder from a copy.
#include "runtime/store/backup.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "runtime/crm/small_file.hpp"
#include "runtime/store/store.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

namespace fs = std::filesystem;

/// Besides the store: the key of the links in mails, and the base of a scaled clock.
constexpr const char* kSmallFiles[] = {"links.key", "clock"};

int exit_of(const Error& error) {
  std::fprintf(stderr, "wfd: %s\n", error.message.c_str());
  return error.code == ErrorCode::corrupt ? kCorrupt : kFailed;
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error)) return Error{ErrorCode::conflict, folder.string() + " is there already"};
  fs::create_directories(folder, error);
  fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return Error{ErrorCode::io, "cannot create " + folder.string() + ": " + error.message()};
  return {};
}

Result<void> copy_all(const fs::path& from, const fs::path& to) {
  if (const auto made = make_folder(to); !made) return made;
  for (const char* name : kSmallFiles) {
    const auto content = crm::read_file((from / name).string());
    if (!content && content.error().code == ErrorCode::not_found) continue;
    if (!content) return content.error();
    if (const auto written = crm::replace_file((to / name).string(), *content); !written) return written;
  }
  return store::backup(from, to);
}

/// Under a name of its own until it is whole; what cannot be opened is no copy.
Result<std::uint64_t> copy_whole(const fs::path& from, const fs::path& to) {
  std::error_code ignored;
  if (fs::exists(to, ignored)) return Error{ErrorCode::conflict, to.string() + " is there already"};
  const fs::path part = to.string() + ".part";
  const auto copied = [&]() -> Result<std::uint64_t> {
    if (const auto done = copy_all(from, part); !done) return done.error();
    const auto opened = store::open_store("sqlite:" + part.string());
    if (!opened) return opened.error();
    return (*opened)->figures().last_frame;
  }();
  if (copied) fs::rename(part, to, ignored);
  if (!copied || ignored) fs::remove_all(part, ignored);
  return copied;
}

struct CopyArguments {
  std::string data, copy;
};

}  // namespace

void add_backup(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<CopyArguments>();
  CLI::App* command = app.add_subcommand("backup", "Copies a data folder, also while its daemon runs");
  command->add_option("--data", arguments->data, "The folder of the state")->required()->type_name("DIR");
  command->add_option("copy", arguments->copy, "A new folder")->required()->type_name("COPY");
  command->callback([arguments, &exit] {
    const auto frame = copy_whole(arguments->data, arguments->copy);
    if (!frame) {
      exit = exit_of(frame.error());
      return;
    }
    std::printf("copied to %s, as of frame %llu\n", arguments->copy.c_str(),
                static_cast<unsigned long long>(*frame));
  });
}

void add_restore(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<CopyArguments>();
  CLI::App* command = app.add_subcommand("restore", "Makes a data folder from a copy");
  command->add_option("copy", arguments->copy, "What `wfd backup` made")->required()->type_name("COPY");
  command->add_option("--data", arguments->data, "A new folder")->required()->type_name("DIR");
  command->callback([arguments, &exit] {
    const auto frame = copy_whole(arguments->copy, arguments->data);
    if (!frame) {
      exit = exit_of(frame.error());
      return;
    }
    std::printf("restored into %s, as of frame %llu\n", arguments->data.c_str(),
                static_cast<unsigned long long>(*frame));
  });
}

}  // namespace wf::wfd
