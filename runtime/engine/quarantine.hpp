// Internal to the engine: inputs and timers that could not be worked on, kept with the reason until a person
// decides.
#pragma once

#include <map>
#include <variant>
#include <vector>

#include "runtime/engine/context.hpp"

namespace wf::engine {

/// One thing of a batch that can be taken alone.
using Item = std::variant<store::Input, store::Timer>;

struct Quarantined {
  std::uint64_t id = 0;
  std::int64_t at = 0;
  std::string reason;
  Item item;
};

class Quarantine {
 public:
  explicit Quarantine(Context& context) : context_(context) {}

  /// As of the last durable frame. Throws StoreFailure.
  void load();
  // Inside a batch:
  void add(Item item, std::string reason);
  void remove(std::uint64_t id);

  std::size_t size() const { return ids_.size(); }
  const std::vector<std::uint64_t>& ids() const { return ids_; }
  /// Nothing when there is no such entry. Throws StoreFailure.
  std::optional<Quarantined> find(std::uint64_t id) const;

 private:
  void put_ids();

  Context& context_;
  std::vector<std::uint64_t> ids_;
  std::uint64_t next_ = 1;
};

/// "form_submitted of taro@example.com" or "timer of workflow …": for people.
std::string describe(const Item& item, Context& context);

/// What is worked on alone after the process died, and how often it has died over it. Durable before the work
/// begins, so that what kills the process is known the next time.
struct CrashMark {
  bool is_timer = false;
  store::InputSeq input = 0;
  store::Timer timer;
  std::uint32_t deaths = 0;
  bool names(const CrashMark& other) const {
    return is_timer == other.is_timer && (is_timer ? timer == other.timer : input == other.input);
  }
};
/// Where it stands among the small named blobs.
inline constexpr const char* kCrashMark = "crash_mark";
std::string encode(const CrashMark& mark);
/// Nothing when there is no mark.
std::optional<CrashMark> decode_crash_mark(std::string_view bytes);

}  // namespace wf::engine
