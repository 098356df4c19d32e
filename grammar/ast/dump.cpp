#include "grammar/ast/dump.hpp"

#include "grammar/ast/show.hpp"
#include "grammar/value/value.hpp"

namespace wf::ast {
namespace {

/// Prints a tree; every function prints one node and, indented below it, its children.
class Dumper {
 public:
  void file(const File& file) {
    for (const Decl& decl : file.decls) {
      std::visit([this](const auto& node) { print(node); }, decl.node);
    }
  }
  void expression(const Expr& expr) {
    std::visit([this](const auto& node) { print(node); }, expr.node);
  }
  std::string take() { return std::move(out_); }

 private:
  void line(const std::string& text) {
    out_.append(depth_ * 2, ' ');
    out_ += text;
    out_ += '\n';
  }
  /// `title` and below it what `children` prints.
  template <class F>
  void node(const std::string& title, F children) {
    line(title);
    ++depth_;
    children();
    --depth_;
  }
  void under(const std::string& title, const ExprPtr& child) {
    if (child) node(title, [&] { expression(*child); });
  }
  void child(const ExprPtr& operand) {
    if (operand) expression(*operand);
  }
  void two(const std::string& title, const ExprPtr& left, const ExprPtr& right) {
    node(title, [&] { child(left), child(right); });
  }

  // ---- expressions ----
  void print(const Literal& literal) { line("literal " + show(literal)); }
  void print(const PathExpr& path) { line("path " + show(path.path)); }
  void print(const Compare& compare) {
    constexpr const char* kOps[] = {"=",  "!=", "<",      "<=",          ">",
                                    ">=", "is", "is not", "is at least", "is at most"};
    two(kOps[static_cast<std::size_t>(compare.op)], compare.left, compare.right);
  }
  void print(const OneOf& one_of) {
    node(one_of.negated ? "is none of" : "is any of", [&] {
      child(one_of.left);
      for (const ExprPtr& value : one_of.values) child(value);
    });
  }
  void print(const Known& known) { under(known.negated ? "is unknown" : "is known", known.left); }
  void print(const Between& between) {
    node("between", [&] { child(between.left), child(between.low), child(between.high); });
  }
  void print(const TextTest& test) {
    constexpr const char* kOps[] = {"contains", "starts with", "ends with", "matches"};
    two(kOps[static_cast<std::size_t>(test.op)], test.left, test.right);
  }
  void print(const AgeTest& test) {
    const std::string duration = show(test.duration);
    switch (test.op) {
      case AgeOp::more_than_ago:
        return under("is more than " + duration + " ago", test.left);
      case AgeOp::less_than_ago:
        return under("is less than " + duration + " ago", test.left);
      case AgeOp::within_last:
        return under("is within last " + duration, test.left);
      case AgeOp::within_next:
        return under("is within next " + duration, test.left);
    }
  }
  void print(const EverBeen& test) { two("has ever been", test.left, test.value); }
  void print(const Member& member) { line((member.negated ? "not in " : "in ") + show(member.set)); }
  void print(const HasTag& test) { line("has tag " + test.tag.text); }
  void print(const Not& negation) { under("not", negation.operand); }
  void print(const Logic& logic) {
    const std::string word =
        logic.group ? (logic.conjunction ? "all" : "any") : (logic.conjunction ? "and" : "or");
    node(word, [&] {
      for (const ExprPtr& operand : logic.operands) child(operand);
    });
  }
  void print(const EventTerm& term) { print(term.event); }
  void print(const Count& count) {
    node("count", [&] {
      if (const auto* event = std::get_if<EventPhrase>(&count.what)) print(*event);
      if (const auto* path = std::get_if<Path>(&count.what)) line("path " + show(*path));
      under("where", count.where);
    });
  }
  void print(const NoEvents& none) {
    node("no events for " + show(none.duration), [&] {
      for (const EventPhrase& event : none.events) print(event);
    });
  }
  void print(const Related& related) {
    under((related.none ? "no " : "some ") + show(related.association) + " where", related.where);
  }
  void print(const Becomes& becomes) { two("becomes", becomes.left, becomes.value); }
  void print(const Changes& changes) { under("changes", changes.left); }
  void print(const Created&) { line("created"); }
  void print(const Arith& arith) {
    constexpr const char* kOps[] = {"+", "-", "*", "/"};
    two(kOps[static_cast<std::size_t>(arith.op)], arith.left, arith.right);
  }
  void print(const Negate& negate) { under("negate", negate.operand); }

