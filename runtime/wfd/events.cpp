// wfd events FILE.ndjson: sends events, one a line.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <thread>

#include "grammar/value/calendar.hpp"
#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/event_sender.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

constexpr std::chrono::milliseconds kClockPoll{20};

struct EventsArguments {
  RemoteOptions remote;
  SendOptions send;
  std::string file;
  bool follow_clock = false;
};

/// One run over a file.
class EventsRun {
 public:
  EventsRun(const EventsArguments& arguments, EventSender& sender) : arguments_(arguments), sender_(sender) {
    std::random_device random;
    run_ = std::to_string(random()) + "-" + std::to_string(random());
  }

  Result<void> send_all(std::istream& in) {
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (const auto sent = send(number, std::move(line)); !sent) return sent;
    }
    return sender_.flush();
  }

 private:
  Result<void> send(std::size_t number, std::string line) {
    if (!arguments_.follow_clock && !arguments_.send.retry) return sender_.add(number, std::move(line));
    auto event = api::parse_json(line);
    // What is no event is the daemon's to refuse.
    if (!event || event->kind() != value::Kind::map) return sender_.add(number, std::move(line));
    if (arguments_.follow_clock) {
      const auto time = value::parse_instant(api::text_member(*event, "time"));
      if (const auto reached = time ? wait_for(*time) : Result<void>(); !reached) return reached;
    }
    // A batch that is sent twice must take effect once, so every event has an id.
    if (arguments_.send.retry && api::member(*event, "id") == nullptr) {
      value::Map map = event->as_map();
      map.emplace_back("id", value::Value::text(run_ + ":" + std::to_string(number)));
      if (api::member(*event, "source") == nullptr)
        map.emplace_back("source", value::Value::text("wfd events"));
      line = api::to_json(value::Value::map(std::move(map)));
    }
    return sender_.add(number, std::move(line));
  }

  /// Until the daemon's clock shows `instant`; what was gathered is sent before.
  Result<void> wait_for(std::int64_t instant) {
    while (clock_ < instant) {
      const auto health = sender_.get("/healthz");
      if (!health) return health.error();
      clock_ = value::parse_instant(api::text_member(*health, "clock")).value_or(clock_);
      if (clock_ >= instant) break;
      if (const auto sent = sender_.flush(); !sent) return sent;
      std::this_thread::sleep_for(kClockPoll);
    }
    return {};
  }

  const EventsArguments& arguments_;
  EventSender& sender_;
  std::string run_;
  std::int64_t clock_ = 0;  // as last seen
};

int send_file(const EventsArguments& arguments) {
  std::ifstream file;
  if (arguments.file != "-") {
    file.open(arguments.file, std::ios::binary);
    if (!file) return fail({ErrorCode::io, "cannot read " + arguments.file});
  }
  SendOptions options = arguments.send;
  options.url = arguments.remote.url;
  const auto sender = EventSender::create(options);
  if (!sender) return fail(sender.error());
  const auto sent = EventsRun(arguments, **sender).send_all(arguments.file == "-" ? std::cin : file);
  const int outcome = print_outcome(**sender, arguments.file, "acknowledged", arguments.remote.json);
  return sent ? outcome : fail(sent.error());
}

}  // namespace

void add_events(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<EventsArguments>();
  CLI::App* command = app.add_subcommand("events", "Sends a file of events, one JSON object a line");
  command->add_option("file", arguments->file, "NDJSON, or - for standard input")
      ->required()
      ->type_name("FILE");
  command->add_option("--batch", arguments->send.batch, "Events a request")->check(CLI::Range(1, 10'000));
  command->add_flag("--follow-clock", arguments->follow_clock,
                    "Send each event when the daemon's clock shows its time");
  command->add_flag("--retry", arguments->send.retry,
                    "When the daemon is away, send again what was not acknowledged");
  command
      ->add_option("--retry-for", arguments->send.retry_seconds, "Seconds without progress before giving up")
      ->check(CLI::Range(1, 86'400));
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, &exit] { exit = send_file(*arguments); });
}

}  // namespace wf::wfd
