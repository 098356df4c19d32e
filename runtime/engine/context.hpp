// Internal to the engine: what its parts share. The cache of records, the batch being built, and the bound
// programs.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/engine/binding.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/engine/record.hpp"
#include "runtime/engine/running.hpp"
#include "runtime/engine/switches.hpp"
#include "runtime/engine/tallies.hpp"
#include "runtime/store/hash.hpp"
#include "runtime/store/store.hpp"
#include "runtime/triggers/elsewhere.hpp"
#include "runtime/triggers/index.hpp"
#include "runtime/vm/vm.hpp"

namespace wf::engine {

/// A store error inside a batch: thrown by the parts, caught by run(), which then gives the batch up.
struct StoreFailure {
  Error error;
};

template <class T>
T need(Result<T> result) {
  if (!result) throw StoreFailure{result.error()};
  return std::move(result).value();
}

/// What one cause changed on one record: the values before.
struct Change {
  std::vector<std::pair<std::uint32_t, Value>> properties;  ///< slot, value before
  std::vector<std::pair<SymbolId, bool>> lists;             ///< list, added
  std::vector<CounterState> counters;                       ///< states before
  std::vector<std::uint32_t> counted;                       ///< their indices in the active program
  std::vector<SymbolId> tags;                               ///< toggled
  bool created = false, deleted = false;
  bool empty() const {
    return properties.empty() && lists.empty() && counters.empty() && tags.empty() && !created;
  }
};

/// Records in memory, clean ones evicted oldest first when they take more than `capacity` bytes.
class Cache final : private ColdRows {
 public:
  Cache(store::Store& store, Layout& layout, std::size_t capacity)
      : store_(store), layout_(layout), capacity_(capacity) {}

  /// Null when there is no such record; of one that was merged, the one it was merged into. Valid until
  /// settle() or drop(). Throws StoreFailure.
  Record* get(Key key);
  Record& create(Key key, SymbolId object, std::int64_t now);
  void touch(Key key);
  /// Ascending.
  std::vector<Key> dirty() const;
  /// The batch is durable: dirty records are clean.
  void settle();
  /// The batch failed: dirty records are forgotten.
  void drop();
  /// From now on there is no such record; what still holds it may go on reading until the batch ends.
  void forget(Key key) { forgotten_.insert(key); }
  const std::set<Key>& forgotten() const { return forgotten_; }
  /// From now on `key` means the record that it was merged into.
  void forward(Key key, Forward where);
  const std::map<Key, Forward>& forwarded() const { return forwarded_; }
  /// Where a record went; nowhere when it was not merged.
  Forward forward_of(Key key);
  /// In memory, forgotten or not; else null.
  const Record* peek(Key key) const;

 private:
  /// A member of the list from the newest to the oldest use; uses within one batch do not move it.
  struct Entry {
    Record record;
    Entry* newer = nullptr;
    Entry* older = nullptr;
    std::uint64_t batch = 0;  ///< in which it was used last
    std::size_t bytes = 0;    ///< as counted in bytes_
    bool dirty = false;
  };
  void read(Key key, SymbolId object, Properties& properties) override;
  Entry* find(Key key);
  Entry* load(Key key);
  Entry* entry_of(Key key);
  void use(Entry& entry);
  void link(Entry& entry);
  void unlink(Entry& entry);
  void weigh(Entry& entry);
  void erase(Key key);
  void evict();

  store::Store& store_;
  Layout& layout_;
  std::size_t capacity_;
  std::size_t bytes_ = 0;
  std::uint64_t batch_ = 1;
  boost::unordered_flat_map<Key, std::unique_ptr<Entry>> entries_;
  Entry *newest_ = nullptr, *oldest_ = nullptr;
  Entry* last_ = nullptr;  ///< found last: most look-ups ask for one record several times
  std::vector<Key> dirty_;
  std::vector<Key> grown_;  ///< their cold rows were read in this batch
  std::set<Key> forgotten_;
  std::map<Key, Forward> forwarded_;
};

/// One bundle, bound.
struct Loaded {
  std::shared_ptr<const bytecode::Program> program;
  std::unique_ptr<Binding> binding;
  std::unique_ptr<triggers::Elsewhere> elsewhere;
};

/// Counters that survive restarts, written with every frame.
struct Numbers {
  std::uint64_t next_record = 1;
  std::uint64_t next_effect = 1;
  std::int64_t clock = 0;
  std::uint64_t marketing_contacts = 0;
};

/// What is known of an experiment over all records.
struct ExperimentState {
  struct Arm {
    SymbolId arm = 0;
    std::int64_t exposed = 0, reacted = 0;  ///< records, before the winner was chosen
  };
  std::int64_t started_at = 0;  ///< of the first exposure; 0: none yet
  SymbolId winner = 0;          ///< 0: not chosen yet
  std::vector<Arm> arms;
};

/// `association` of record `from` points at `to`.
struct Association {
  SymbolId association = 0;
  Key to = 0, from = 0;
  friend auto operator<=>(const Association&, const Association&) = default;
};

/// Counters of the report by name, found by their parts.
class Counts {
 public:
  void add(std::string_view subject, std::string_view metric, std::string_view detail, std::int64_t n);
  /// In the order of their names: subject, tab, metric, tab, detail.
  std::vector<store::StatDelta> by_name() const;
  void clear() { counts_.clear(); }