  void print(const EventPhrase& event) {
    constexpr const char* kTimes[] = {"", " at least ", " at most ", " exactly "};
    std::string text = "event ";
    if (event.generic)
      text += "generic " + event.verb.text;
    else if (event.preposition)
      text += event.verb.text + " " + event.preposition->text + " " + show(*event.subject);
    else
      text += (event.subject ? show(*event.subject) + " " : "") + event.verb.text;
    if (event.times != EventPhrase::Times::any) {
      text += kTimes[static_cast<std::size_t>(event.times)] + std::to_string(event.count) + " times";
    }
    if (event.within_last) text += " within last " + show(*event.within_last);
    if (event.since_step) text += " since step " + event.since_step->text;
    if (event.ever) text += " ever";
    node(text, [&] { under("where", event.where); });
  }

  // ---- steps ----
  void block(const std::string& title, const Block& steps) {
    node(title, [&] { block(steps); });
  }
  void block(const Block& steps) {
    for (const Step& step : steps) {
      std::visit([this](const auto& inner) { print(inner); }, step.node);
    }
  }
  void print(const Action& action) {
    node("action " + show(action.atoms), [&] {
      if (action.on_failure) {
        const OnFailure& failure = *action.on_failure;
        std::string text = "on failure retry " + std::to_string(failure.retries) + " times";
        if (failure.over) text += " over " + show(*failure.over);
        block(text, failure.then);
      }
      if (!action.reply) return;
      if (action.reply->answered) block("answered", *action.reply->answered);
      if (action.reply->failed) block("failed", *action.reply->failed);
      if (action.reply->timed_out) block("timed_out", *action.reply->timed_out);
    });
  }
  void print(const WaitFor& wait) {
    std::string text = "wait " + show(wait.duration);
    if (wait.at) text += " at " + show_time(*wait.at);
    if (wait.zone) text += show(*wait.zone);
    line(text);
  }
  void print(const WaitUntil& wait) {
    line("wait until " + show(wait.moment) + (wait.if_past ? ", " + show(*wait.if_past) : "") +
         (wait.anchor ? show(*wait.anchor) : ""));
  }
  void print(const WaitEvent& wait) {
    std::string text = wait.at_most ? "wait event at most " + show(*wait.at_most) : "wait event";
    if (wait.limit_calendar) text += show(*wait.limit_calendar);
    node(text, [&] {
      print(wait.event);
      if (wait.happened) block("happened", *wait.happened);
      if (wait.timed_out) block("timed_out", *wait.timed_out);
    });
  }
  void print(const AtBlock& at) {
    block("at " + show(at.moment) + (at.if_past ? ", " + show(*at.if_past) : "") +
              (at.anchor ? show(*at.anchor) : ""),
          at.body);
  }
  void print(const If& branch) {
    node("if", [&] {
      for (const If::Arm& arm : branch.arms) {
        under("condition", arm.condition);
        block("then", arm.body);
      }
      if (branch.otherwise) block("else", *branch.otherwise);
    });
  }
  void print(const Match& match) {
    node("match", [&] {
      under("subject", match.subject);
      for (const Match::Arm& arm : match.arms) {
        node(arm.is_else      ? "arm else"
             : arm.is_unknown ? "arm unknown"
                              : "arm",
             [&] {
               for (const ExprPtr& value : arm.values) child(value);
               block("then", arm.body);
             });
      }
    });
  }
  void print(const Set& set) { under("set " + show(set.target), set.value); }
  void print(const Let& let) { under("let " + let.name.text, let.value); }
  void print(const Stop&) { line("stop"); }
  void print(const Experiment& experiment) {
    node("experiment " + experiment.name.text, [&] {
      under("split by", experiment.key);
      for (const Experiment::Arm& arm : experiment.arms) {
        const std::string kind = arm.is_holdout ? "" : "variant ";
        node(kind + arm.name.text + " " + show(arm.share), [&] {
          if (arm.body) block("then", *arm.body);
        });
      }
      if (experiment.rest)
        line("rest winner by " + experiment.rest->metric.text + " after " + show(experiment.rest->after));
    });
  }
  void print(const ForEach& loop) {
    std::string text = "for each " + show(loop.association) + " as " + loop.name.text;
    if (loop.at_most) text += ", at most " + std::to_string(*loop.at_most);
    node(text, [&] {
      under("where", loop.where);
      block(loop.body);
    });
  }

