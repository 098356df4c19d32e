// How contacts of a simulation react to the mails they get: drawn from a seed, so that a run can be repeated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/wfc/sim_inputs.hpp"

namespace wf::wfc {

/// Share of mails with each reaction, in millionths.
struct ReactionRates {
  std::int64_t opens = 0, clicks = 0, replies = 0, unsubscribes = 0, bounces = 0, complaints = 0;
  bool any() const { return (opens | clicks | replies | unsubscribes | bounces | complaints) != 0; }
};

/// `opens=40%,clicks=10%`. Error `invalid` with a reason for people.
Result<ReactionRates> parse_reaction_rates(std::string_view text);

struct SentMail {
  std::string key;        ///< of the effect: the same in every run
  std::string email;      ///< name of the resource
  std::string topic;      ///< "" without one
  std::string object;     ///< of the recipient
  std::string recipient;  ///< its subject, as events name it
  std::int64_t at = 0;
};

/// What the recipient does with a mail, each with its instant: half within two hours, all within three days.
/// Who clicks or replies has opened before.
std::vector<DatedEvent> reactions_to(const SentMail& mail, const ReactionRates& rates, std::uint64_t seed);

}  // namespace wf::wfc
