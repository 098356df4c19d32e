// Scorings and campaigns: their catalogue entries, and what a campaign keeps of its targets. That is a list
// of them and two hidden properties; their names have dots, so that nobody can write them.
#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/builder.hpp"
#include "compiler/schema/report.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::schema {
namespace {

/// Names of what a campaign becomes; a story of the name could not be told from it.
constexpr std::string_view kParts[] = {"joined",     "audience", "hot",    "responded",
                                       "candidates", "points",   "active", "total"};

bool is_moment(const ast::Literal& literal) {
  return std::holds_alternative<ast::Date>(literal.value) ||
         std::holds_alternative<ast::LocalDateTime>(literal.value);
}

std::int64_t instant_of(const ast::Literal& literal, bool end, const std::string& zone) {
  // A campaign runs through its last day.
  if (const auto* date = std::get_if<ast::Date>(&literal.value)) {
    return value::to_instant(date->days + (end ? 1 : 0), 0, zone);
  }
  return value::to_instant(std::get<ast::LocalDateTime>(literal.value).civil, zone);
}

}  // namespace

void Builder::declare_scoring(const ast::ScoringDecl& decl) {
  if (!declare_resource_name(ResourceKind::scoring, decl.name, nullptr)) return;
  schema_.scorings.push_back(&decl);
  bytecode::Scoring& scoring = schema_.catalogue.scorings.back();
  scoring.title = decl.title.value_or("");
  scoring.object = object_named(decl.on);
  scoring.hot = decl.hot;
}

void Builder::declare_campaign(const ast::CampaignDecl& decl) {
  if (!declare_resource_name(ResourceKind::campaign, decl.name, nullptr)) return;
  schema_.campaigns.push_back(&decl);
  for (const ast::Story& story : decl.stories) declare_experiments(story.steps);
  for (const ast::StatusBlock& edge : decl.edges) declare_experiments(edge.steps);
  const auto joining = ast::Audience::Joining::proposed;
  const bool proposes = std::any_of(decl.audience.begin(), decl.audience.end(),
                                    [&](const ast::Audience& a) { return a.joining == joining; });
  const std::string name = "campaign." + decl.name.text;
  bytecode::Campaign& campaign = schema_.catalogue.campaigns.back();
  campaign.title = decl.title.value_or("");
  campaign.object = object_named(decl.on);
  campaign.on = !decl.status || decl.status->text == "on";
  campaign.members = declare_list(name, decl.title.value_or(""), decl.name.span);
  if (proposes) campaign.candidates = declare_list(name + ".candidates", "", decl.name.span);
}

std::uint32_t Builder::declare_list(const std::string& name, const std::string& title, Span span) {
  declare_resource_name(ResourceKind::list, {name, span}, nullptr);
  schema_.catalogue.lists.back().title = title;
  return static_cast<std::uint32_t>(schema_.catalogue.lists.size() - 1);
}

std::uint32_t Builder::declare_hidden(std::uint32_t object, const std::string& name, value::Kind kind,
                                      Span span) {
  bytecode::Property property;
  property.name = name;
  property.type.kind = kind;
  property.type.nullable = true;
  property.hidden = true;
  auto& properties = schema_.catalogue.objects[object].properties;
  properties.push_back(std::move(property));
  schema_.objects[object].properties.push_back({span, span, ""});
  return static_cast<std::uint32_t>(properties.size() - 1);
}

void Builder::read_campaigns() {
  for (std::size_t i = 0; i < schema_.campaigns.size(); ++i) {
    read_campaign(schema_.catalogue.campaigns[i], *schema_.campaigns[i]);
  }
  for (bytecode::Audience& audience : schema_.catalogue.audiences) {
    const std::uint32_t index = schema_.find(ResourceKind::audience, audience.name);
    audience.list = declare_list("audience." + audience.name, audience.title,
                                 schema_.resource(ResourceKind::audience, index).name);
  }
  if (schema_.campaigns.empty()) return;
  schema_.campaign_status = static_cast<std::uint32_t>(schema_.catalogue.enums.size());
  schema_.catalogue.enums.push_back({"campaign status", {"none", "responded", "hot"}, {"", "", ""}, true});
}

