#include "compiler/sema/campaigns.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/moments.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/retest.hpp"
#include "compiler/sema/score_bounds.hpp"
#include "compiler/sema/scores.hpp"
#include "compiler/sema/steps.hpp"
#include "compiler/sema/time_checks.hpp"
#include "compiler/sema/workflows.hpp"

namespace wf::sema {
namespace {

using bytecode::CampaignPart;
using value::Kind;
using value::Value;

std::string audience_name(std::size_t number) {
  return number == 1 ? "audience" : "audience_" + std::to_string(number);
}

class CampaignCheck {
 public:
  CampaignCheck(Context& context, std::uint32_t index)
      : context_(context),
        index_(index),
        decl_(*context.schema.campaigns[index]),
        campaign_(context.catalogue().campaigns[index]),
        span_(decl_.name.span) {
    scope_.object = campaign_.object;
  }

  void run() {
    if (scope_.object == kNone) return;
    if (decl_.owner) owner_ = check_owner(context_, *decl_.owner, "a campaign");
    suppress_ = check_suppress(context_, decl_.suppress);
    windows_ = check_windows(context_, scope_, decl_.windows);
    if (!check_scoring()) return;
    for (const ast::Audience& audience : decl_.audience) check_audience(audience);
    add_joined();
    for (const ast::Story& story : decl_.stories) add_story(story);
    add_edge("hot", CampaignPart::hot);
    add_edge("responded", CampaignPart::responded);
    check_edge_names();
    check_reachable();
  }

 private:
  bool check_scoring() {
    if (campaign_.scoring == kNone) return !decl_.scoring;
    const bytecode::Scoring& scoring = context_.catalogue().scorings[campaign_.scoring];
    if (scoring.object != kNone && scoring.object != scope_.object) {
      const auto& objects = context_.catalogue().objects;
      auto& d = context_.sink.report(Code::wrong_object, decl_.scoring->span,
                                     "the scoring `" + scoring.name + "` is one of another object");
      d.primary.text =
          "it is on " + objects[scoring.object].name + ", the campaign on " + objects[scope_.object].name;
      return false;
    }
    if (scoring.hot) return scoring_bands(context_, campaign_.scoring, decl_.scoring->span) != nullptr;
    const ast::ScoringDecl& declared = *context_.schema.scorings[campaign_.scoring];
    auto& d = context_.sink.report(Code::missing_field, decl_.scoring->span,
                                   "the scoring `" + scoring.name + "` does not say when a record is HOT");
    d.secondary.push_back({declared.name.span, "declared here"});
    d.helps.push_back("add `hot at 100` to it");
    return false;
  }

  /// What all workflows of the campaign have in common.
  Workflow part(const std::string& name, CampaignPart part, Span span) const {
    Workflow w;
    w.head.name = "campaign." + decl_.name.text + "." + name;
    w.head.title = campaign_.title;
    w.head.owner = owner_;
    w.head.object = scope_.object;
    w.head.suppress = suppress_;
    w.head.enter_until = campaign_.to;
    w.head.campaign = index_;
    w.head.part = part;
    w.span = span;
    return w;
  }

  /// Nothing enters a part of a campaign that is off.
  void enter_when(Workflow& w, Expr condition) {
    if (!campaign_.on) return;
    Trigger trigger;
    trigger.head.kind = bytecode::TriggerKind::condition;
    trigger.span = w.span;
    collect_reads(condition, trigger.head);
    trigger.retest = retest_of(context_, condition);
    trigger.condition = std::move(condition);
    w.triggers.push_back(std::move(trigger));
  }

  static Step step(decltype(Step::node) node, std::string label, Span span) {
    Step s;
    s.node = std::move(node);
    s.label = std::move(label);
    s.span = span;
    return s;
  }

  Expr self(Span span) const { return make(ExprOp::self, type_of(Kind::ref, false, scope_.object), span); }

  Step wait_for_begin() const {
    const Span span = decl_.runs ? decl_.runs->span : span_;
    bytecode::Moment moment;
    moment.zone = context_.zone();
    Expr instant = make(ExprOp::moment, type_of(Kind::instant), span,
                        {make_constant(Value::instant(campaign_.from), type_of(Kind::instant), span)});
    instant.a = static_cast<std::uint32_t>(context_.module.moments.size());
    context_.module.moments.push_back(std::move(moment));
    return step(WaitUntil{std::move(instant), IfPast{}, {}}, "wait until the campaign begins", span);
  }

  std::optional<Period> period() const {
    if (!decl_.runs) return std::nullopt;
    return Period{campaign_.from, campaign_.to, decl_.runs->span};
  }

  // ---- who takes part ----

