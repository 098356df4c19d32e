#include "compiler/wfc/sim_explain.hpp"

#include <algorithm>
#include <set>

#include "compiler/emit/emit.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/engine/display.hpp"

namespace wf::wfc {

using bytecode::TriggerKind;
using engine::Happening;

namespace {

/// What a condition reads of the record.
void collect_reads(const sema::Expr& e, std::vector<const sema::Expr*>& out) {
  if (e.op == sema::ExprOp::property || e.op == sema::ExprOp::count || e.op == sema::ExprOp::in_list ||
      e.op == sema::ExprOp::has_tag) {
    out.push_back(&e);
    return;
  }
  for (const sema::Expr& arg : e.args) collect_reads(arg, out);
}

std::string one_line(std::string text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  return out;
}

}  // namespace

Explainer::Explainer(const sema::Module& module, const text::SourceSet& sources)
    : module_(module), sources_(sources) {
  ir::BuildOptions options;
  options.outcomes = options.values = true;
  std::vector<const sema::Expr*> order;
  for (const sema::Workflow& workflow : module.workflows) {
    for (const sema::Trigger& trigger : workflow.triggers) {
      if (trigger.head.kind != TriggerKind::condition && trigger.head.kind != TriggerKind::becomes) continue;
      order.push_back(&*trigger.condition);
      collect_reads(*trigger.condition, order);
      for (std::size_t i = options.conditions.size(); i < order.size(); ++i) {
        options.conditions.push_back({workflow.head.object, order[i]});
      }
    }
  }
  ir::Unit unit = ir::build(module, sources, options);
  ir::optimise(unit);
  for (std::size_t i = 0; i < order.size(); ++i) functions_[order[i]] = unit.conditions[i];
  for (const ir::BranchValue& value : unit.values) values_.emplace(value.branch, value);
  outcomes_ = std::move(unit.outcomes);
  auto program = emit::emit(std::move(unit));
  // The project was accepted, and what is added are functions of their own.
  WF_ASSERT(program.ok());
  program_ = std::move(*program);
}

std::string Explainer::value_text(const value::Value& v) const {
  return engine::display(program_.catalogue, v);
}

std::string Explainer::place(text::Span span) const {
  return "line " + std::to_string(sources_.file(span.file).position(span.begin).line);
}

VirtualRun::Ran Explainer::listener() {
  return [this](const engine::GroupRan& group) {
    if (watched_ != 0 && group.record != watched_) return;
    for (const std::uint32_t index : group.run.outcomes) {
      const ir::Outcome& outcome = outcomes_[index];
      std::string text = one_line(std::string(sources_.text(outcome.span)));
      const bool condition = outcome.name == "true" || outcome.name == "false" || outcome.name == "unknown";
      text = condition ? "`" + text + "` is " + outcome.name : outcome.name;
      std::set<std::string> seen;
      const auto [begin, end] = values_.equal_range(outcome.branch);
      std::string values;
      for (auto it = begin; it != end; ++it) {
        const std::string name = one_line(std::string(sources_.text(it->second.span)));
        if (!seen.insert(name).second) continue;
        const auto v = vm::evaluate(group.program, it->second.function, group.view, nullptr, group.at);
        values += (values.empty() ? "" : ", ") + name + " = " + value_text(v);
      }
      if (!values.empty()) text += " (" + values + ")";
      const std::string step = outcome.step == bytecode::kNone ? "" : group.program.steps[outcome.step].label;
      decisions_[group.record].push_back({step, place(outcome.span) + ": " + text});
    }
  };
}

void Explainer::watch(engine::Key key) {
  watched_ = key;
  std::erase_if(decisions_, [key](const auto& entry) { return entry.first != key; });
}

std::vector<std::string> Explainer::remarks(const Observation& o, const std::string& subject) {
  if (o.item.what == Happening::enrolled || o.item.what == Happening::not_enrolled) entered_.insert(subject);
  if (o.item.what == Happening::event) ++events_[subject];
  if (o.item.what != Happening::step) return {};
  std::vector<std::string> texts;
  std::vector<Decision>& decisions = decisions_[o.record];
  std::erase_if(decisions, [&](const Decision& decision) {
    const bool own = decision.step == o.item.detail;
    if (own) texts.push_back(decision.text);
    return own;
  });
  return texts;
}

std::string Explainer::explain_trigger(VirtualRun& run, engine::Key key, const sema::Trigger& trigger) {
  std::string text = place(trigger.span) + ": `" + one_line(std::string(sources_.text(trigger.span))) + "`";
  if (trigger.head.kind == TriggerKind::event) {
    const std::string& event = program_.catalogue.events[trigger.match.event].name;
    const std::size_t count = events_["event." + event];
    return text + ": " + std::to_string(count) + " " + event + (count == 1 ? " event" : " events") +
           (count == 0 ? "" : ", not enough or none that fits");
  }
  if (!trigger.condition || !functions_.contains(&*trigger.condition)) return text;
  const auto evaluate = [&](const sema::Expr* e) {
    return run.engine().evaluate(program_, functions_.at(e), key, run.now());
  };
  const auto truth = evaluate(&*trigger.condition);
  if (truth) text += truth->is_unknown() ? " is unknown" : truth->as_boolean() ? " is true" : " is false";
  std::vector<const sema::Expr*> reads;
  collect_reads(*trigger.condition, reads);
  std::string values;
  for (const sema::Expr* e : reads) {
    const auto v = evaluate(e);
    if (!v) continue;
    values +=
        (values.empty() ? "" : ", ") + one_line(std::string(sources_.text(e->span))) + " = " + value_text(*v);
  }
  return values.empty() ? text : text + " (" + values + ")";
}

std::vector<std::string> Explainer::not_enrolled(VirtualRun& run, engine::Key key,
                                                 const std::string& object) {
  std::vector<std::string> texts;
  for (const sema::Workflow& workflow : module_.workflows) {
    const bool other = program_.catalogue.objects[workflow.head.object].name != object;
    if (other || entered_.contains(bytecode::workflow_label(workflow.head.name))) continue;
    texts.push_back("never enrolled in " + bytecode::workflow_label(workflow.head.name) +
                    ": no trigger fired");
    for (const sema::Trigger& trigger : workflow.triggers) {
      texts.push_back("  " + explain_trigger(run, key, trigger));
    }
  }
  return texts;
}

std::vector<std::string> Explainer::scores(VirtualRun& run, engine::Key key) const {
  std::vector<std::string> texts;
  const auto info = run.engine().describe(key);
  if (!info || !*info) return texts;
  for (const engine::ScoreInfo& score : (*info)->scores) {
    std::string text = "scoring." + score.scoring + " is " + std::to_string(score.total);
    for (std::size_t i = 0; i < score.bands.size(); ++i) {
      text += (i == 0 ? ": " : ", ") + std::to_string(score.bands[i].second) + " for `" +
              score.bands[i].first + "`";
    }
    texts.push_back(std::move(text));
  }
  for (const engine::CampaignInfo& campaign : (*info)->campaigns) {
    texts.push_back("campaign." + campaign.campaign + " is " + campaign.status + ", with " +
                    std::to_string(campaign.points) + " points of its stories");
  }
  return texts;
}

}  // namespace wf::wfc
