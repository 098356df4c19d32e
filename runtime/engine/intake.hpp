// Internal to the engine: accepted inputs become changes of records, which the executor reacts to.
#pragma once

#include "runtime/engine/changes.hpp"
#include "runtime/engine/executor.hpp"

namespace wf::engine {

class Intake {
 public:
  Intake(Context& context, Executor& executor) : context_(context), executor_(executor) {}

  /// Applies one accepted input. What does not fit the schema any more is told in the history and counted; an
  /// input never stops the batch.
  void apply(const store::Input& input);
  /// Nothing when it cannot be.
  static std::optional<InputEvent> decode(const store::Input& input);
  /// The same for one that is decoded already.
  void apply(const std::optional<InputEvent>& event, const store::Input& input);
  /// Object and id of the record that an event is about; nothing when the program does not know its type.
  std::optional<std::pair<SymbolId, std::string>> identity_of(const InputEvent& event) const;

 private:
  void apply(const InputEvent& event, const store::Input& input);
  void event(const InputEvent& event, std::uint32_t type, const store::Input& input);
  std::uint32_t object_of(const InputEvent& event, std::uint32_t type) const;
  Record* record_for(const InputEvent& event, std::uint32_t object, bool create, Change& change);
  Record& create(const InputEvent& event, std::uint32_t object, const std::string& identity, Change& change);
  void set_properties(Record& record, std::uint32_t object, const value::Map& properties, Changes& changes,
                      const std::vector<bytecode::FormField>* only);
  /// The fields of the form or survey that an event answers; null when it answers none.
  const std::vector<bytecode::FormField>* answered(const vm::Event& event,
                                                   const bytecode::EventType& type) const;
  vm::Event bind(const bytecode::EventType& type, const value::Map& data, Key key);
  /// What the standard events mean for consent and suppression.
  void consequences(const bytecode::EventType& type, const InputEvent& event, Changes& changes);
  void give_variant(Record& record, std::string_view name);
  /// The record that `subject` names becomes `kept`; nothing when they are one already.
  void merge(const Record& kept, std::uint32_t object, const std::string& subject);
  void reject(std::string_view reason);

  Context& context_;
  Executor& executor_;
};

}  // namespace wf::engine
