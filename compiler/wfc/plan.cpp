#include "compiler/wfc/plan.hpp"

#include <algorithm>
#include <set>

#include "grammar/value/calendar.hpp"
#include "runtime/bytecode/bounds.hpp"

namespace wf::wfc {

using bytecode::kNone;
using bytecode::OnDeploy;
using bytecode::PointClass;
using bytecode::Program;
using value::Value;

namespace {

const char* words(OnDeploy policy) {
  constexpr const char* kWords[] = {"pin", "migrate compatible", "cancel", "restart"};
  return kWords[static_cast<std::size_t>(policy)];
}

std::string outcome_of(PointClass what, OnDeploy policy) {
  if (what == PointClass::identical) return "go on, nothing changes for them";
  switch (policy) {
    case OnDeploy::cancel:
      return "end as cancelled";
    case OnDeploy::restart:
      return "begin again, except who got marketing mail";
    case OnDeploy::migrate_compatible:
      if (what == PointClass::compatible) return "migrate";
      break;
    case OnDeploy::pin:
      break;
  }
  return "stay on the code they have";
}

class Planner {
 public:
  Planner(const DaemonState& state, const Program& after) : state_(state), after_(after) {
    const auto active = state.codes.find(state.hash);
    if (active != state.codes.end()) before_ = &active->second;
  }

  std::vector<WorkflowPlan> workflows(const std::vector<ItemChange>& changes);

 private:
  WorkflowPlan workflow(const std::string& name, ChangeKind kind);
  void add_points(WorkflowPlan& plan, const std::string& name);
  PointPlan point(const engine::RunningPoint& running, const std::string& name);
  void add_bound(WorkflowPlan& plan, const std::string& name);
  std::uint32_t in_before(const std::string& name) const {
    return before_ == nullptr ? kNone : before_->find_workflow(name);
  }

