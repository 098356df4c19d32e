#include "runtime/wfd/daemon.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "runtime/api/routes.hpp"
#include "runtime/log/log.hpp"
#include "runtime/store/upgrade.hpp"
#include "runtime/wfd/bundle.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/engine_loop.hpp"
#include "runtime/wfd/store_check.hpp"
#include "runtime/wfd/watch.hpp"

namespace wf::wfd {

namespace {

constexpr int kGraceMilliseconds = 2000;
constexpr int kHttpThreads = 2;
constexpr double kDay = 86400.0 * static_cast<double>(value::kSecond);
constexpr std::int64_t kOutage = 10 * value::kMinute;  ///< shorter ones make nothing late
constexpr std::size_t kUnrepeatableMails = 32;  ///< what may be under way when a crash makes it uncertain

/// SIGTERM, SIGINT and SIGHUP wait for sigwait() in this thread and all that are started later.
sigset_t hold_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

int exit_code(const Error& error) {
  switch (error.code) {
    case ErrorCode::corrupt:
      return kCorrupt;
    case ErrorCode::invalid:
    case ErrorCode::not_found:
      return kUsage;
    default:
      return kFailed;
  }
}

/// The parts, each made by one step of start(). They die in reverse order.
class Daemon {
 public:
  /// `seen`: the project's files as they were before they were read.
  Daemon(const DaemonOptions& options, std::string seen) : options_(options), seen_(std::move(seen)) {}

  Result<void> start(const std::string& bundle);
  int run_until_signal(const sigset_t& signals);

 private:
  Result<void> open_state();
  Result<void> open_engine(const std::string& bundle);
  Result<void> open_channels();
  Result<void> open_server();
  void show_format(const std::string& folder);
  void open_check();
  std::string unsubscribe_link(engine::Key contact, std::string_view topic) const;
  int next_signal(const sigset_t& signals);
  void reload();
  void stop();