 private:
  struct Parts {
    std::string_view subject, metric, detail;
  };
  struct Name {
    std::string subject, metric, detail;
    Parts parts() const { return {subject, metric, detail}; }
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Parts& parts) const;
    std::size_t operator()(const Name& name) const { return (*this)(name.parts()); }
  };
  struct Same {
    using is_transparent = void;
    static bool same(const Parts& a, const Parts& b) {
      return a.subject == b.subject && a.metric == b.metric && a.detail == b.detail;
    }
    bool operator()(const Name& a, const Name& b) const { return same(a.parts(), b.parts()); }
    bool operator()(const Name& a, const Parts& b) const { return same(a.parts(), b); }
    bool operator()(const Parts& a, const Name& b) const { return same(a, b.parts()); }
  };
  boost::unordered_flat_map<Name, std::int64_t, Hash, Same> counts_;
};

/// One thing told of a record.
struct Told {
  Key key = 0;
  HistoryItem item;
};

/// The frame being built. Its parts are put in order when it is done.
struct Batch {
  store::Frame frame;
  boost::unordered_flat_set<store::Timer, store::HashTimer> timers_added, timers_removed;
  boost::unordered_flat_map<std::uint64_t, store::Effect> effects_put;
  boost::unordered_flat_set<std::uint64_t> effects_removed;
  std::map<std::pair<std::uint32_t, std::string>, Key> identities;
  std::vector<Told> told;
  Counts stats;
  std::map<SymbolId, ExperimentState> experiments;  // changed in this batch
  std::map<Association, bool> links;                // false: removed
  std::map<std::string, std::uint64_t> turns;       // taken so far, by rotation

  /// Empty, with the room it had.
  void clear();
  void link(SymbolId association, Key from, Key to, bool linked) { links[{association, to, from}] = linked; }
  void add_timer(const store::Timer& timer);
  void remove_timer(const store::Timer& timer);
  void put_effect(store::Effect effect);
  void remove_effect(std::uint64_t id);
  void count(std::string_view subject, std::string_view metric, std::string_view detail = {},
             std::int64_t n = 1) {
    stats.add(subject, metric, detail, n);
  }
};

struct Context {
  Context(store::Store& s, Options o)
      : store(s), options(std::move(o)), cache(s, layout, options.cache_bytes), tallies(s) {}

  store::Store& store;
  Options options;
  Symbols symbols;
  Layout layout;
  Cache cache;
  Tallies tallies;
  Running running;
  Numbers numbers;
  Switches switches;
  Batch batch;
  std::map<SymbolId, Loaded> codes;
  std::map<SymbolId, ExperimentState> experiments;  // as of the last durable batch, those asked for
  const Binding* active = nullptr;
  std::unique_ptr<triggers::Index> index;  // of the active program
  bool workflows_on = true;                // false while an active program only takes data
  std::int64_t now = 0;
  /// What is worked on was due then, while nothing ran; 0: it is in time.
  std::int64_t overdue_since = 0;

  /// The bundle an enrolment is pinned to, read back from the store if needed; null when it is gone.
  const Binding* binding(SymbolId code);
  void tell(Key key, Happening what, SymbolId subject = 0, SymbolId workflow = 0, std::string detail = {});
  std::optional<Key> find(SymbolId object, const std::string& identity);
  Key new_key(SymbolId object, const std::string& identity);
  /// Records whose association points at `to`, the oldest first.
  std::vector<Key> linked(SymbolId association, Key to);
  /// Turns taken of a rotation.
  std::uint64_t turns(const std::string& rotation);
  bool exists(Key key) { return cache.get(key) != nullptr; }
};

/// One record as it was before a change of it.
struct Before {
  Key key = 0;
  const Change* change = nullptr;
};

/// The record as a program sees it; with `before`, as everything was before a change of some record.
class RecordView final : public vm::View {
 public:
  RecordView(Context& context, const Binding& binding, const Record& record, Before before = {});

  std::uint64_t key() const override { return record_.key; }
  std::int64_t created_at() const override { return record_.created_at; }
  Value property(std::uint32_t property) const override;
  Value field(std::uint64_t key, std::uint32_t object, std::uint32_t property) const override;
  std::int64_t count(std::uint32_t counter, std::int64_t now) const override;
  std::optional<std::int64_t> last_event(std::uint32_t counter) const override;
  std::optional<std::int64_t> expiry(std::uint32_t counter, std::int64_t now) const override;
  bool in_list(std::uint32_t list) const override;
  bool has_tag(std::string_view tag) const override;
  std::optional<std::uint32_t> arm(std::uint32_t experiment, const Value& split_key,
                                   std::int64_t now) const override;
  std::int64_t winner_due(std::uint32_t experiment, std::int64_t now) const override;
  std::vector<std::uint64_t> linked(std::uint64_t to, std::uint32_t object,
                                    std::uint32_t property) const override;
  std::unique_ptr<vm::View> other(std::uint64_t key, std::uint32_t object) const override;
  std::uint64_t new_key(std::uint32_t n) const override;
  std::uint64_t turns(std::uint32_t rotation) const override;

 private:
  const CounterState* state(std::uint32_t counter) const;
  /// What was different on this record before the change.
  const Change* before() const { return before_.key == record_.key ? before_.change : nullptr; }

  Context& context_;
  const Binding& binding_;
  const Record& record_;
  Before before_;
  std::uint32_t object_;
};

/// Counts of a windowed or unwindowed counter.
std::int64_t count_of(const bytecode::Counter& spec, const CounterState* state, std::int64_t now);

inline constexpr std::uint8_t kTimerWait = 1, kTimerWindow = 2, kTimerTrigger = 3, kTimerReport = 9;
/// When an experiment's winner is chosen: of no record, `step` is the experiment.
inline constexpr std::uint8_t kTimerExperiment = 10;

}  // namespace wf::engine
