#include "runtime/bytecode/migration.hpp"

#include <algorithm>

#include "runtime/bytecode/canonical.hpp"
#include "runtime/bytecode/outline.hpp"

namespace wf::bytecode {

namespace {

/// A wait and the steps that lie behind it, the wait's own last.
struct Place {
  std::uint32_t word = kNone;
  std::vector<StepFact> steps;
};

Place place_of(const Program& program, std::uint32_t body, std::uint32_t word) {
  Place place{word, {}};
  for (StepFact& step : steps_of(program, body)) {
    if (step.word < word) place.steps.push_back(std::move(step));
  }
  return place;
}

bool is_same(const StepFact& a, const StepFact& b) {
  return a.label == b.label && a.place == b.place;
}

/// The wait of the new version that has the step identity of this one: the same text in the same branches,
/// the same time it occurs.
std::optional<Place> counterpart(const Place& place, const Program& after, std::uint32_t body) {
  const StepFact& own = place.steps.back();
  auto nth = std::count_if(place.steps.begin(), place.steps.end(),
                           [&](const StepFact& s) { return is_same(s, own); });
  const auto steps = steps_of(after, body);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!is_same(steps[i], own) || --nth > 0) continue;
    const std::uint32_t end = i + 1 < steps.size() ? steps[i + 1].word : after.functions[body].end;
    for (std::uint32_t at = steps[i].word; at < end; ++at) {
      const Opcode op = opcode_of(after.code[at]);
      if (opcodes()[static_cast<std::size_t>(op)].operand == OperandKind::wait)
        return place_of(after, body, at);
    }
    return std::nullopt;
  }
  return std::nullopt;
}

/// What keeps an enrolment from going over to the counterpart of its wait.
std::string obstacle(const Place& before, const Place& after) {
  const auto has = [](const Place& place, const StepFact& step) {
    return std::any_of(place.steps.begin(), place.steps.end(),
                       [&](const StepFact& s) { return is_same(s, step); });
  };
  for (const StepFact& step : after.steps) {
    if (!has(before, step)) return "`" + step.label + "` was inserted before this point (would be skipped)";
  }
  for (const StepFact& step : before.steps) {
    if (!has(after, step)) return "`" + step.label + "` was removed before this point";
  }
  const std::size_t most = std::min(before.steps.size(), after.steps.size());
  for (std::size_t i = 0; i < most; ++i) {
    if (!is_same(before.steps[i], after.steps[i]))
      return "`" + after.steps[i].label + "` has another place before this point";
    if (before.steps[i].exact != after.steps[i].exact)
      return "`" + after.steps[i].label + "` does something else";
  }
  return "what lies before this point differs";
}

}  // namespace

const char* to_string(PointClass what) {
  constexpr const char* kWords[] = {"identical", "compatible", "needs mapping", "must drain"};
  return kWords[static_cast<std::size_t>(what)];
}

std::uint32_t same_word(const Program& before, std::uint32_t index, std::uint32_t word, const Program& after,
                        std::uint32_t after_index) {
  const Function& from = before.functions[before.workflows[index].body];
  const Function& to = after.functions[after.workflows[after_index].body];
  return to.begin + (word - from.begin);
}

PointMatch match_point(const Program& before, std::uint32_t index, std::uint32_t wait, const Program& after,
                       std::uint32_t after_index) {
  const std::uint32_t from = before.workflows[index].body, to = after.workflows[after_index].body;
  const std::uint32_t word = wait == kNone ? kNone : word_of_wait(before, from, wait);
  if (running_text(before, index) == running_text(after, after_index)) {
    return {PointClass::identical, word == kNone ? kNone : same_word(before, index, word, after, after_index),
            ""};
  }
  if (word == kNone) return {PointClass::must_drain, kNone, "it stands between two waits"};
  if (before.waits[wait].kind == WaitKind::reply)
    return {PointClass::must_drain, kNone, "it waits for the answer to a call that was made"};
  const Function& target = after.functions[to];
  const std::uint32_t there = same_word(before, index, word, after, after_index);
  if (there < target.end && before.functions[from].locals <= target.locals &&
      prefix_text(before, from, word) == prefix_text(after, to, there)) {
    return {PointClass::compatible, there, "timer kept, due unchanged"};
  }
  const Place place = place_of(before, from, word);
  if (place.steps.empty()) return {PointClass::must_drain, kNone, "what lies before this point differs"};
  const auto other = counterpart(place, after, to);
  if (!other)
    return {PointClass::needs_mapping, kNone,
            "`" + place.steps.back().label + "` is no longer there, or no longer so"};
  return {PointClass::must_drain, kNone, obstacle(place, *other)};
}

}  // namespace wf::bytecode