void Builder::read_campaign(bytecode::Campaign& campaign, const ast::CampaignDecl& decl) {
  const std::string name = "campaign." + decl.name.text;
  if (campaign.object != kNone) {
    campaign.points = declare_hidden(campaign.object, name + ".points", value::Kind::integer, decl.name.span);
    campaign.active = declare_hidden(campaign.object, name + ".active", value::Kind::boolean, decl.name.span);
  }
  read_period(campaign, decl);
  if (decl.scoring) campaign.scoring = refer_path(ResourceKind::scoring, *decl.scoring);
  if (decl.digest) read_report(campaign.digest, *decl.digest);
  if (decl.summary) read_report(campaign.summary, *decl.summary);
  for (const ast::Story& story : decl.stories) check_story_name(story, decl);
  for (const ast::Audience& audience : decl.audience) {
    if (audience.joining != ast::Audience::Joining::by_hand) continue;
    auto& d = sink_.report(text::Code::missing_field, audience.span,
                           "what happens with those who come to match later?");
    d.helps.push_back("add `, add new members automatically` or `, propose new members`");
  }
  if (campaign.candidates == kNone || decl.digest) return;
  auto& d =
      sink_.report(text::Code::missing_field, decl.name.span,
                   "the campaign `" + decl.name.text + "` proposes members, and nobody is told of them");
  d.helps.push_back("add `digest daily at 09:00 to team.name`");
}

void Builder::read_period(bytecode::Campaign& campaign, const ast::CampaignDecl& decl) {
  if (!decl.runs) {
    auto& d = sink_.report(text::Code::missing_field, decl.name.span,
                           "the campaign `" + decl.name.text + "` does not say when it runs");
    d.helps.push_back("write `runs from 2026-10-01 to 2026-12-31`");
    return;
  }
  // Half of it was read, before a mistake that is reported.
  if (!is_moment(decl.runs->from) || !is_moment(decl.runs->to)) return;
  campaign.from = instant_of(decl.runs->from, false, schema_.catalogue.zone);
  campaign.to = instant_of(decl.runs->to, true, schema_.catalogue.zone);
  if (campaign.from < campaign.to) return;
  auto& d =
      sink_.report(text::Code::campaign_period, decl.runs->to.span, "the campaign ends before it begins");
  d.secondary.push_back({decl.runs->from.span, "it begins here"});
}

void Builder::check_story_name(const ast::Story& story, const ast::CampaignDecl& decl) {
  for (const ast::Story& other : decl.stories) {
    if (&other == &story) break;
    if (other.name.text == story.name.text) {
      report_duplicate(sink_, story.name.span, other.name.span, "story", story.name.text);
      return;
    }
  }
  if (std::find(std::begin(kParts), std::end(kParts), story.name.text) == std::end(kParts)) return;
  sink_
      .report(text::Code::reserved_name, story.name.span, "a story cannot be named `" + story.name.text + "`")
      .primary.text = "a part of every campaign has this name";
}

std::uint32_t Builder::refer_path(ResourceKind kind, const ast::Path& path) {
  const std::string word = bytecode::to_string(kind);
  const bool plain = path.parts.size() == 1 || (path.parts.size() == 2 && path.parts[0].text == word);
  if (plain) return refer(kind, ast::Atom{path, path.span});
  sink_.report(text::Code::type_mismatch, path.span, "`" + path_text(path) + "` is no " + word).primary.text =
      "expected a reference such as `" + word + ".name`";
  return kNone;
}

void Builder::read_report(bytecode::Report& report, const ast::Report& decl) {
  static constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  report.at = decl.at;
  if (decl.weekday) {
    const auto day = std::find(std::begin(kDays), std::end(kDays), decl.weekday->text);
    report.weekday = static_cast<std::int8_t>(day - std::begin(kDays));
    if (day == std::end(kDays)) {
      report.weekday = -1;
      report_unknown(sink_, text::Code::unknown_name, decl.weekday->span,
                     "`" + decl.weekday->text + "` is no day of the week", decl.weekday->text,
                     {std::begin(kDays), std::end(kDays)});
    }
  }
  const auto reference = reference_of(decl.to);
  if (reference && reference->kind == ResourceKind::user) {
    report.user = refer_path(ResourceKind::user, decl.to);
  } else if (reference && reference->kind == ResourceKind::team) {
    report.team = refer_path(ResourceKind::team, decl.to);
  } else {
    sink_.report(text::Code::type_mismatch, decl.to.span, "a report goes to a user or a team").primary.text =
        "expected `user.name` or `team.name`";
  }
}

}  // namespace wf::schema
