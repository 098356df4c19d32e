// wfd serve: runs a project.
#include <CLI/CLI.hpp>
#include <memory>

#include "grammar/value/calendar.hpp"
#include "runtime/log/log.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/daemon.hpp"

namespace wf::wfd {

namespace {

struct ServeArguments {
  DaemonOptions daemon;
  std::string listen = "127.0.0.1:8080";
  std::string speed, clock_start;
  bool behind_proxy = false;
  bool verbose = false;
};

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

void read_listen(ServeArguments& arguments) {
  const std::size_t colon = arguments.listen.rfind(':');
  std::string address = arguments.listen.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  const std::string port = colon == std::string::npos ? "" : arguments.listen.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (address.empty() || !digits || std::stoi(port) > 65535) {
    throw CLI::ValidationError("--listen", "expected ADDRESS:PORT such as 127.0.0.1:8080");
  }
  if (!is_loopback(address) && !arguments.behind_proxy) {
    throw CLI::ValidationError("--listen",
                               address +
                                   " can be reached from outside, and the API has no TLS and no login of "
                                   "its own: put a proxy in front and say --behind-proxy");
  }
  arguments.daemon.address = address;
  arguments.daemon.port = static_cast<std::uint16_t>(std::stoi(port));
}

void read_clock(ServeArguments& arguments) {
  if (!arguments.speed.empty()) {
    arguments.daemon.clock.speed = api::parse_speed(arguments.speed);
    if (!arguments.daemon.clock.speed) {
      throw CLI::ValidationError("--speed", "expected a duration per second such as 1d/s or 12h/s");
    }
  }
  if (!arguments.clock_start.empty()) {
    arguments.daemon.clock.start = value::parse_instant(arguments.clock_start);
    if (!arguments.daemon.clock.start) {
      throw CLI::ValidationError("--clock-start", "expected an instant such as 2026-03-02T00:00:00+09:00");
    }
  }
}

void read_urls(const ServeArguments& arguments) {
  const std::string& mail = arguments.daemon.mail;
  const auto is = [](const std::string& text, std::string_view scheme) {
    return text.starts_with(scheme) && text.size() > scheme.size();
  };
  if (!mail.empty() && mail != "discard:" && !is(mail, "dir:") && !is(mail, "smtp://") &&
      !is(mail, "smtps://")) {
    throw CLI::ValidationError("--mail",
                               "expected dir:PATH, smtp://HOST:PORT, smtps://HOST:PORT or discard:");
  }
  const std::string& url = arguments.daemon.public_url;
  const bool plain = url.find_first_of(" \t\r\n<>\"") == std::string::npos && !url.ends_with('/');
  if (!url.empty() && ((!is(url, "https://") && !is(url, "http://")) || !plain)) {
    throw CLI::ValidationError("--public-url", "expected an address such as https://mail.example.com");
  }
}

}  // namespace

void add_serve(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<ServeArguments>();
  DaemonOptions& daemon = arguments->daemon;
  CLI::App* command = app.add_subcommand("serve", "Runs a project: takes events, enrols, waits, sends");
  command->add_option("--data", daemon.data, "Folder of the state; created when absent")
      ->required()
      ->type_name("DIR");
  command
      ->add_option(
          "--project", daemon.project,
          "Folder of *.wf and *.wf.yaml files, or a compiled bundle; without it, the version deployed last")
      ->type_name("DIR|FILE.wfb");
  command->add_flag("--watch", daemon.watch, "Read the project again when its files change, as on SIGHUP");
  command->add_option("--listen", arguments->listen, "Where the API listens")->type_name("ADDRESS:PORT");
  command->add_flag("--behind-proxy", arguments->behind_proxy, "Allow an address that others can reach");
  command->add_option("--store", daemon.store, "Instead of the one in --data: sqlite:DIR or memory:")
      ->type_name("STORE");
  command
      ->add_option(
          "--mail", daemon.mail,
          "dir:PATH (.eml files; by default DATA/mail), smtp://, smtps://, or discard: (goes nowhere)")
      ->type_name("TARGET");
  command->add_option("--mail-user", daemon.mail_user, "SMTP user; the password is the secret SMTP_PASSWORD")
      ->type_name("NAME");
  command->add_flag("--mail-tls", daemon.mail_tls, "Send mail only over TLS");
  command->add_option("--secrets", daemon.secrets, "File of NAME=value lines; else WF_SECRET_NAME is read")
      ->type_name("FILE");
  command->add_option("--public-url", daemon.public_url, "What links in mails start with")->type_name("URL");
  command->add_flag("--private-webhooks", daemon.private_webhooks,
                    "Let webhooks call this machine and its network");
  command->add_option("--speed", arguments->speed, "Scaled clock for demonstrations, such as 1d/s")
      ->type_name("DURATION/s");
  command->add_option("--clock-start", arguments->clock_start, "What the clock shows at the first start")
      ->type_name("INSTANT");
  command
      ->add_option("--backlog", daemon.ingest.backlog, "Accepted events that may wait before 429 is answered")
      ->type_name("EVENTS");
  command
      ->add_option("--source-share", daemon.ingest.source_share,
                   "Accepted events of one source that may wait while other sources send too")
      ->type_name("EVENTS");
  command
      ->add_option("--disk-low", daemon.disk.low_percent,
                   "Free space in percent below which nothing is accepted; 0: never")
      ->check(CLI::Range(0.0, 50.0))
      ->type_name("PERCENT");
  command
      ->add_option("--check-every", daemon.check_days,
                   "Days between two checks of the whole store, behind everything else; 0: never")
      ->check(CLI::Range(0.0, 3650.0))
      ->type_name("DAYS");
  command->add_option("--drain", daemon.drain_seconds, "Seconds to work off what is due when stopped")
      ->type_name("SECONDS");
  command->add_flag("--verbose", arguments->verbose, "Log more");
  command->callback([arguments, &exit] {
    read_listen(*arguments);
    read_clock(*arguments);
    read_urls(*arguments);
    if (arguments->daemon.watch && arguments->daemon.project.empty())
      throw CLI::ValidationError("--watch", "needs --project");
    if (arguments->verbose) log::set_level(log::Level::debug);
    exit = run_daemon(arguments->daemon);
  });
}

}  // namespace wf::wfd
