// wfd check: reads through a whole store and says whether it is in order.
#include "runtime/store/check.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/wfd/commands.hpp"

namespace wf::wfd {

namespace {

unsigned long long wide(std::uint64_t n) {
  return n;
}

int run(const std::string& data) {
  const auto found = store::check(data);
  if (!found) {
    std::fprintf(stderr, "wfd: %s\n", found.error().message.c_str());
    if (found.error().code != ErrorCode::corrupt) return kFailed;
    std::fprintf(stderr, "the store in %s is damaged: `wfd restore` makes a new one from a copy\n",
                 data.c_str());
    return kCorrupt;
  }
  std::printf("in order: %llu MiB, %llu frames with %llu events, %llu records, %llu timers, %llu effects\n",
              wide(found->bytes >> 20), wide(found->frames), wide(found->inputs), wide(found->records),
              wide(found->timers), wide(found->effects));
  if (found->idle_timers > 0)
    std::printf("%llu timers belong to no record: they will do nothing\n", wide(found->idle_timers));
  for (const std::string& file : found->unverified)
    std::printf("%s was made before pages had checksums: not all damage to it would be noticed\n",
                file.c_str());
  return kOk;
}

}  // namespace

void add_check(CLI::App& app, int& exit) {
  auto data = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("check", "Reads a whole store, also while its daemon runs: is it in order?");
  command->add_option("--data", *data, "The folder of the state")->required()->type_name("DIR");
  command->callback([data, &exit] { exit = run(*data); });
}

}  // namespace wf::wfd