  void check_audience(const ast::Audience& audience) {
    auto condition = audience_condition(audience);
    if (!condition) return;
    const bool proposed = audience.joining == ast::Audience::Joining::proposed;
    const std::size_t number = ++audiences_;
    Workflow w = part(audience_name(number), CampaignPart::audience, audience.span);
    w.head.reenroll.mode = bytecode::ReenrollMode::every_time;
    w.head.ends_at = campaign_.to;
    enter_when(w, *condition);
    w.body.push_back(wait_for_begin());
    If still;
    still.coverage = If::Coverage::none;
    Block join;
    const std::uint32_t list = proposed ? campaign_.candidates : campaign_.members;
    const std::string label = proposed ? "propose as a target" : "add to campaign." + decl_.name.text;
    join.push_back(step(ChangeList{true, list, self(audience.span)}, label, audience.span));
    still.arms.push_back({new_target(std::move(*condition), audience.span), std::move(join)});
    w.body.push_back(step(std::move(still), "if it matches", audience.span));
    context_.module.workflows.push_back(std::move(w));
  }

  /// Matches, and is no target yet.
  Expr new_target(Expr condition, Span span) const {
    Expr member = make_boolean(ExprOp::in_list, span, {});
    member.a = campaign_.members;
    std::vector<Expr> both;
    both.push_back(std::move(condition));
    both.push_back(make_boolean(ExprOp::not_, span, {std::move(member)}));
    return make_boolean(ExprOp::and_, span, std::move(both));
  }

  std::optional<Expr> audience_condition(const ast::Audience& audience) {
    const auto reference = schema::reference_of(audience.source);
    const bool known =
        reference && (reference->kind == ResourceKind::segment || reference->kind == ResourceKind::list);
    if (!known) {
      auto& d = context_.sink.report(Code::type_mismatch, audience.source.span,
                                     "an audience is a segment or a list");
      d.primary.text = "expected `segment.name` or `list.name`";
      return std::nullopt;
    }
    const ast::Member member{false, audience.source};
    const ast::Expr in{member, audience.source.span};
    return check_condition(context_, scope_, in);
  }

  void add_joined() {
    Workflow w = part("joined", CampaignPart::joined, span_);
    w.head.ends_at = campaign_.to;
    Expr member = make_boolean(ExprOp::in_list, span_, {});
    member.a = campaign_.members;
    enter_when(w, std::move(member));
    w.body.push_back(wait_for_begin());
    const std::string label = "campaign." + decl_.name.text + " begins";
    w.body.push_back(step(
        SetProperty{campaign_.active, make_constant(Value::boolean(true), type_of(Kind::boolean), span_)},
        label, span_));
    if (campaign_.candidates != kNone) {
      w.body.push_back(
          step(ChangeList{false, campaign_.candidates, self(span_)}, "no longer a candidate", span_));
    }
    context_.module.workflows.push_back(std::move(w));
  }

  // ---- stories and edges ----

  void add_story(const ast::Story& story) {
    Workflow w = part(story.name.text, CampaignPart::story, story.name.span);
    w.head.ends_at = campaign_.to;
    w.windows = windows_;
    Expr active = campaign_active(context_, index_, story.span);
    enter_when(w, std::move(active));
    Block before;
    const bool in_time = !story.starts || starts_in_time(story);
    if (story.starts) add_start(story, before);
    check_body(context_, scope_, {story.steps, decl_.suppress, index_}, w);
    w.body.insert(w.body.begin(), std::make_move_iterator(before.begin()),
                  std::make_move_iterator(before.end()));
    check_times(context_, w, in_time ? period() : std::nullopt);
    context_.module.workflows.push_back(std::move(w));
  }

  void add_start(const ast::Story& story, Block& before) {
    auto moment = check_moment(context_, scope_, *story.starts);
    if (!moment) return;
    const std::string label = "wait until " + label_of(context_.sources, story.starts->span);
    before.push_back(step(WaitUntil{std::move(moment->instant), IfPast{}, std::move(moment->anchors)}, label,
                          story.starts->span));
  }

  /// A fixed start must lie in the campaign, or the story never runs.
  bool starts_in_time(const ast::Story& story) {
    const auto* literal = std::get_if<ast::Literal>(&story.starts->anchor);
    const auto* local = literal ? std::get_if<ast::LocalDateTime>(&literal->value) : nullptr;
    if (!local || story.starts->offset || story.starts->zone || campaign_.to == 0) return true;
    if (value::to_instant(local->civil, context_.zone()) < campaign_.to) return true;
    auto& d = context_.sink.report(Code::campaign_period, story.starts->span,
                                   "the story `" + story.name.text + "` starts after the campaign has ended");
    if (decl_.runs) d.secondary.push_back({decl_.runs->to.span, "it runs until here"});
    return false;
  }

  const ast::StatusBlock* edge_block(const std::string& status) const {
    for (const ast::StatusBlock& edge : decl_.edges) {
      if (edge.status.text == status) return &edge;
    }
    return nullptr;
  }

  /// The edge is noticed even where nothing is to be done: it is counted, and digests tell of it.
  void add_edge(const std::string& status, CampaignPart part_of) {
    const bool hot = part_of == CampaignPart::hot;
    const ast::StatusBlock* block = edge_block(status);
    if (hot && campaign_.scoring == kNone) {
      if (block) report_no_scoring(*block);
      return;
    }
    const Span span = block ? block->span : span_;
    auto condition = hot ? campaign_hot(context_, index_, span) : campaign_responded(context_, index_, span);
    if (!condition) return;
    Workflow w = part(status, part_of, span);
    w.windows = windows_;
    enter_when(w, std::move(*condition));
    if (block) check_body(context_, scope_, {block->steps, decl_.suppress}, w);
    if (block) check_times(context_, w, period());
    context_.module.workflows.push_back(std::move(w));
  }