  const DaemonOptions& options_;
  std::unique_ptr<api::Clock> clock_;
  std::unique_ptr<crm::Links> links_;
  Secrets secrets_;
  std::string public_url_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<channels::MailChannel> mail_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<EngineLoop> loop_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::optional<RunFile> run_;
  std::unique_ptr<api::Ingest> ingest_;
  std::unique_ptr<DiskGuard> disk_;
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<StoreCheck> check_;
  std::unique_ptr<api::Service> service_;
  std::unique_ptr<http::Server> server_;
  engine::Version version_;  // as it started
  std::string seen_;         // of the project's files, when they are watched
  std::atomic<int> exit_{kOk};
};

Result<void> Daemon::open_state() {
  std::error_code error;
  const bool created = std::filesystem::create_directories(options_.data, error);
  // What is inside is about people.
  if (created) std::filesystem::permissions(options_.data, std::filesystem::perms::owner_all, error);
  if (error) return Error{ErrorCode::io, "cannot create " + options_.data + ": " + error.message()};
  auto secrets = Secrets::open(options_.secrets);
  if (!secrets) return secrets.error();
  secrets_ = std::move(*secrets);
  auto store = store::open_store(options_.store.empty() ? "sqlite:" + options_.data : options_.store);
  if (!store) return store.error();
  store_ = std::move(*store);
  auto run = RunFile::open(options_.data + "/run");
  if (!run) return run.error();
  run_ = std::move(*run);
  auto clock = api::open_clock(options_.data + "/clock", options_.clock, run_->seen());
  if (!clock) return clock.error();
  clock_ = std::move(*clock);
  auto links = crm::Links::open(options_.data + "/links.key");
  if (!links) return links.error();
  links_ = std::make_unique<crm::Links>(std::move(*links));
  return {};
}

std::string Daemon::unsubscribe_link(engine::Key contact, std::string_view topic) const {
  return public_url_ + "/u/" + crm::unsubscribe_token(*links_, {contact, std::string(topic)});
}

Result<void> Daemon::open_engine(const std::string& bundle) {
  engine::Options options;
  options.mail_idempotent = mail_->idempotent();
  options.after_crash = run_->after_crash();
  options.destinations.emplace();
  if (!mail_->idempotent()) options.destinations->mails = kUnrepeatableMails;
  options.unsubscribe_link = [this](engine::Key contact, std::string_view topic) {
    return unsubscribe_link(contact, topic);
  };
  auto engine = engine::Engine::open(*store_, std::move(options));
  if (!engine) return engine.error();
  engine_ = std::move(*engine);
  const auto status = engine_->status();
  if (!status) return status.error();
  clock_->raise(status->clock);
  const auto running = engine_->resume(bundle, clock_->now());
  if (!running) return running.error();
  version_ = running->version;
  // A scaled clock is for demonstrations: a moment without the daemon would be an outage of hours.
  const std::int64_t last = std::max(run_->clock(), status->clock), now = clock_->now();
  if (options_.clock.speed || last == 0 || now - last < kOutage) return {};
  log::warning("nothing ran for a while", {{"seconds", (now - last) / value::kSecond}});
  return engine_->outage(last, now);
}

Result<void> Daemon::open_channels() {
  if (options_.mail.empty() || options_.mail.starts_with("dir:")) {
    mail_ = channels::make_folder_channel(options_.mail.empty() ? options_.data + "/mail"
                                                                : options_.mail.substr(4));
    return {};
  }
  if (options_.mail == "discard:") {
    mail_ = channels::make_discard_channel();
    return {};
  }
  channels::SmtpOptions smtp;
  smtp.url = options_.mail;
  smtp.user = options_.mail_user;
  smtp.require_tls = options_.mail_tls;
  if (!smtp.user.empty()) {
    const auto password = secrets_.find("SMTP_PASSWORD");
    if (!password) return Error{ErrorCode::invalid, "--mail-user needs the secret SMTP_PASSWORD"};
    smtp.password = *password;
  }
  mail_ = channels::make_smtp_channel(smtp);
  return {};
}

Result<void> Daemon::open_server() {
  service_ = std::make_unique<api::Service>(
      api::Service{std::make_shared<api::Editions>(engine_->program()), *clock_, *ingest_, *loop_, *links_});
  http::ServerOptions options;
  options.address = options_.address;
  options.port = options_.port;
  options.threads = kHttpThreads;
  auto server = http::start_server(options, api::make_handler(*service_));
  if (!server) return server.error();
  server_ = std::move(*server);
  return {};
}

void Daemon::show_format(const std::string& folder) {
  const auto format = store::format_of(folder);
  if (!format || *format == store::kNewestFormat) return;
  const std::string text = std::to_string(*format) +
                           ", without page checksums: not all damage would be noticed. `wfd "
                           "finalize-upgrade` brings format " +
                           std::to_string(store::kNewestFormat);
  log::warning("the store has format " + text, {{"folder", folder}});
  loop_->show("store_format", [text] { return text; });
}

void Daemon::open_check() {
  const std::string sqlite = "sqlite:",
                    store = options_.store.empty() ? sqlite + options_.data : options_.store;
  if (!store.starts_with(sqlite)) return;
  const std::string folder = store.substr(sqlite.size());
  show_format(folder);
  check_ = std::make_unique<StoreCheck>(folder, options_.data + "/checked",
                                        static_cast<std::int64_t>(options_.check_days * kDay),
                                        [this](const Error& error) { loop_->give_up(error); });
  if (options_.check_days > 0) loop_->show("store_check", [this] { return check_->text(); });
}

Result<void> Daemon::start(const std::string& bundle) {
  if (const auto opened = open_state(); !opened) return opened;
  if (const auto opened = open_channels(); !opened) return opened;
  if (const auto opened = open_engine(bundle); !opened) return opened;
  loop_ = std::make_unique<EngineLoop>(*store_, *engine_, *clock_, [this](const Error& error) {
    exit_ = exit_code(error);
    ::kill(::getpid(), SIGTERM);
  });
  channels::WebhookOptions webhooks;
  webhooks.allow_private = options_.private_webhooks;
  dispatcher_ = std::make_unique<Dispatcher>(
      std::move(mail_), channels::make_webhook_channel(webhooks), std::move(secrets_), *clock_,
      [this](engine::EffectAnswer answer) { loop_->answered(std::move(answer)); });
  ingest_ = std::make_unique<api::Ingest>(*store_, *clock_, options_.ingest, [this] { loop_->wake(); });
  disk_ = std::make_unique<DiskGuard>(options_.data, options_.disk);
  watch_ = std::make_unique<Watch>(*disk_, *clock_, *ingest_, std::move(*run_));
  if (const auto opened = open_server(); !opened) return opened;
  // The first link is made by the loop, which starts only now.
  public_url_ = options_.public_url;
  const bool ipv6 = options_.address.find(':') != std::string::npos;
  const std::string host = ipv6 ? "[" + options_.address + "]" : options_.address;
  const std::string url = "http://" + host + ":" + std::to_string(server_->port());
  if (public_url_.empty()) public_url_ = url;
  ingest_->start();
  dispatcher_->start();
  loop_->show("disk", [this] { return disk_->text(); });
  open_check();
  loop_->start(*dispatcher_, *ingest_);
  const store::StoreFigures figures = store_->figures();
  log::info("listening", {{"url", url},
                          {"project", service_->program()->catalogue.project},
                          {"version", version_.number},
                          {"recovered_frames", figures.recovered_frames}});
  return {};
}

int Daemon::run_until_signal(const sigset_t& signals) {
  while (next_signal(signals) == SIGHUP) reload();
  log::info("stopping");
  // Whoever asks a second time does not want to wait: what is not done is done after the next start.
  std::thread([signals] {
    int again = SIGHUP;
    while (again == SIGHUP) sigwait(&signals, &again);
    log::warning("stopped at once");
    ::_exit(kFailed);
  }).detach();
  stop();
  log::info("stopped");
  return exit_;
}

/// A change of the watched project counts as SIGHUP, once its files have been still for one look.
int Daemon::next_signal(const sigset_t& signals) {
  int signal = 0;
  if (!options_.watch) {
    sigwait(&signals, &signal);
    return signal;
  }
  std::string last = seen_;
  for (;;) {
    const timespec pause{1, 0};
    signal = sigtimedwait(&signals, nullptr, &pause);
    if (signal > 0) return signal;
    std::string now = signature_of(options_.project);
    const bool still = now == last;
    last = std::move(now);
    if (!still || last == seen_) continue;
    seen_ = last;
    return SIGHUP;
  }
}

/// The project as it is now becomes active; a broken one changes nothing.
void Daemon::reload() {
  if (options_.project.empty()) return log::error("there is no project to read again: the daemon has none");
  const auto bundle = load_bundle(options_.project);
  const auto program = bundle ? bytecode::read_bundle(*bundle) : Result<bytecode::Program>(bundle.error());
  if (!program)
    return log::error("the project was not taken over: the version before goes on",
                      {{"reason", program.error().message}});
  loop_->ask([this, bundle = *bundle](engine::Engine& engine) {
    const auto deployed = engine.deploy(bundle, clock_->now(), {"the project was read again", "", true});
    if (!deployed)
      return log::error("the project was not taken over: the version before goes on",
                        {{"reason", deployed.error().message}});
    if (deployed->changed) service_->editions->set(engine.program());
    log::info(deployed->changed ? "the project was read again: another version is active"
                                : "the project was read again: nothing has changed",
              {{"version", deployed->version.number}, {"hash", deployed->version.hash}});
  });
}

void Daemon::stop() {
  server_->stop(kGraceMilliseconds);
  if (check_) check_->stop();
  ingest_->stop();
  loop_->stop(options_.drain_seconds);
  watch_->stop(exit_ == kOk);
}

}  // namespace

int run_daemon(const DaemonOptions& options) {
  std::string bundle;  // none: the version that was deployed last
  // What changes from here on is a change, also while the daemon starts.
  std::string seen = options.watch ? signature_of(options.project) : std::string();
  if (!options.project.empty()) {
    auto loaded = load_bundle(options.project);
    if (!loaded) {
      std::fprintf(stderr, "wfd: %s\n", loaded.error().message.c_str());
      return loaded.error().code == ErrorCode::invalid ? kProblems : kFailed;
    }
    bundle = std::move(*loaded);
    // Before the store is touched: a damaged bundle is not a damaged store.
    if (const auto program = bytecode::read_bundle(bundle); !program) {
      std::fprintf(stderr, "wfd: %s: %s\n", options.project.c_str(), program.error().message.c_str());
      return kProblems;
    }
  }
  const sigset_t signals = hold_signals();
  Daemon daemon(options, std::move(seen));
  if (const auto started = daemon.start(bundle); !started) {
    std::fprintf(stderr, "wfd: %s\n", started.error().message.c_str());
    if (started.error().code == ErrorCode::corrupt)
      std::fprintf(stderr,
                   "the store is damaged and was left as it is: `wfd restore` makes a new one from a copy\n");
    return exit_code(started.error());
  }
  return daemon.run_until_signal(signals);
}

}  // namespace wf::wfd
