// One process: the parts of the daemon wired as wfd does, without its threads and sockets.
#pragma once

#include <memory>

#include "runtime/api/routes.hpp"
#include "runtime/wfd/dispatcher.hpp"
#include "runtime/wfd/engine_loop.hpp"
#include "tests/simulate/outside.hpp"
#include "tests/simulate/virtual_clock.hpp"
#include "tests/simulate/watched_store.hpp"

namespace wf::simulate {

struct DaemonParts {
  std::string vfs;
  const std::int64_t& real;
  const std::int64_t& offset;
  Outside& outside;
  WatchedStore::Told told;
  std::uint64_t& next_mark;
  /// With the opened store, before the engine sees it.
  std::function<void(store::Store&)> opened;
};

class Daemon {
 public:
  explicit Daemon(const DaemonParts& parts) : parts_(parts), clock_(parts.real, parts.offset) {}

  Result<void> start(const std::string& bundle);
  /// What a signal does: no more requests, the rest is worked off, the store is folded.
  void end();

  bool woken() const { return woken_; }
  /// One pass of the engine; how long nothing is to do (nothing: until something comes from outside).
  std::optional<std::int64_t> turn();
  void post(const std::string& body, http::Respond respond);
  bool write_next() { return ingest_->write_next(); }
  bool deliver_next() { return dispatcher_->deliver_next(); }
  void fold() { loop_->fold(); }
  bool gave_up() const { return fatal_.has_value(); }
  const Error& fatal() const { return *fatal_; }
  bool busy() const { return dispatcher_->busy(); }
  engine::Engine& engine() { return *engine_; }
  store::Store& store() { return *store_; }
  const api::Clock& clock() const { return clock_; }

 private:
  DaemonParts parts_;
  VirtualClock clock_;
  crm::Links links_{crm::Links::SigningKey{1, 2, 3}};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<wfd::EngineLoop> loop_;
  std::unique_ptr<wfd::Dispatcher> dispatcher_;
  std::unique_ptr<api::Ingest> ingest_;
  std::unique_ptr<api::Service> service_;
  http::Handler handler_;
  std::optional<Error> fatal_;
  bool woken_ = true;
};

}  // namespace wf::simulate
