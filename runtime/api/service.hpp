// Service: what the resources of the API work with. Wired in runtime/wfd.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "runtime/api/clock.hpp"
#include "runtime/api/event_check.hpp"
#include "runtime/api/ingest.hpp"
#include "runtime/crm/links.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/http/server.hpp"

namespace wf::api {

/// The way to the engine, which lives on a thread of its own.
class EngineDoor {
 public:
  virtual ~EngineDoor() = default;
  /// Runs `work` on the engine's thread between two batches. When the engine is stopping, `work` is dropped
  /// unrun. Any thread.
  virtual void ask(std::function<void(engine::Engine&)> work) = 0;
  /// Hands over what is in no outbox, such as mails of a test; what becomes of it is not recorded. From work
  /// of ask() only.
  virtual void deliver(std::vector<engine::Delivery> deliveries) = 0;
  /// What the status tells besides the engine's own figures: channels, last errors. Any thread.
  virtual value::Map health() const = 0;
};

/// A program, and what checks events against it.
struct Edition {
  explicit Edition(std::shared_ptr<const bytecode::Program> p) : program(std::move(p)), check(*program) {}
  const std::shared_ptr<const bytecode::Program> program;
  const EventCheck check;
};

/// The edition in force. When another version becomes active it is replaced whole: a request goes on with the
/// one it took. Any thread.
class Editions {
 public:
  explicit Editions(std::shared_ptr<const bytecode::Program> program) { set(std::move(program)); }
  std::shared_ptr<const Edition> get() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  void set(std::shared_ptr<const bytecode::Program> program) {
    auto edition = std::make_shared<const Edition>(std::move(program));
    const std::lock_guard lock(mutex_);
    current_ = std::move(edition);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Edition> current_;
};

struct Service {
  std::shared_ptr<Editions> editions;
  Clock& clock;
  Ingest& ingest;
  EngineDoor& engine;
  const crm::Links& links;

  /// Of the edition in force: keep it as long as what it refers to.
  std::shared_ptr<const bytecode::Program> program() const { return editions->get()->program; }
};

}  // namespace wf::api
