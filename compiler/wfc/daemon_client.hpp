// What wfc asks a running daemon.
#pragma once

#include <memory>
#include <string>

#include "compiler/wfc/plan.hpp"
#include "runtime/http/server.hpp"

namespace wf::wfc {

class DaemonClient {
 public:
  /// Error: invalid (not http://host:port).
  static Result<DaemonClient> connect(const std::string& url);

  /// Errors of both: unavailable (no daemon, or it cannot now), invalid (it refuses the bundle), conflict
  /// (another version is active than expected).
  Result<DaemonState> survey(const std::string& bundle);
  Result<value::Value> deploy(const std::string& bundle, const std::string& expected,
                              const std::string& note);

 private:
  explicit DaemonClient(std::unique_ptr<http::Client> client) : client_(std::move(client)) {}
  Result<value::Value> post(const std::string& target, const std::string& bundle);
  Result<void> load_codes(DaemonState& state);

  std::unique_ptr<http::Client> client_;
};

/// Says on stderr why the daemon did not do it; the exit code.
int daemon_failure(const std::string& url, const Error& error);

}  // namespace wf::wfc
