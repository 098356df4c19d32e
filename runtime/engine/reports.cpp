#include "runtime/engine/reports.hpp"

#include "grammar/value/calendar.hpp"
#include "runtime/engine/changes.hpp"

namespace wf::engine {
namespace {

using bytecode::ResourceKind;

/// The notices of a campaign in the language of the project.
struct Texts {
  const char *hot, *added, *candidates, *ask_to_add, *summary;
  const char *targets, *new_hot, *new_responded, *new_targets, *mails, *last_mails;
};
constexpr Texts kEnglish = {"New HOT leads: {n}.",
                            "New campaign targets: {n}.",
                            "Candidates found: {n}.",
                            "Look through the candidates and add those that fit.",
                            "Campaign summary: this week",
                            "Targets",
                            "HOT this week",
                            "Responded this week",
                            "Added this week",
                            "Mails this week",
                            "Mails last week"};
constexpr Texts kJapanese = {"ホットリードを【{n}人】追加しました。",
                             "キャンペーン対象者【{n}人】を追加しました。",
                             "追加候補リード【{n}件】を発見しました。",
                             "追加候補リードを確認し対象者に追加してください。",
                             "キャンペーンサマリー:今週の活動状況",
                             "対象者",
                             "今週のHOT",
                             "今週の反応あり",
                             "今週の追加",
                             "今週のメール",
                             "先週のメール"};

const Texts& texts_of(const bytecode::Catalogue& catalogue) {
  return catalogue.locale.starts_with("ja") ? kJapanese : kEnglish;
}

std::string counted(std::string text, std::int64_t n) {
  return text.replace(text.find("{n}"), 3, std::to_string(n));
}

/// "Autumn (2026-10-01 – 2026-12-31)".
std::string heading(const bytecode::Campaign& campaign, std::string_view zone) {
  const auto date = [&](std::int64_t at) { return value::format_date(value::local_date(at, zone)); };
  return (campaign.title.empty() ? campaign.name : campaign.title) + " (" + date(campaign.from) + " – " +
         date(campaign.to - 1) + ")";
}

}  // namespace

std::int64_t next_report(const bytecode::Report& report, std::int64_t after, std::string_view zone) {
  for (std::int32_t day = value::local_date(after, zone);; ++day) {
    if (report.weekday >= 0 && value::weekday(day) != report.weekday) continue;
    const std::int64_t at = value::to_instant(day, report.at, zone);
    if (at > after) return at;
  }
}

namespace {

/// After `after`, or 0 when the campaign has told all: the first report behind its end is the last.
std::int64_t next_due(const bytecode::Campaign& campaign, const bytecode::Report& report, std::int64_t after,
                      std::string_view zone) {
  if (!campaign.on || report.at < 0) return 0;
  const std::int64_t next = next_report(report, after, zone);
  return next <= next_report(report, campaign.to - 1, zone) ? next : 0;
}

}  // namespace

void Reports::set_timer(std::uint32_t campaign, Kind kind, std::int64_t& due, std::int64_t next) {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  const SymbolId symbol = context_.symbols.intern("campaign", catalogue.campaigns[campaign].name);
  const auto number = static_cast<std::uint32_t>(kind);
  if (due != 0) context_.batch.remove_timer({due, 0, number, symbol, kTimerReport});
  due = next;
  if (due != 0) context_.batch.add_timer({due, 0, number, symbol, kTimerReport});
}

void Reports::schedule() {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  for (std::uint32_t i = 0; i < catalogue.campaigns.size(); ++i) {
    const bytecode::Campaign& campaign = catalogue.campaigns[i];
    Tally& tally = context_.tallies.of(campaign.name);
    const auto renew = [&](Kind kind, const bytecode::Report& report, std::int64_t& due) {
      if (due != 0 && due <= context_.now) return;
      const std::int64_t next = next_due(campaign, report, context_.now, catalogue.zone);
      if (next != due) set_timer(i, kind, due, next);
    };
    renew(Kind::digest, campaign.digest, tally.digest_due);
    renew(Kind::summary, campaign.summary, tally.summary_due);
  }
}

void Reports::fire(const store::Timer& timer) {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  const std::uint32_t index =
      catalogue.find_resource(ResourceKind::campaign, context_.symbols.name(timer.step));
  if (index == kNone) return context_.batch.remove_timer(timer);
  const bytecode::Campaign& campaign = catalogue.campaigns[index];
  Tally& tally = context_.tallies.of(campaign.name);
  const auto kind = static_cast<Kind>(timer.enrolment);
  std::int64_t& due = kind == Kind::digest ? tally.digest_due : tally.summary_due;
  if (due != timer.due) return context_.batch.remove_timer(timer);
  const bytecode::Report& report = kind == Kind::digest ? campaign.digest : campaign.summary;
  set_timer(index, kind, due, next_due(campaign, report, context_.now, catalogue.zone));
  if (report.at < 0) return;
  if (kind == Kind::digest) {
    tell_digest(campaign, tally);
  } else {
    tell_summary(campaign, tally);
  }
}

void Reports::tell_digest(const bytecode::Campaign& campaign, Tally& tally) {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  const Texts& texts = texts_of(catalogue);
  const std::string body = heading(campaign, catalogue.zone);
  if (tally.hot > 0) notify(campaign, campaign.digest, counted(texts.hot, tally.hot), body);
  if (tally.added > 0) notify(campaign, campaign.digest, counted(texts.added, tally.added), body);
  if (tally.candidates > 0) {
    notify(campaign, campaign.digest, counted(texts.candidates, tally.candidates),
           body + "\n" + texts.ask_to_add);
  }
  tally.hot = tally.added = tally.candidates = 0;
}

void Reports::tell_summary(const bytecode::Campaign& campaign, Tally& tally) {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  const Texts& texts = texts_of(catalogue);
  const bool anything = tally.week_hot + tally.week_responded + tally.week_added + tally.week_mails > 0;
  if (anything) {
    std::string body = heading(campaign, catalogue.zone);
    const auto line = [&](const char* what, std::int64_t n) {
      body += std::string("\n") + what + ": " + std::to_string(n);
    };
    line(texts.targets, tally.targets);
    line(texts.new_targets, tally.week_added);
    line("HOT", tally.all_hot);
    line(texts.new_hot, tally.week_hot);
    line(texts.new_responded, tally.week_responded);
    line(texts.mails, tally.week_mails);
    line(texts.last_mails, tally.last_week_mails);
    notify(campaign, campaign.summary, texts.summary, body);
  }
  tally.last_week_mails = tally.week_mails;
  tally.week_hot = tally.week_responded = tally.week_added = tally.week_mails = 0;
}

void Reports::notify(const bytecode::Campaign& campaign, const bytecode::Report& report,
                     const std::string& subject, const std::string& body) {
  const Binding& binding = *context_.active;
  const std::uint32_t object = binding.catalogue().find_object("notification");
  if (object == kNone) return;
  const bool team = report.team != kNone;
  const auto kind = team ? ResourceKind::team : ResourceKind::user;
  const std::uint32_t addressee = team ? report.team : report.user;
  const Key key = context_.new_key(binding.object(object), "campaign." + campaign.name);
  Record& record = context_.cache.create(key, binding.object(object), context_.now);
  Change change;
  change.created = true;
  context_.tell(key, Happening::created);
  Changes changes(context_, record, change);
  const std::pair<std::string_view, Value> properties[] = {
      {"subject", Value::text(subject)},
      {"body", Value::text(body)},
      {team ? "team" : "recipient", Value::resource(static_cast<std::uint32_t>(kind), addressee)}};
  for (const auto& [name, v] : properties) {
    const std::uint32_t property = binding.catalogue().find_property(object, name);
    if (property != kNone) changes.set_property(binding, property, v);
  }
  context_.batch.count("campaign." + campaign.name, "notified");
  context_.tell(key, Happening::notified, context_.symbols.intern("campaign", campaign.name), 0,
                std::string(to_string(kind)) + "." + binding.catalogue().resource_name(kind, addressee));
  executor_.react(key, change, nullptr);
}

}  // namespace wf::engine
