// Daemon: store, engine, channels, clock, ingest and HTTP server, wired and run until a signal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/api/clock.hpp"
#include "runtime/api/ingest.hpp"
#include "runtime/wfd/disk_guard.hpp"

namespace wf::wfd {

struct DaemonOptions {
  std::string data;     ///< folder for everything that is not given elsewhere
  std::string project;  ///< "": the version that was deployed last
  bool watch = false;   ///< reads the project again when its files change
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: any
  std::string store;          ///< "" : sqlite in `data`
  std::string mail;           ///< dir:PATH, smtp://…, smtps://… or discard:; "": a folder in `data`
  std::string mail_user;      ///< its password is the secret SMTP_PASSWORD
  bool mail_tls = false;
  std::string secrets;     ///< a file, or ""
  std::string public_url;  ///< of links in mails; "": the listening address
  bool private_webhooks = false;
  api::ClockOptions clock;
  api::IngestOptions ingest;
  DiskOptions disk;
  int drain_seconds = 5;
  double check_days = 7;  ///< between two checks of the whole store; 0: never
};

/// Runs until SIGTERM or SIGINT, then ends orderly. SIGHUP reads the project again. The exit code: see
/// commands.hpp.
int run_daemon(const DaemonOptions& options);

}  // namespace wf::wfd
