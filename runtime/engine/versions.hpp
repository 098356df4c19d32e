// Internal to the engine: the bundles that were made active, the one that is, and which are still needed.
//
// A bundle is kept while it is active, while an enrolment runs on it or an effect of one waits to leave, and
// while it is among the newest versions, to which one can return. Then it is dropped from store and memory.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/engine/deployment.hpp"
#include "runtime/engine/executor.hpp"

namespace wf::engine {

/// Once, inside a batch, in a store whose running enrolments were never counted. Throws StoreFailure.
void count_running(Context& context);

class Versions {
 public:
  Versions(Context& context, Executor& executor) : context_(context), executor_(executor) {}

  /// Takes over what is stored and binds the active bundle. Throws StoreFailure.
  void load();
  /// Null before anything is active.
  const std::shared_ptr<const bytecode::Program>& active() const { return active_; }
  /// Of the active bundle; "" without one.
  std::string active_hash() const;

  /// Of the newest version; "" without one. Another than the active one while that only takes data.
  std::string newest_hash() const { return durable_.versions.empty() ? "" : durable_.versions.back().hash; }

  /// What bind() replaced, to be taken back when the batch fails.
  struct Bound {
    std::shared_ptr<const bytecode::Program> program;
    const Binding* binding = nullptr;
    std::unique_ptr<triggers::Index> index;
    bool workflows_on = true;
  };
  /// Binds a program: it is the active one from here on.
  Bound bind(const bytecode::Hash& hash, bytecode::Program program);
  void take_back(Bound before);

  /// Inside a batch: the active bundle is a new version. Returns its number.
  void note(std::string_view bundle, const std::string& note);
  /// As of the last durable batch, oldest first.
  std::vector<Version> list() const;
  /// 0: the newest one with another bundle than the active one. Error: not_found.
  Result<Version> find(std::uint64_t number) const;
  /// Nothing when it was dropped or never was. Throws StoreFailure.
  std::optional<std::string> bundle_of(const std::string& hash);

  /// Inside a batch: drops what is needed no more.
  void collect();
  /// Is something perhaps needed no more?
  bool is_suspicious() const { return suspicious_; }
  void suspect() { suspicious_ = true; }
  /// The batch is durable, or is given up.
  void settle();
  void drop();

 private:
  struct State {
    std::vector<Version> versions;
    std::set<std::string> stored;    ///< hashes of the bundles in the store
    std::set<std::string> watching;  ///< of those whose enrolments may wait for changes of other records
  };
  void adopt_old_store(const std::optional<std::string>& active);
  void write();
  bool is_needed(const std::string& hash) const;
  /// Hashes that effects refer to; nothing when there are too many to look at now.
  std::optional<std::set<SymbolId>> used_by_effects();

  Context& context_;
  Executor& executor_;
  std::shared_ptr<const bytecode::Program> active_;
  State durable_, state_;
  std::set<std::string> dropped_;  ///< in this batch
  bool suspicious_ = true;
  bool changed_ = false;  ///< state_ differs from durable_
};

}  // namespace wf::engine
