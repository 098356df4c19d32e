#include "compiler/wfc/sim_reactions.hpp"

#include <algorithm>
#include <iterator>

#include "grammar/text/suggest.hpp"
#include "grammar/value/calendar.hpp"
#include "grammar/value/codec.hpp"

namespace wf::wfc {
namespace {

constexpr std::int64_t kWhole = 1'000'000;

/// Each reaction: its word, its rate, the event that it is.
struct ReactionRow {
  const char* word;
  std::int64_t ReactionRates::*rate;
  const char* event;
  bool behind_opening;  ///< only who has opened the mail does it
};
constexpr ReactionRow kReactions[] = {
    {"opens", &ReactionRates::opens, "email_opened", false},
    {"clicks", &ReactionRates::clicks, "email_clicked", true},
    {"replies", &ReactionRates::replies, "email_replied", true},
    {"unsubscribes", &ReactionRates::unsubscribes, "unsubscribed", true},
    {"bounces", &ReactionRates::bounces, "email_bounced", false},
    {"complaints", &ReactionRates::complaints, "email_complained", false},
};

/// Sixteenths of reactions that have come after so many minutes.
constexpr std::int64_t kQuantiles[] = {1,   3,   6,   12,  20,   35,   60,   90,  120,
                                       180, 300, 480, 720, 1200, 1800, 2700, 4320};

/// Draws from one stream: what is asked for first comes first, whatever else happens in the run.
class Draws {
 public:
  Draws(std::uint64_t seed, std::string_view key) : base_(std::to_string(seed) + ":" + std::string(key)) {}

  std::uint64_t next() { return value::hash64(base_ + ":" + std::to_string(number_++)); }
  bool happens(std::int64_t rate) { return static_cast<std::int64_t>(next() % kWhole) < rate; }
  std::int64_t delay() {
    const std::uint64_t draw = next();
    const std::size_t slot = draw % (std::size(kQuantiles) - 1);
    const std::int64_t from = kQuantiles[slot] * value::kMinute;
    const std::int64_t width = kQuantiles[slot + 1] * value::kMinute - from;
    const auto seconds = static_cast<std::uint64_t>(width / value::kSecond);
    return from + static_cast<std::int64_t>((draw >> 16) % seconds) * value::kSecond;
  }

 private:
  std::string base_;
  int number_ = 0;
};

DatedEvent reaction(const SentMail& mail, const char* type, std::int64_t at) {
  DatedEvent dated;
  dated.at = at;
  dated.event.type = type;
  dated.event.object = mail.object;
  dated.event.subject = mail.recipient;
  dated.event.occurred_at = at;
  if (std::string_view(type) != "unsubscribed") {
    dated.event.data.emplace_back("email", value::Value::text(mail.email));
  } else if (!mail.topic.empty()) {
    dated.event.data.emplace_back("topic", value::Value::text(mail.topic));
  }
  return dated;
}

}  // namespace

Result<ReactionRates> parse_reaction_rates(std::string_view text) {
  ReactionRates rates;
  std::vector<std::string> words;
  for (const ReactionRow& row : kReactions) words.emplace_back(row.word);
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::string word(item.substr(0, equals));
    const auto row = std::find_if(std::begin(kReactions), std::end(kReactions),
                                  [&](const ReactionRow& r) { return r.word == word; });
    if (row == std::end(kReactions)) {
      const std::string hint = text::did_you_mean(word, words);
      return Error{ErrorCode::invalid, "`" + word + "` is no reaction" + (hint.empty() ? "" : "; " + hint)};
    }
    std::string_view number = item.substr(std::min(equals + 1, item.size()));
    std::int64_t micros = 0;
    const bool percent = number.ends_with('%');
    if (percent) number.remove_suffix(1);
    const bool valid =
        percent && value::parse_decimal(number, micros) && micros >= 0 && micros <= 100 * value::kMicro;
    if (!valid) return Error{ErrorCode::invalid, "expected a share such as `" + word + "=40%`"};
    rates.*row->rate = micros / 100;
  }
  return rates;
}

std::vector<DatedEvent> reactions_to(const SentMail& mail, const ReactionRates& rates, std::uint64_t seed) {
  std::vector<DatedEvent> events;
  Draws draws(seed, mail.key);
  std::int64_t opens = rates.opens;
  for (const ReactionRow& row : kReactions) {
    if (row.behind_opening) opens = std::max(opens, rates.*row.rate);
  }
  const bool opened = draws.happens(opens);
  const std::int64_t opened_at = mail.at + draws.delay();
  for (const ReactionRow& row : kReactions) {
    bool happens = opened;
    if (row.rate != &ReactionRates::opens) {
      // A share of all mails; of those that were opened it is the larger one.
      const std::int64_t rate = rates.*row.rate;
      happens = draws.happens(row.behind_opening ? (opens == 0 ? 0 : rate * kWhole / opens) : rate) &&
                (opened || !row.behind_opening);
    }
    if (!happens) continue;
    std::int64_t at = opened_at;
    if (row.behind_opening) at += static_cast<std::int64_t>(1 + draws.next() % 600) * value::kSecond;
    if (!row.behind_opening && !opened) at = mail.at + draws.delay();
    events.push_back(reaction(mail, row.event, at));
  }
  return events;
}

}  // namespace wf::wfc
