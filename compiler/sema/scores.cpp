#include "compiler/sema/scores.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/score_bounds.hpp"
#include "compiler/sema/steps.hpp"

namespace wf::sema {
namespace {

using value::Kind;
using value::Value;

constexpr std::uint32_t kStatusNone = 0, kStatusResponded = 1, kStatusHot = 2;

Expr whole(std::int64_t n, Span span) {
  return make_constant(Value::integer(n), type_of(Kind::integer), span);
}

Expr choose(Expr condition, Expr chosen, Expr otherwise, Span span) {
  const Type type = chosen.type;
  std::vector<Expr> args;
  args.push_back(std::move(condition));
  args.push_back(std::move(chosen));
  args.push_back(std::move(otherwise));
  return make(ExprOp::choose, type, span, std::move(args));
}

Expr sum(Expr a, Expr b, Span span) {
  std::vector<Expr> args;
  args.push_back(std::move(a));
  args.push_back(std::move(b));
  return make(ExprOp::add, type_of(Kind::integer), span, std::move(args));
}

Expr compare(ExprOp op, Expr a, Expr b, Span span) {
  std::vector<Expr> args;
  args.push_back(std::move(a));
  args.push_back(std::move(b));
  return make_boolean(op, span, std::move(args));
}

Expr both(Expr a, Expr b, Span span) {
  return compare(ExprOp::and_, std::move(a), std::move(b), span);
}

Expr hidden(const Context& context, std::uint32_t campaign, std::uint32_t property, Span span) {
  const std::uint32_t object = context.catalogue().campaigns[campaign].object;
  Expr e = make(ExprOp::property, context.catalogue().objects[object].properties[property].type, span);
  e.a = property;
  return e;
}

/// The points of each band that is true, added up.
std::optional<Expr> scoring_sum(Context& context, std::uint32_t scoring, Span span) {
  const auto* bands = scoring_bands(context, scoring, span);
  if (!bands) return std::nullopt;
  std::optional<Expr> total;
  for (const Scoring::Band& band : *bands) {
    Expr points = choose(band.condition, whole(band.points, span), whole(0, span), span);
    total = total ? sum(std::move(*total), std::move(points), span) : std::move(points);
  }
  return total ? std::move(*total) : whole(0, span);
}

bool check_score_object(Context& context, const Scope& scope, const ast::Path& path, std::uint32_t object) {
  if (object == kNone) return false;  // reported where it is declared
  if (scope.object == object) return true;
  const auto& objects = context.catalogue().objects;
  auto& d = context.sink.report(Code::wrong_object, path.span,
                                "`" + schema::path_text(path) + "` is one of another object");
  d.primary.text = "it is on " + objects[object].name;
  return false;
}

std::optional<Expr> campaign_status(Context& context, std::uint32_t campaign, Span span) {
  const Type type{Kind::enumeration, bytecode::Format::plain, context.schema.campaign_status, false};
  const auto status = [&](std::uint32_t ordinal) {
    return make_constant(Value::enumeration(type.aux, ordinal), type, span);
  };
  auto responded = campaign_responded(context, campaign, span);
  if (!responded) return std::nullopt;
  Expr cold = choose(std::move(*responded), status(kStatusResponded), status(kStatusNone), span);
  if (context.catalogue().campaigns[campaign].scoring == kNone) return cold;
  auto hot = campaign_hot(context, campaign, span);
  if (!hot) return std::nullopt;
  return choose(std::move(*hot), status(kStatusHot), std::move(cold), span);
}

std::optional<Expr> scoring_path(Context& context, const Scope& scope, const ast::Path& path,
                                 std::size_t first) {
  const std::uint32_t scoring = resolve_resource(context, ResourceKind::scoring, path.parts[first + 1]);
  if (scoring == kNone) return std::nullopt;
  if (path.parts.size() > first + 2) {
    context.sink.report(Code::unknown_property, path.parts[first + 2].span,
                        "a scoring has no `" + path.parts[first + 2].text + "` to read");
    return std::nullopt;
  }
  if (!check_score_object(context, scope, path, context.catalogue().scorings[scoring].object))
    return std::nullopt;
  return scoring_sum(context, scoring, path.span);
}

std::optional<Expr> campaign_path(Context& context, const Scope& scope, const ast::Path& path,
                                  std::size_t first) {
  const std::uint32_t campaign = resolve_resource(context, ResourceKind::campaign, path.parts[first + 1]);
  if (campaign == kNone) return std::nullopt;
  if (!check_score_object(context, scope, path, context.catalogue().campaigns[campaign].object))
    return std::nullopt;
  if (path.parts.size() == first + 2) return campaign_status(context, campaign, path.span);
  const ast::Name& what = path.parts[first + 2];
  if (path.parts.size() == first + 3) {
    if (what.text == "points") return campaign_points(context, campaign, path.span);
    if (what.text == "total") return campaign_total(context, campaign, path.span);
  }
  schema::report_unknown(context.sink, Code::unknown_property, what.span,
                         "a campaign has no `" + what.text + "` to read", what.text, {"points", "total"});
  return std::nullopt;
}

}  // namespace

std::optional<Expr> score_path(Context& context, const Scope& scope, const ast::Path& path,
                               std::size_t first) {
  const bool scoring = path.parts[first].text == "scoring";
  return scoring ? scoring_path(context, scope, path, first) : campaign_path(context, scope, path, first);
}

const std::vector<Scoring::Band>* scoring_bands(Context& context, std::uint32_t scoring, Span use) {
  ScoringState& state = context.scorings[scoring];
  const ast::ScoringDecl& decl = *context.schema.scorings[scoring];
  if (state.progress == Progress::running) {
    auto& d = context.sink.report(Code::cyclic, use, "the scoring `" + decl.name.text + "` needs itself");
    d.secondary.push_back({decl.name.span, "declared here"});
    return nullptr;
  }
  if (state.progress == Progress::open) {
    state.progress = Progress::running;
    Scope scope;
    scope.object = context.catalogue().scorings[scoring].object;
    bool ok = scope.object != kNone;
    for (const ast::ScoringDecl::Band& band : decl.bands) {
      if (scope.object == kNone) break;
      // Half of a band was read, before a mistake that is reported.
      if (!band.condition) {
        ok = false;
        continue;
      }
      auto condition = check_condition(context, scope, *band.condition);
      ok = ok && condition;
      if (!condition) continue;
      state.bands.push_back(
          {band.points, std::move(*condition), label_of(context.sources, band.condition->span), band.span});
    }
    state.broken = !ok;
    state.progress = Progress::done;
  }
  return state.broken ? nullptr : &state.bands;
}

Expr campaign_active(const Context& context, std::uint32_t campaign, Span span) {
  std::vector<Expr> args;
  args.push_back(hidden(context, campaign, context.catalogue().campaigns[campaign].active, span));
  args.push_back(make_constant(Value::boolean(false), type_of(Kind::boolean), span));
  return make(ExprOp::coalesce, type_of(Kind::boolean), span, std::move(args));
}

Expr campaign_points(const Context& context, std::uint32_t campaign, Span span) {
  std::vector<Expr> args;
  args.push_back(hidden(context, campaign, context.catalogue().campaigns[campaign].points, span));
  args.push_back(whole(0, span));
  return make(ExprOp::coalesce, type_of(Kind::integer), span, std::move(args));
}

std::optional<Expr> campaign_total(Context& context, std::uint32_t campaign, Span span) {
  Expr points = campaign_points(context, campaign, span);
  const std::uint32_t scoring = context.catalogue().campaigns[campaign].scoring;
  if (scoring == kNone) return points;
  auto score = scoring_sum(context, scoring, span);
  if (!score) return std::nullopt;
  return sum(std::move(*score), std::move(points), span);
}

std::optional<Expr> campaign_hot(Context& context, std::uint32_t campaign, Span span) {
  const std::uint32_t scoring = context.catalogue().campaigns[campaign].scoring;
  if (scoring == kNone) return std::nullopt;
  const auto threshold = context.catalogue().scorings[scoring].hot;
  auto total = campaign_total(context, campaign, span);
  if (!threshold || !total) return std::nullopt;
  Expr reached = compare(ExprOp::ge, std::move(*total), whole(*threshold, span), span);
  return both(campaign_active(context, campaign, span), std::move(reached), span);
}

std::optional<Expr> campaign_responded(Context& context, std::uint32_t campaign, Span span) {
  Expr added = compare(ExprOp::gt, campaign_points(context, campaign, span), whole(0, span), span);
  Expr responded = both(campaign_active(context, campaign, span), std::move(added), span);
  if (context.catalogue().campaigns[campaign].scoring == kNone) return responded;
  auto hot = campaign_hot(context, campaign, span);
  if (!hot) return std::nullopt;
  std::vector<Expr> args;
  args.push_back(std::move(*hot));
  return both(std::move(responded), make_boolean(ExprOp::not_, span, std::move(args)), span);
}

void check_scorings(Context& context) {
  for (std::uint32_t i = 0; i < context.schema.scorings.size(); ++i) {
    const ast::ScoringDecl& decl = *context.schema.scorings[i];
    if (decl.bands.empty()) {
      context.sink
          .report(Code::missing_field, decl.name.span, "the scoring `" + decl.name.text + "` gives no points")
          .helps.push_back("add a band such as `+30 when department is it`");
      continue;
    }
    const auto* bands = scoring_bands(context, i, decl.name.span);
    if (!bands) continue;
    check_bands(context, i, *bands);
    check_always_hot(context, i, *bands);
    const auto uses = [&](const bytecode::Campaign& campaign) { return campaign.scoring == i; };
    const auto& campaigns = context.catalogue().campaigns;
    // Where campaigns use it, they know what their stories add.
    if (std::none_of(campaigns.begin(), campaigns.end(), uses))
      check_threshold(context, i, *bands, decl.hot_span);
    context.module.scorings.push_back({i, *bands});
  }
}

}  // namespace wf::sema
