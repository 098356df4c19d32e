#include "runtime/engine/experiments.hpp"

#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"
#include "runtime/crm/bucket.hpp"
#include "runtime/crm/convert.hpp"
#include "runtime/engine/display.hpp"

namespace wf::engine {

using bytecode::WinnerBy;
using value::Kind;

namespace {

ExperimentState decode_state(Context& context, const std::string& bytes) {
  value::Reader in(bytes);
  ExperimentState state;
  state.started_at = in.zigzag();
  const std::string_view winner = in.bytes();
  if (!winner.empty()) state.winner = context.symbols.intern("variant", winner);
  state.arms.resize(in.count(3));
  for (ExperimentState::Arm& arm : state.arms) {
    arm.arm = context.symbols.intern("variant", in.bytes());
    arm.exposed = in.zigzag();
    arm.reacted = in.zigzag();
  }
  return state;
}

ExperimentState& changed_state(Context& context, SymbolId experiment) {
  const auto found = context.batch.experiments.find(experiment);
  if (found != context.batch.experiments.end()) return found->second;
  return context.batch.experiments.emplace(experiment, experiment_state(context, experiment)).first->second;
}

ExperimentState::Arm& arm_of(ExperimentState& state, SymbolId arm) {
  const auto found = std::find_if(state.arms.begin(), state.arms.end(),
                                  [&](const ExperimentState::Arm& a) { return a.arm == arm; });
  if (found != state.arms.end()) return *found;
  return state.arms.emplace_back(ExperimentState::Arm{arm, 0, 0});
}

std::string report_name(const Context& context, SymbolId experiment) {
  return "experiment." + std::string(context.symbols.name(experiment));
}

/// The choice has been made by then, or the experiment has none to make.
bool is_decided(const bytecode::Experiment& experiment, const ExperimentState& state, std::int64_t at) {
  if (experiment.winner_by == WinnerBy::none) return false;
  return state.winner != 0 || (state.started_at != 0 && at > state.started_at + experiment.after);
}

void mark_reacted(Context& context, Record& record, Assignment& assignment) {
  assignment.reacted = true;
  context.cache.touch(record.key);
  ++arm_of(changed_state(context, assignment.experiment), assignment.arm).reacted;
  context.batch.count(report_name(context, assignment.experiment), "reacted",
                      context.symbols.name(assignment.arm));
}

std::string record_text(const Binding& binding, const Record& record) {
  const std::uint32_t object = binding.object_index(record.object);
  if (object != kNone) {
    const auto& properties = binding.catalogue().objects[object].properties;
    for (std::uint32_t p = 0; p < properties.size(); ++p) {
      const Value& v = record.property(binding.slot(object, p));
      if (!properties[p].unique || v.is_unknown()) continue;
      return crm::identity_of(properties[p], v).substr(properties[p].name.size() + 1);
    }
  }
  return std::to_string(record.key);
}

}  // namespace

const ExperimentState& experiment_state(Context& context, SymbolId experiment) {
  const auto changed = context.batch.experiments.find(experiment);
  if (changed != context.batch.experiments.end()) return changed->second;
  const auto known = context.experiments.find(experiment);
  if (known != context.experiments.end()) return known->second;
  const auto stored = need(context.store.meta(experiment_meta(context, experiment)));
  ExperimentState state = stored ? decode_state(context, *stored) : ExperimentState();
  return context.experiments.emplace(experiment, std::move(state)).first->second;
}

std::string experiment_meta(const Context& context, SymbolId experiment) {
  return "experiment:" + std::string(context.symbols.name(experiment));
}

std::string encode(const Context& context, const ExperimentState& state) {
  value::Writer out;
  out.zigzag(state.started_at);
  out.bytes(state.winner == 0 ? "" : context.symbols.name(state.winner));
  out.varint(state.arms.size());
  for (const ExperimentState::Arm& arm : state.arms) {
    out.bytes(context.symbols.name(arm.arm));
    out.zigzag(arm.exposed);
    out.zigzag(arm.reacted);
  }
  return out.take();
}

std::string split_text(Context& context, const Binding& binding, const Record& record, const Value& key) {
  const bytecode::Catalogue& catalogue = binding.catalogue();
  switch (key.kind()) {
    case Kind::unknown:
      return record_text(binding, record);
    case Kind::ref: {
      const Record* other = key.as_key() == record.key ? &record : context.cache.get(key.as_key());
      return record_text(binding, other == nullptr ? record : *other);
    }
    case Kind::enumeration:
      return catalogue.enums[key.aux()].values[key.as_ordinal()];
    case Kind::resource:
      return catalogue.resource_name(static_cast<bytecode::ResourceKind>(key.aux()), key.as_resource());
    default:
      return display(catalogue, key);
  }
}

std::optional<std::uint32_t> winner(Context& context, const Binding& binding, std::uint32_t index,
                                    std::int64_t now) {
  const bytecode::Experiment& experiment = binding.catalogue().experiments[index];
  if (experiment.winner_by == WinnerBy::none) return std::nullopt;
  const ExperimentState& state = experiment_state(context, binding.experiment(index));
  if (state.winner != 0) {
    const std::uint32_t chosen = binding.arm_index(index, state.winner);
    if (chosen != kNone) return chosen;
  } else if (state.started_at == 0 || now < state.started_at + experiment.after) {
    return std::nullopt;
  }
  std::optional<std::uint32_t> best;
  std::int64_t best_reacted = 0, best_exposed = 1;
  for (std::uint32_t i = 0; i < experiment.arms.size(); ++i) {
    if (experiment.arms[i].is_holdout) continue;
    std::int64_t exposed = 0, reacted = 0;
    for (const ExperimentState::Arm& arm : state.arms) {
      if (arm.arm != binding.arm(index, i)) continue;
      exposed = arm.exposed;
      reacted = arm.reacted;
    }
    // Rates as fractions: equal ones are ties, exactly.
    const bool better = exposed > 0 && reacted * best_exposed > best_reacted * exposed;
    if (best && !better) continue;
    best = i;
    if (!better) continue;
    best_reacted = reacted;
    best_exposed = exposed;
  }
  return best;
}

std::optional<std::uint32_t> RecordView::arm(std::uint32_t index, const Value& key, std::int64_t now) const {
  const bytecode::Experiment& experiment = binding_.catalogue().experiments[index];
  if (const Assignment* known = record_.assignment(binding_.experiment(index))) {
    const std::uint32_t arm = binding_.arm_index(index, known->arm);
    if (arm != kNone) return arm;
  }
  std::uint32_t bucket = crm::bucket(experiment.name, split_text(context_, binding_, record_, key));
  std::uint32_t mine = 0;
  while (mine < experiment.arms.size() && bucket >= experiment.arms[mine].share) {
    bucket -= experiment.arms[mine++].share;
  }
  const bool in_range = mine < experiment.arms.size();
  if (in_range && experiment.arms[mine].is_holdout) return mine;
  // Once there is a winner, who comes gets it.
  if (const auto won = winner(context_, binding_, index, now)) return won;
  return in_range ? std::optional(mine) : std::nullopt;
}

std::int64_t RecordView::winner_due(std::uint32_t index, std::int64_t now) const {
  const ExperimentState& state = experiment_state(context_, binding_.experiment(index));
  const std::int64_t from = state.started_at == 0 ? now : state.started_at;
  return value::add_saturating(from, binding_.catalogue().experiments[index].after);
}

void expose(Context& context, const Binding& binding, Record& record, std::uint32_t index,
            std::uint32_t arm) {
  const bytecode::Experiment& experiment = binding.catalogue().experiments[index];
  const SymbolId symbol = binding.experiment(index);
  const ExperimentState& known = experiment_state(context, symbol);
  if (experiment.winner_by != WinnerBy::none && known.started_at == 0) {
    changed_state(context, symbol).started_at = context.now;
    context.batch.add_timer({context.now + experiment.after, 0, 0, symbol, kTimerExperiment});
  }
  if (arm == kNone) return;
  Assignment* assignment = record.assignment(symbol);
  if (assignment != nullptr && assignment->at != 0) return;
  if (assignment == nullptr) {
    record.assignments.push_back({symbol, binding.arm(index, arm)});
    assignment = &record.assignments.back();
  }
  context.cache.touch(record.key);
  assignment->at = context.now;
  const bool decided = winner(context, binding, index, context.now).has_value();
  assignment->counted = !decided;
  if (!decided) ++arm_of(changed_state(context, symbol), assignment->arm).exposed;
  const std::string_view name = context.symbols.name(assignment->arm);
  context.batch.count(report_name(context, symbol), decided ? "given_winner" : "exposed", name);
  context.tell(record.key, Happening::exposed, symbol,
               context.symbols.intern("workflow", experiment.workflow), std::string(name));
}

void count_reaction(Context& context, Record& record, const Occurrence& occurrence) {
  const Binding& binding = *context.active;
  for (Assignment& assignment : record.assignments) {
    if (!assignment.counted || assignment.reacted) continue;
    const std::uint32_t index = binding.experiment_index(assignment.experiment);
    if (index == kNone) continue;
    const bytecode::Experiment& experiment = binding.catalogue().experiments[index];
    if (experiment.event != occurrence.event.type || experiment.event == kNone) continue;
    if (occurrence.at < assignment.at) continue;
    if (is_decided(experiment, experiment_state(context, assignment.experiment), occurrence.at)) continue;
    const std::uint32_t arm = binding.arm_index(index, assignment.arm);
    const Value& email = occurrence.event.parameters[experiment.parameter];
    if (arm == kNone || email.kind() != Kind::resource) continue;
    const auto& emails = experiment.arms[arm].emails;
    if (std::find(emails.begin(), emails.end(), email.as_resource()) == emails.end()) continue;
    mark_reacted(context, record, assignment);
  }
}

void count_goal(Context& context, Record& record, SymbolId workflow) {
  const Binding& binding = *context.active;
  for (Assignment& assignment : record.assignments) {
    if (!assignment.counted || assignment.reacted) continue;
    const std::uint32_t index = binding.experiment_index(assignment.experiment);
    if (index == kNone) continue;
    const bytecode::Experiment& experiment = binding.catalogue().experiments[index];
    if (experiment.winner_by != WinnerBy::goal && experiment.winner_by != WinnerBy::none) continue;
    if (experiment.workflow != context.symbols.name(workflow)) continue;
    if (is_decided(experiment, experiment_state(context, assignment.experiment), context.now)) continue;
    mark_reacted(context, record, assignment);
  }
}

void choose_winner(Context& context, SymbolId symbol) {
  const std::uint32_t index = context.active->experiment_index(symbol);
  if (index == kNone || experiment_state(context, symbol).winner != 0) return;
  const auto won = winner(context, *context.active, index, context.now);
  if (!won) return;
  changed_state(context, symbol).winner = context.active->arm(index, *won);
  context.batch.count(report_name(context, symbol), "winner",
                      context.symbols.name(context.active->arm(index, *won)));
}

}  // namespace wf::engine
