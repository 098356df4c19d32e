// Witnesses: a record and events with which the simulation comes to a finding.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// What a witness needs beside the way to its place.
struct WitnessWish {
  std::vector<std::string> shows;  ///< as Witness::shows
  /// Comes before the last group of steps begins (but after the one before it), or after it has run.
  std::optional<EventMatch> before = {}, after = {};
  /// A property whose value before the last group is shown too, first.
  std::uint32_t property = kNone;
};

/// The way of one path of `at` from a new record to this place. Nothing when the facts do not tell it: when
/// it depends on what was counted, on a draw, on the answer of a webhook or on the calendar.
std::optional<text::Witness> find_witness(const Context& context, const Scope& scope, const Flow& at,
                                          WitnessWish wish);

/// The line of a timeline that tells of a step.
std::string step_line(const Context& context, Span step);

}  // namespace wf::sema