  const DaemonState& state_;
  const Program* before_ = nullptr;
  const Program& after_;
};

std::vector<WorkflowPlan> Planner::workflows(const std::vector<ItemChange>& changes) {
  std::set<std::string> names;
  for (const auto& workflow : after_.workflows) names.insert(workflow.name);
  if (before_ != nullptr) {
    for (const auto& workflow : before_->workflows) names.insert(workflow.name);
  }
  for (const auto& running : state_.running) names.insert(running.workflow);
  std::vector<WorkflowPlan> plans;
  for (const std::string& name : names) {
    const auto change = std::find_if(changes.begin(), changes.end(), [&](const ItemChange& c) {
      return c.name == bytecode::workflow_label(name);
    });
    WorkflowPlan plan = workflow(name, change == changes.end() ? ChangeKind::changed : change->kind);
    // What mails say belongs to the code too: then only the enrolments tell that something differs.
    const bool differs = std::any_of(plan.points.begin(), plan.points.end(),
                                     [](const PointPlan& p) { return p.what != PointClass::identical; });
    if (change != changes.end() || differs) plans.push_back(std::move(plan));
  }
  return plans;
}

WorkflowPlan Planner::workflow(const std::string& name, ChangeKind kind) {
  WorkflowPlan plan;
  plan.name = bytecode::workflow_label(name);
  plan.kind = kind;
  const std::uint32_t index = after_.find_workflow(name);
  if (index != kNone) {
    plan.on_deploy = words(after_.workflows[index].on_deploy);
    plan.enrolls_existing = after_.workflows[index].existing;
  }
  add_points(plan, name);
  add_bound(plan, name);
  for (const auto& [workflow, records] : state_.matches) {
    if (workflow == name) plan.matches = records;
  }
  return plan;
}

void Planner::add_points(WorkflowPlan& plan, const std::string& name) {
  for (const engine::RunningPoint& running : state_.running) {
    if (running.workflow != name) continue;
    plan.running += running.count;
    PointPlan next = point(running, name);
    const auto same = std::find_if(plan.points.begin(), plan.points.end(), [&](const PointPlan& p) {
      return p.what == next.what && p.step == next.step && p.reason == next.reason &&
             p.outcome == next.outcome;
    });
    if (same == plan.points.end()) {
      plan.points.push_back(std::move(next));
    } else {
      same->count += next.count;
    }
  }
  std::stable_sort(plan.points.begin(), plan.points.end(),
                   [](const PointPlan& a, const PointPlan& b) { return a.what < b.what; });
}

PointPlan Planner::point(const engine::RunningPoint& running, const std::string& name) {
  PointPlan point{PointClass::must_drain, running.step, running.count, "", ""};
  const auto code = state_.codes.find(running.code);
  const std::uint32_t from = code == state_.codes.end() ? kNone : code->second.find_workflow(name);
  const std::uint32_t to = after_.find_workflow(name);
  if (from == kNone || (running.wait != kNone && running.wait >= code->second.waits.size())) {
    point.reason = "their code could not be read";
    point.outcome = "stay on the code they have";
    return point;
  }
  if (to == kNone) {
    const bool ends = code->second.workflows[from].on_deploy == OnDeploy::cancel;
    point.reason = "the workflow is removed";
    point.outcome = ends ? "end as cancelled" : "finish on the code they have";
    return point;
  }
  const bytecode::PointMatch match = bytecode::match_point(code->second, from, running.wait, after_, to);
  point.what = match.what;
  point.reason = match.reason;
  point.outcome = outcome_of(match.what, after_.workflows[to].on_deploy);
  return point;
}

/// Over the window of the strictest limit, else over a week.
void Planner::add_bound(WorkflowPlan& plan, const std::string& name) {
  WorkflowPlan::Bound bound;
  bound.window = 7 * value::kDay;
  for (const auto& policy : after_.catalogue.policies) {
    for (const auto& limit : policy.limits) {
      if (limit.mail_class != bytecode::MailClass::marketing || limit.most >= bound.allowed) continue;
      bound.allowed = limit.most;
      bound.window = limit.per;
    }
  }
  const auto most = [&](const Program& program, std::uint32_t index) {
    return index == kNone
               ? 0
               : bytecode::most_mails(program, index, bytecode::MailClass::marketing, bound.window);
  };
  if (before_ != nullptr) bound.before = most(*before_, in_before(name));
  bound.after = most(after_, after_.find_workflow(name));
  if (bound.before > 0 || bound.after > 0) plan.bound = bound;
}

// ---- text
// -------------------------------------------------------------------------------------------------------

/// By characters: labels are in any language.
std::string padded(const std::string& text, std::size_t width) {
  const auto length = static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  return text + std::string(width > length ? width - length : 1, ' ');
}

std::string number(std::int64_t n) {
  return std::to_string(n);
}

std::string point_text(const PointPlan& point) {
  const std::string step = point.step.empty() ? "(between waits)" : point.step;
  std::string text =
      "  " + padded(to_string(point.what), 15) + padded(step, 40) + " " + padded(number(point.count), 8);
  text += point.outcome;
  if (!point.reason.empty()) text += ": " + point.reason;
  return text + "\n";
}

std::string workflow_text(const WorkflowPlan& plan) {
  std::string text = plan.name + "  " + number(plan.running) + " running";
  if (plan.running > 0 && !plan.on_deploy.empty()) text += ", on deploy " + plan.on_deploy;
  text += "\n";
  for (const PointPlan& point : plan.points) text += point_text(point);
  if (plan.bound) {
    const auto& bound = *plan.bound;
    text += "  marketing mails " + std::to_string(bound.before) + " -> " + std::to_string(bound.after) +
            " at most in " + value::format_compact_duration(bound.window);
    if (bound.allowed != kNone) {
      text += ", policy " + std::to_string(bound.allowed);
      text += bound.after <= bound.allowed ? ": ok" : ": what is beyond it will be refused";
    }
    text += "\n";
  }
  if (plan.matches) {
    text += "  existing records that match: " + number(*plan.matches);
    text += plan.enrolls_existing ? ", all of them will be enrolled\n" : ", none of them will be enrolled\n";
  }
  return text;
}

std::string held_text(const engine::HeldValue& held) {
  std::string text =
      "  " + held.property + (held.value.empty() ? "" : " = " + held.value) + " " + held.why + ": ";
  return text + number(held.records) + (held.records == 1 ? " record holds it" : " records hold it") +
         "; it stays stored and reads as unknown\n";
}

}  // namespace

Plan make_plan(const DaemonState& state, const Program& after, const std::string& bundle) {
  Plan plan;
  plan.version = state.version;
  plan.against = state.hash;
  plan.bundle = bundle;
  const auto active = state.codes.find(state.hash);
  plan.changes = difference(
      active == state.codes.end() ? std::vector<bytecode::Item>() : outline(active->second), outline(after));
  plan.workflows = Planner(state, after).workflows(plan.changes);
  plan.held = state.held;
  return plan;
}

std::string plan_text(const Plan& plan) {
  std::string text =
      "against version " + std::to_string(plan.version) + " (" + plan.against.substr(0, 12) + ")\n\n";
  if (!plan.has_changes()) return text + "no change: this bundle is the active one\n";
  text += plan.changes.empty() ? "no difference in meaning\n" : difference_text(plan.changes);
  for (const WorkflowPlan& workflow : plan.workflows) text += "\n" + workflow_text(workflow);
  if (!plan.held.empty()) text += "\nvalues that the new schema does not know\n";
  for (const engine::HeldValue& held : plan.held) text += held_text(held);
  return text;
}

Value plan_value(const Plan& plan) {
  value::List workflows, held;
  for (const WorkflowPlan& workflow : plan.workflows) {
    value::List points;
    for (const PointPlan& point : workflow.points) {
      points.push_back(Value::map({{"class", Value::text(to_string(point.what))},
                                   {"step", point.step.empty() ? Value() : Value::text(point.step)},
                                   {"running", Value::integer(point.count)},
                                   {"outcome", Value::text(point.outcome)},
                                   {"reason", point.reason.empty() ? Value() : Value::text(point.reason)}}));
    }
    value::Map entry{{"name", Value::text(workflow.name)},
                     {"on_deploy", Value::text(workflow.on_deploy)},
                     {"running", Value::integer(workflow.running)},
                     {"points", Value::list(std::move(points))}};
    if (workflow.bound) {
      const auto& bound = *workflow.bound;
      entry.emplace_back(
          "marketing_mails",
          Value::map({{"before", Value::integer(bound.before)},
                      {"after", Value::integer(bound.after)},
                      {"window", Value::text(value::format_compact_duration(bound.window))},
                      {"policy", bound.allowed == kNone ? Value() : Value::integer(bound.allowed)}}));
    }
    if (workflow.matches) {
      entry.emplace_back("existing_matches", Value::integer(*workflow.matches));
      entry.emplace_back("enroll_existing", Value::boolean(workflow.enrolls_existing));
    }
    workflows.push_back(Value::map(std::move(entry)));
  }
  for (const engine::HeldValue& value : plan.held) {
    held.push_back(Value::map({{"property", Value::text(value.property)},
                               {"value", value.value.empty() ? Value() : Value::text(value.value)},
                               {"why", Value::text(value.why)},
                               {"records", Value::integer(value.records)}}));
  }
  return Value::map({{"version", Value::integer(static_cast<std::int64_t>(plan.version))},
                     {"against", Value::text(plan.against)},
                     {"bundle", Value::text(plan.bundle)},
                     {"changes", difference_value(plan.changes)},
                     {"workflows", Value::list(std::move(workflows))},
                     {"held", Value::list(std::move(held))}});
}

}  // namespace wf::wfc
