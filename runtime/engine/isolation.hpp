// Internal to the engine: finds the input or timer that a batch fails over, tries it alone, and gives it up.
//
// A fault is an exception of the code that works on an item: the batch is forgotten and done again up to the
// item, then the item alone, three times; then it is condemned. A process that dies tells nothing, so after a
// crash the first batch is taken item by item, each under a durable mark: an item under which the process has
// died three times is condemned too. (Three, because a kill from outside can hit any item, and twice.)
#pragma once

#include <optional>
#include <span>
#include <string>

#include "runtime/engine/quarantine.hpp"

namespace wf::engine {

class Isolation {
 public:
  static constexpr std::uint32_t kAttempts = 3;

  explicit Isolation(Context& context) : context_(context) {}

  /// `consumed`: the inputs that are done. Throws StoreFailure.
  void open(bool after_crash, store::InputSeq consumed);

  /// Single items are being tried: there is more to do at once.
  bool is_active(store::InputSeq consumed) const { return suspect_ || is_careful(consumed); }
  /// After a crash, until the first batch is through.
  bool is_careful(store::InputSeq consumed) const {
    return careful_input(consumed) || careful_timers_ > 0 || mark_;
  }

  // ---- before a batch ----
  /// What has to be marked durably before the batch begins; the mark becomes part of the batch's frame or of
  /// one of its own.
  std::optional<std::string> mark_first(store::InputSeq consumed, std::span<const store::Timer> due);
  std::size_t inputs(store::InputSeq consumed, std::size_t most) const;
  /// Cut down to those that this batch may fire.
  void choose(std::vector<store::Timer>& due, store::InputSeq consumed) const;

  // ---- in it ----
  void working_on(Item item) { current_ = std::move(item); }
  void working_on_none() { current_.reset(); }
  /// Why the item is given up; nothing when it is to be worked on.
  std::optional<std::string> condemned(const Item& item) const;

  // ---- after it ----
  /// False when no item can be blamed.
  bool faulted(const std::string& reason);
  void passed(store::InputSeq consumed, std::span<const store::Timer> fired);

 private:
  bool careful_input(store::InputSeq consumed) const { return consumed < careful_until_; }
  bool is_suspect(const Item& item) const;

  Context& context_;
  std::optional<Item> current_;
  std::optional<Item> suspect_;
  std::uint32_t attempts_ = 0;
  std::string reason_;
  store::InputSeq careful_until_ = 0;
  std::size_t careful_timers_ = 0;
  std::optional<CrashMark> mark_;  // as it stands in the store
};

}  // namespace wf::engine
