#include "tests/simulate/outside.hpp"

#include <algorithm>

namespace wf::simulate {

using channels::Outcome;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr int kMostFailures = 3;

class MailInto final : public channels::MailChannel {
 public:
  explicit MailInto(Outside& outside) : outside_(outside) {}
  void send(channels::Mail mail, channels::Done done) override {
    outside_.send(std::move(mail), std::move(done));
  }
  bool idempotent() const override { return false; }

 private:
  Outside& outside_;
};

class CallsInto final : public channels::CallChannel {
 public:
  explicit CallsInto(Outside& outside) : outside_(outside) {}
  void call(channels::Call call, channels::Done done) override {
    outside_.call(std::move(call), std::move(done));
  }

 private:
  Outside& outside_;
};

}  // namespace

std::unique_ptr<channels::MailChannel> mail_into(Outside& outside) {
  return std::make_unique<MailInto>(outside);
}
std::unique_ptr<channels::CallChannel> calls_into(Outside& outside) {
  return std::make_unique<CallsInto>(outside);
}

void Outside::send(channels::Mail mail, channels::Done done) {
  ++figures_.mails;
  attempt({true, mail.key, mail.subject, mail.to_address, {}}, {}, std::move(done));
}

void Outside::call(channels::Call call, channels::Done done) {
  ++figures_.calls;
  const std::string what = call.url.substr(call.url.rfind('/') + 1);
  attempt({false, call.key, what, {}, call.body}, R"({"points": 1})", std::move(done));
}

void Outside::attempt(Attempt attempt, std::string reply, channels::Done done) {
  Pending pending{now_ + static_cast<std::int64_t>(rng_.below(2 * kSecond)), {}, std::move(done)};
  const bool may_fail = !calm_ && failures_[attempt.key] < kMostFailures;
  switch (may_fail ? rng_.weighted({70, 8, 8, 8, 3, 3}) : 0) {
    case 0:
      attempt.taken = true;
      pending.answer = {Outcome::delivered, "", attempt.mail ? 250 : 200, std::move(reply)};
      break;
    case 1:
      ++figures_.broken_before;
      pending.answer = {Outcome::retry, "the connection was refused"};
      break;
    case 2:  // taken, but the answer never came back
      ++figures_.broken_after;
      attempt.taken = true;
      pending.answer = {attempt.mail ? Outcome::uncertain : Outcome::retry, "the connection was reset"};
      break;
    case 3:
      ++figures_.failed;
      pending.answer = {Outcome::retry, attempt.mail ? "451 later" : "503", attempt.mail ? 451 : 503};
      break;
    case 4:
      ++figures_.hung;
      pending.answer = {attempt.mail ? Outcome::uncertain : Outcome::retry, "no answer within 30 s"};
      pending.due = now_ + 30 * kSecond;
      break;
    default:  // late, but well
      attempt.taken = true;
      pending.due = now_ + static_cast<std::int64_t>(rng_.below(25)) * kSecond;
      pending.answer = {Outcome::delivered, "", attempt.mail ? 250 : 200, std::move(reply)};
  }
  if (pending.answer.outcome != Outcome::delivered) ++failures_[attempt.key];
  figures_.taken += attempt.taken;
  told_(attempt);
  pending_.push_back(std::move(pending));
}

std::optional<std::int64_t> Outside::next_answer() const {
  std::optional<std::int64_t> next;
  for (const Pending& one : pending_) next = std::min(next.value_or(one.due), one.due);
  return next;
}

bool Outside::answer_one() {
  std::vector<std::size_t> due;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (pending_[i].due <= now_) due.push_back(i);
  }
  if (due.empty()) return false;
  const auto at = pending_.begin() + static_cast<std::ptrdiff_t>(rng_.pick(due));
  Pending one = std::move(*at);
  pending_.erase(at);
  one.done(std::move(one.answer));
  return true;
}

}  // namespace wf::simulate
