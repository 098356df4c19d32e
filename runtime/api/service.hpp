// Service: what the resources of the API work with. Wired in runtime/wfd.
#pragma once

#include <functional>
#include <memory>

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
  /// What the status tells besides the engine's own figures: channels, last errors. Any thread.
  virtual value::Map health() const = 0;
};

struct Service {
  std::shared_ptr<const bytecode::Program> program;
  EventCheck check;
  const Clock& clock;
  Ingest& ingest;
  EngineDoor& engine;
  const crm::Links& links;
};

}  // namespace wf::api
