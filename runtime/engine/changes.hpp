// Internal to the engine: the only functions that change a record. Each notes the value before in a Change,
// tells the history, and keeps identities, links and "became" counters in step.
#pragma once

#include <string_view>

#include "runtime/engine/context.hpp"

namespace wf::engine {

class Changes {
 public:
  Changes(Context& context, Record& record, Change& change, SymbolId workflow = 0)
      : context_(context), record_(record), change_(change), workflow_(workflow) {
    context.cache.touch(record.key);
  }

  /// `property` and `v` in terms of `binding`. Setting the same value is no change. A unique value that
  /// another record holds is refused and told.
  void set_property(const Binding& binding, std::uint32_t property, const Value& v);
  void add_to_property(const Binding& binding, std::uint32_t property, const Value& amount);
  /// Everything that is known of the record, before it is deleted. Told to nobody.
  void forget_all();
  void set_list(SymbolId list, bool member);
  void set_tag(SymbolId tag, bool tagged);
  void set_topic(SymbolId topic, bool subscribed);
  void set_marketing(bool marketing);
  void suppress(std::string_view reason);
  /// Counts an event in the counters of the active program that match it.
  void count_event(const vm::Event& event, std::int64_t occurred_at);
  /// Adds what another record has counted.
  void take_counters(const std::vector<CounterState>& counters);

 private:
  bool claim_identity(const bytecode::Property& property, const Value& old, const Value& v);
  bool marketing_full() const;
  void count(std::uint32_t counter, std::int64_t at);
  void set_membership(std::vector<Membership>& sets, SymbolId set, bool member);

  Context& context_;
  Record& record_;
  Change& change_;
  SymbolId workflow_;
};

}  // namespace wf::engine
