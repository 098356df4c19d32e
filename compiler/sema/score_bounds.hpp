// What the bands of a scoring can add up to, and whether they fit each other.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// WF307: bands over one number that count a value twice, or leave one out between them.
void check_bands(Context& context, std::uint32_t scoring, const std::vector<Scoring::Band>& bands);

/// WF308: HOT that no record reaches by the bands alone, for whoever asks at `use`.
void check_threshold(Context& context, std::uint32_t scoring, const std::vector<Scoring::Band>& bands,
                     Span use);
/// WF308: HOT that every record reaches.
void check_always_hot(Context& context, std::uint32_t scoring, const std::vector<Scoring::Band>& bands);

/// The least and the greatest sum over all records there can be. Exact where the bands that share something
/// are few; else each band counts for itself, so that the true sums lie within.
struct Bounds {
  std::int64_t least = 0, greatest = 0;
};
Bounds score_bounds(const Context& context, std::uint32_t object, const std::vector<Scoring::Band>& bands);

}  // namespace wf::sema