  void report_no_scoring(const ast::StatusBlock& block) {
    auto& d = context_.sink.report(Code::misplaced, block.span,
                                   "nobody becomes HOT in a campaign without a scoring");
    d.helps.push_back("add `scoring scoring.name` to the campaign");
  }

  void check_edge_names() {
    static const std::vector<std::string> known{"hot", "responded"};
    for (const ast::StatusBlock& edge : decl_.edges) {
      const std::string& status = edge.status.text;
      if (std::find(known.begin(), known.end(), status) == known.end()) {
        schema::report_unknown(context_.sink, Code::unknown_value, edge.status.span,
                               "a target never becomes `" + status + "`", status, known);
      } else if (const ast::StatusBlock* first = edge_block(status); first != &edge) {
        schema::report_duplicate(context_.sink, edge.status.span, first->status.span, "block",
                                 "when becomes " + status);
      }
    }
  }

  /// WF308; the points of stories may do what the bands cannot.
  void check_reachable() {
    if (campaign_.scoring == kNone || context_.point_givers.count(index_) != 0) return;
    const auto* bands = scoring_bands(context_, campaign_.scoring, span_);
    if (bands) check_threshold(context_, campaign_.scoring, *bands, decl_.scoring->span);
  }

  Context& context_;
  std::uint32_t index_;
  const ast::CampaignDecl& decl_;
  const bytecode::Campaign& campaign_;
  Span span_;
  Scope scope_;
  std::string owner_;
  std::vector<std::uint32_t> suppress_;
  std::vector<WindowUse> windows_;
  std::size_t audiences_ = 0;
};

/// The names of what all campaigns become, in the order in which CampaignCheck makes them.
std::vector<std::string> campaign_workflows(const Context& context) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < context.schema.campaigns.size(); ++i) {
    const ast::CampaignDecl& decl = *context.schema.campaigns[i];
    const auto add = [&](const std::string& part) {
      names.push_back("campaign." + decl.name.text + "." + part);
    };
    for (std::size_t n = 1; n <= decl.audience.size(); ++n) add(audience_name(n));
    add("joined");
    for (const ast::Story& story : decl.stories) add(story.name.text);
    if (context.catalogue().campaigns[i].scoring != kNone) add("hot");
    add("responded");
  }
  return names;
}

// ---- sequences
// --------------------------------------------------------------------------------------------------

/// Replies to any mail and meetings, for one reason each.
void add_exits(const Context& context, Workflow& w) {
  const std::pair<const char*, bytecode::EndReason> kExits[] = {
      {"email_replied", bytecode::EndReason::replied}, {"meeting_booked", bytecode::EndReason::meeting}};
  for (const auto& [name, reason] : kExits) {
    const std::uint32_t event = context.catalogue().find_event(name);
    if (event == kNone || context.catalogue().events[event].object != w.head.object) continue;
    w.exits.push_back({{event, {}, std::nullopt}, reason});
  }
}

}  // namespace

void check_campaign(Context& context, std::uint32_t index) {
  CampaignCheck(context, index).run();
}

std::uint32_t resolve_workflow(Context& context, const ast::Atom& atom) {
  const auto reference = schema::reference_of(atom);
  if (reference && reference->kind == ResourceKind::workflow) {
    return resolve_resource(context, ResourceKind::workflow, *reference->name);
  }
  if (reference && reference->kind == ResourceKind::sequence) {
    const std::uint32_t sequence = resolve_resource(context, ResourceKind::sequence, *reference->name);
    return sequence == kNone ? kNone : sequence_workflow(context, sequence);
  }
  const std::string written(context.sources.text(atom.span));
  const std::vector<std::string> names = campaign_workflows(context);
  const auto found = std::find(names.begin(), names.end(), written);
  if (found != names.end()) {
    const auto place = static_cast<std::uint32_t>(found - names.begin());
    return sequence_workflow(context, static_cast<std::uint32_t>(context.schema.sequences.size())) + place;
  }
  schema::report_unknown(context.sink, Code::unknown_name, atom.span,
                         "`" + written + "` is no workflow, sequence or story", written, names);
  return kNone;
}

Workflow check_sequence(Context& context, std::uint32_t index) {
  const ast::WorkflowDecl& decl = *context.schema.sequences[index];
  Workflow w =
      check_declared(context, decl, context.schema.workflow_objects[sequence_workflow(context, index)]);
  if (!decl.reenroll) w.head.reenroll.mode = bytecode::ReenrollMode::every_time;
  for (const ast::Trigger& trigger : decl.triggers) {
    auto& d = context.sink.report(Code::misplaced, trigger.span, "a sequence is started by a person");
    d.helps.push_back("a workflow is what starts on its own: `workflow " + decl.name.text +
                      " on … { enroll when … }`");
  }
  w.triggers.clear();
  if (w.head.object != kNone) add_exits(context, w);
  return w;
}

}  // namespace wf::sema
