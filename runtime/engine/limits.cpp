#include "runtime/engine/limits.hpp"

#include <algorithm>

namespace wf::engine {

namespace {

template <class Visit>
void each_limit(const Context& context, bytecode::MailClass mail_class, Visit visit) {
  for (const bytecode::Policy& policy : context.active->catalogue().policies) {
    for (const bytecode::SendLimit& limit : policy.limits) {
      if (limit.mail_class == mail_class) visit(limit);
    }
  }
}

bool is_of(const SentMail& sent, bytecode::MailClass mail_class) {
  return sent.mail_class == static_cast<std::uint8_t>(mail_class);
}

}  // namespace

std::optional<std::int64_t> capped_until(const Context& context, const Record& recipient,
                                         bytecode::MailClass mail_class, std::uint64_t effect) {
  std::optional<std::int64_t> until;
  each_limit(context, mail_class, [&](const bytecode::SendLimit& limit) {
    // The send that has to leave the window (now - per, now] before another may enter: the `most`-th newest.
    std::uint32_t newer = 0;
    for (auto it = recipient.sends.rbegin(); it != recipient.sends.rend(); ++it) {
      if (!is_of(*it, mail_class) || it->effect == effect || ++newer < limit.most) continue;
      const std::int64_t free_at = value::add_saturating(it->at, limit.per);
      if (free_at > context.now) until = std::max(until.value_or(free_at), free_at);
      break;
    }
  });
  return until;
}

void remember_send(Context& context, Record& recipient, bytecode::MailClass mail_class,
                   std::uint64_t effect) {
  std::uint32_t most = 0;
  std::int64_t longest = 0;
  each_limit(context, mail_class, [&](const bytecode::SendLimit& limit) {
    most = std::max(most, limit.most);
    longest = std::max(longest, limit.per);
  });
  auto& sends = recipient.sends;
  if (most == 0 && sends.empty()) return;
  const std::int64_t after = value::sub_saturating(context.now, longest);
  std::erase_if(sends, [&](const SentMail& s) {
    return is_of(s, mail_class) && (s.effect == effect || s.at <= after);
  });
  context.cache.touch(recipient.key);
  if (most == 0) return;
  sends.push_back({effect, static_cast<std::uint8_t>(mail_class), context.now});
  const auto mine =
      std::count_if(sends.begin(), sends.end(), [&](const SentMail& s) { return is_of(s, mail_class); });
  if (mine <= most) return;
  sends.erase(
      std::find_if(sends.begin(), sends.end(), [&](const SentMail& s) { return is_of(s, mail_class); }));
}

void forget_send(Context& context, Record& recipient, std::uint64_t effect) {
  if (std::erase_if(recipient.sends, [&](const SentMail& s) { return s.effect == effect; }) > 0)
    context.cache.touch(recipient.key);
}

}  // namespace wf::engine
