// Internal to the engine: who gets which arm of an experiment, who reacted, and which arm wins.
//
// The arm of a record is a function of its split key until it is exposed; then it is stored with the record
// and never changes. Exposures and reactions up to the choice of the winner are counted over all records.
#pragma once

#include <optional>
#include <string>

#include "runtime/engine/executor.hpp"

namespace wf::engine {

/// The state of an experiment, this batch's changes included. Throws StoreFailure.
const ExperimentState& experiment_state(Context& context, SymbolId experiment);
std::string experiment_meta(const Context& context, SymbolId experiment);
std::string encode(const Context& context, const ExperimentState& state);

/// The arm that wins at `now`; nothing before the choice. Ties, and nobody exposed, go to the first variant.
std::optional<std::uint32_t> winner(Context& context, const Binding& binding, std::uint32_t experiment,
                                    std::int64_t now);

/// What decides the bucket: of a record its first known unique property, else its number; of another value
/// its text; the record itself when the key is unknown.
std::string split_text(Context& context, const Binding& binding, const Record& record, const Value& key);

/// Gives the record an arm, or, with kNone, starts the clock for a record that waits for the winner.
void expose(Context& context, const Binding& binding, Record& record, std::uint32_t experiment,
            std::uint32_t arm);
/// Counts a reaction to a mail of the record's arm.
void count_reaction(Context& context, Record& record, const Occurrence& occurrence);
/// The record met the goal of a workflow.
void count_goal(Context& context, Record& record, SymbolId workflow);
/// The timer of an experiment: its winner is chosen and kept.
void choose_winner(Context& context, SymbolId experiment);

}  // namespace wf::engine