  // ---- declarations ----
  void print(const ObjectDecl& object) {
    node((object.extends ? "extend object " : "object ") + object.name.text, [&] {
      for (const Property& property : object.properties) print(property);
    });
  }
  void print(const Property& property) {
    node("property " + property.name.text + " " + show(property.type), [&] {
      under("initial", property.initial);
      for (const Flag& flag : property.flags) {
        line("flag " + flag.name.text + (flag.arguments.empty() ? "" : " " + show(flag.arguments)));
      }
    });
  }
  void print(const EventDecl& event) {
    node("event " + event.name.text + (event.on ? " on " + event.on->text : ""), [&] {
      for (const Parameter& p : event.parameters) line("parameter " + p.name.text + " " + show(p.type));
      if (event.phrase) line("phrase " + quoted(*event.phrase));
    });
  }
  void print(const Field& field) {
    node("field " + field.name.text + (field.atoms.empty() ? "" : " " + show(field.atoms)) +
             (field.has_block ? " {}" : ""),
         [&] { print(field.block); });
  }
  void print(const std::vector<Field>& fields) {
    for (const Field& field : fields) print(field);
  }
  void print(const ResourceDecl& resource) {
    node("resource " + resource.kind.text + " " + resource.name.text, [&] { print(resource.fields); });
  }
  void print(const SegmentDecl& segment) {
    node("segment " + segment.name.text + " on " + segment.on.text, [&] {
      if (segment.title) line("title " + quoted(*segment.title));
      for (const ExprPtr& condition : segment.conditions) child(condition);
    });
  }
  void print(const Trigger& trigger) {
    std::string text = "trigger";
    if (trigger.at) text += " at " + show(*trigger.at);
    if (trigger.if_past) text += ", " + show(*trigger.if_past);
    if (trigger.schedule) text += " " + show(*trigger.schedule);
    node(text, [&] {
      child(trigger.when);
      under("guard", trigger.guard);
      if (trigger.reenroll) print(*trigger.reenroll);
    });
  }
  void print(const Reenroll& reenroll) {
    constexpr const char* kModes[] = {"never", "every time", "each "};
    std::string text = std::string("reenroll ") + kModes[static_cast<std::size_t>(reenroll.mode)];
    if (reenroll.key) text += show(*reenroll.key);
    if (reenroll.at_most_once_per) text += ", at most once per " + show(*reenroll.at_most_once_per);
    if (reenroll.restart) text += ", if enrolled restart";
    line(text);
  }
  void print(const WindowClause& window) {
    std::string text = "window ";
    if (window.days) text += show(*window.days) + " ";
    if (window.day) text += window.day->text + " ";
    line(text + show(window.hours) + (window.zone ? show(*window.zone) : ""));
  }
  void print(const WorkflowDecl& workflow) {
    const std::string word = workflow.is_sequence ? "sequence " : "workflow ";
    node(word + workflow.name.text + (workflow.on ? " on " + workflow.on->text : ""), [&] {
      headers(workflow);
      block("steps", workflow.steps);
    });
  }
  void headers(const WorkflowDecl& workflow) {
    if (workflow.title) line("title " + quoted(*workflow.title));
    if (workflow.owner) line("owner " + show(*workflow.owner));
    if (workflow.triggers_all) line("triggers all");
    for (const Trigger& trigger : workflow.triggers) print(trigger);
    for (const Path& list : workflow.suppress) line("suppress " + show(list));
    for (const ExprPtr& condition : workflow.unless) under("unless", condition);
    if (workflow.reenroll) print(*workflow.reenroll);
    under("goal", workflow.goal);
    for (const ExprPtr& condition : workflow.cancel) under("cancel when", condition);
    for (const WindowClause& window : workflow.windows) print(window);
    for (const PauseClause& pause : workflow.pauses) {
      line("pause " + value::format_date(pause.from) + ".." + value::format_date(pause.to));
    }
    if (workflow.pause_zone) line("pause" + show(*workflow.pause_zone));
    print(workflow.other);
  }

