// The outside of the daemon: a mail server and receivers of webhooks that answer late, break off before or
// after, refuse for a while, or hang.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/channels/channel.hpp"
#include "tests/reference/generator/rng.hpp"

namespace wf::simulate {

using reference::Rng;

struct OutsideFigures {
  std::uint64_t mails = 0, calls = 0, taken = 0;
  std::uint64_t broken_before = 0, broken_after = 0, failed = 0, hung = 0;
};

/// One thing that reached the outside, or tried to.
struct Attempt {
  bool mail = false;
  std::string key;
  std::string what;  ///< the webhook's path, or the mail's subject
  std::string to, body;
  bool taken = false;  ///< the receiver has it
};

class Outside {
 public:
  using Told = std::function<void(const Attempt&)>;
  Outside(std::uint64_t seed, const std::int64_t& now, Told told)
      : rng_(seed), now_(now), told_(std::move(told)) {}

  void send(channels::Mail mail, channels::Done done);
  void call(channels::Call call, channels::Done done);

  /// When the next answer is due; nothing when none is on its way.
  std::optional<std::int64_t> next_answer() const;
  /// Gives one of the answers that are due. False when none is.
  bool answer_one();
  /// The daemon is gone, and with it who waits for answers.
  void forget_answers() { pending_.clear(); }
  /// From now on everything is taken and answered.
  void calm() { calm_ = true; }
  const OutsideFigures& figures() const { return figures_; }

 private:
  struct Pending {
    std::int64_t due = 0;
    channels::Answer answer;
    channels::Done done;
  };
  void attempt(Attempt attempt, std::string reply, channels::Done done);

  Rng rng_;
  const std::int64_t& now_;
  Told told_;
  bool calm_ = false;
  std::map<std::string, int> failures_;  // by key: no more than a few, so that nothing is given up
  std::deque<Pending> pending_;
  OutsideFigures figures_;
};

std::unique_ptr<channels::MailChannel> mail_into(Outside& outside);
std::unique_ptr<channels::CallChannel> calls_into(Outside& outside);

}  // namespace wf::simulate