  // ---- scoring and campaigns ----
  void print(const ScoringDecl& scoring) {
    node("scoring " + scoring.name.text + " on " + scoring.on.text, [&] {
      if (scoring.title) line("title " + quoted(*scoring.title));
      if (scoring.hot) line("hot at " + std::to_string(*scoring.hot));
      for (const ScoringDecl::Band& band : scoring.bands) {
        under((band.points < 0 ? "" : "+") + std::to_string(band.points), band.condition);
      }
    });
  }
  void print(const CampaignDecl& campaign) {
    node("campaign " + campaign.name.text + " on " + campaign.on.text, [&] {
      campaign_headers(campaign);
      for (const Story& story : campaign.stories) {
        block("story " + story.name.text + (story.starts ? " starts " + show(*story.starts) : ""),
              story.steps);
      }
      for (const StatusBlock& edge : campaign.edges) block("when becomes " + edge.status.text, edge.steps);
    });
  }
  void campaign_headers(const CampaignDecl& campaign) {
    if (campaign.title) line("title " + quoted(*campaign.title));
    if (campaign.owner) line("owner " + show(*campaign.owner));
    if (campaign.status) line("status " + campaign.status->text);
    if (campaign.runs) line("runs from " + show(campaign.runs->from) + " to " + show(campaign.runs->to));
    for (const Audience& audience : campaign.audience) print(audience);
    if (campaign.scoring) line("scoring " + show(*campaign.scoring));
    if (campaign.digest) print("digest", *campaign.digest);
    if (campaign.summary) print("summary", *campaign.summary);
    for (const Path& list : campaign.suppress) line("suppress " + show(list));
    for (const WindowClause& window : campaign.windows) print(window);
  }
  void print(const Audience& audience) {
    constexpr const char* kJoining[] = {"", ", add new members automatically", ", propose new members"};
    line("audience " + show(audience.source) + kJoining[static_cast<std::size_t>(audience.joining)]);
  }
  void print(const std::string& what, const Report& report) {
    const std::string when = report.weekday ? " weekly on " + report.weekday->text : " daily";
    line(what + when + " at " + show_time(report.at) + " to " + show(report.to));
  }

  // ---- tests ----
  void print(const TestDecl& test) {
    node("test " + quoted(test.title), [&] {
      for (const TestLine& test_line : test.lines) print(test_line);
    });
  }
  void print(const TestLine& test_line) {
    std::string when = "setup";
    if (test_line.when == TestLine::When::finally) when = "finally";
    if (test_line.when == TestLine::When::at)
      when = "at +" + value::format_compact_duration(test_line.offset);
    node(when, [&] { std::visit([this](const auto& inner) { print(inner); }, test_line.node); });
  }
  void print(const TestStart& start) {
    line("start " + show(start.local) + (start.zone ? " in " + quoted(*start.zone) : ""));
  }
  void print(const TestGiven& given) {
    node(std::string("given ") + (given.existing ? "existing " : "") + given.object.text + " " +
             given.name.text,
         [&] { print(given.data.fields); });
  }
  void print(const TestAnswers& given) {
    std::string text = "given " + show(given.webhook) + " answers";
    for (const Literal& answer : given.answers) text += " " + show(answer);
    node(text, [&] {
      for (const auto& body : given.bodies) {
        if (body) node("body", [&] { print(body->fields); });
      }
    });
  }
  void print(const TestVariant& given) {
    line("given " + given.record.text + " in variant " + given.variant.text + " of " +
         show(given.experiment));
  }
  void print(const TestOccurs& occurs) {
    node(occurs.by ? "occurs by " + occurs.by->text : "occurs", [&] {
      print(occurs.event);
      print(occurs.data.fields);
    });
  }
  void print(const TestChange& change) { under("change " + show(change.target), change.value); }
  void print(const TestMembership& member) {
    line((member.add ? "add " : "remove ") + member.record.text + (member.add ? " to " : " from ") +
         show(member.list));
  }
  void print(const TestExpectAtoms& expect) {
    line((expect.negated ? "expect no " : "expect ") + show(expect.atoms));
  }
  void print(const TestExpectThat& expect) { under("expect that", expect.condition); }
  void print(const TestExpectLimit& expect) {
    line("expect at most " + std::to_string(expect.at_most) + " emails to " + expect.record.text +
         " in any " + show(expect.window));
  }

  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string dump(const File& file) {
  Dumper dumper;
  dumper.file(file);
  return dumper.take();
}

std::string dump(const Expr& expression) {
  Dumper dumper;
  dumper.expression(expression);
  return dumper.take();
}

}  // namespace wf::ast
