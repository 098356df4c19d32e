#include "runtime/engine/explain.hpp"

#include <algorithm>
#include <set>

#include "grammar/value/calendar.hpp"
#include "runtime/engine/describe.hpp"
#include "runtime/engine/display.hpp"

namespace wf::engine {

using bytecode::Opcode;
using bytecode::TriggerKind;

namespace {

constexpr std::size_t kItemsRead = 2'000;

class Explainer {
 public:
  Explainer(Context& context, std::uint32_t workflow, const Record& record, std::int64_t now)
      : context_(context),
        binding_(*context.active),
        program_(binding_.program()),
        workflow_(program_.workflows[workflow]),
        symbol_(binding_.workflow(workflow)),
        record_(record),
        view_(context, binding_, record),
        now_(now) {}

  Explanation explain(store::HistoryRef history) {
    result_.workflow = workflow_.name;
    tell_standing();
    tell_rules();
    for (const bytecode::Trigger& trigger : workflow_.triggers) tell_trigger(trigger);
    tell_history(history);
    return std::move(result_);
  }

 private:
  std::string time(std::int64_t at) const { return value::format_instant(at, binding_.catalogue().zone); }

  /// What a function reads of the record, with the values now: "country = JP, lead_score = 5".
  std::string values(std::uint32_t function) const {
    std::string text;
    std::set<std::string> seen;
    for (const auto& [name, v] : reads(function)) {
      if (!seen.insert(name).second) continue;
      text += (text.empty() ? "" : ", ") + name + " = " + v;
    }
    return text.empty() ? text : " (" + text + ")";
  }

  std::vector<std::pair<std::string, std::string>> reads(std::uint32_t function) const {
    std::vector<std::pair<std::string, std::string>> found;
    const bytecode::Catalogue& catalogue = binding_.catalogue();
    const bytecode::Function& body = program_.functions[function];
    for (std::uint32_t word = body.begin; word < body.end; ++word) {
      const std::uint32_t operand = bytecode::operand_of(program_.code[word]);
      const Opcode opcode = bytecode::opcode_of(program_.code[word]);
      if (opcode == Opcode::property) {
        const auto& property = catalogue.objects[workflow_.object].properties[operand];
        if (!property.hidden) found.emplace_back(property.name, shown(view_.property(operand)));
      } else if (opcode == Opcode::count) {
        const bytecode::Counter& counter = program_.counters[operand];
        found.emplace_back("count of " + catalogue.events[counter.match.event].name,
                           std::to_string(view_.count(operand, now_)));
      } else if (opcode == Opcode::in_list) {
        found.emplace_back("in list." + catalogue.lists[operand].name, view_.in_list(operand) ? "yes" : "no");
      }
    }
    return found;
  }

  std::string shown(const Value& v) const {
    return v.is_unknown() ? "unknown" : display(binding_.catalogue(), v);
  }

  bool holds(std::uint32_t function) const { return vm::holds(program_, function, view_, nullptr, now_); }

  void tell_standing() {
    for (const Enrolment& e : record_.enrolments) {
      if (e.workflow != symbol_) continue;
      std::string text = "enrolled since " + time(e.started_at);
      const bool paused = context_.switches.is_paused(symbol_);
      if (paused) {
        text += "; the workflow is paused since " + time(context_.switches.state(symbol_).paused_since);
      } else if (e.status == EnrolmentStatus::held) {
        text += "; held since it would have gone on late, at " + time(e.due);
      } else {
        text += "; goes on at " + time(e.due) + " at the latest";
      }
      result_.standing.push_back(std::move(text));
    }
    if (result_.standing.empty()) result_.standing.emplace_back("not enrolled now");
    if (const Memory* memory = record_.memory(symbol_); memory && memory->times > 0) {
      result_.standing.push_back("entered " + std::to_string(memory->times) +
                                 (memory->times == 1 ? " time" : " times") + ", last at " +
                                 time(memory->last_at));
    }
  }

  void rule(bool allows, std::string text) { result_.rules.push_back({allows, std::move(text)}); }

  void tell_rules() {
    const bool off = context_.switches.is_off(symbol_);
    rule(!off, off ? "off since " + time(context_.switches.state(symbol_).off_since) : "on");
    if (workflow_.enter_until != 0) {
      rule(now_ < workflow_.enter_until,
           "its campaign lets records enter until " + time(workflow_.enter_until));
    }
    for (const std::uint32_t list : workflow_.suppress) {
      const bool in = view_.in_list(list);
      rule(!in, "suppress list." + binding_.catalogue().lists[list].name + ": " +
                    (in ? "a member" : "not a member"));
    }
    if (workflow_.unless != kNone) {
      const bool holds_now = holds(workflow_.unless);
      rule(!holds_now,
           std::string("unless … is ") + (holds_now ? "true" : "not true") + values(workflow_.unless));
    }
    if (workflow_.goal != kNone && !workflow_.goal_is_edge) {
      const bool met = holds(workflow_.goal);
      rule(!met, std::string("the goal is ") + (met ? "met already" : "not met") + values(workflow_.goal));
    }
    tell_group();
    tell_reenrolment();
  }

  void tell_group() {
    if (workflow_.exclusive_group.empty()) return;
    for (const Enrolment& e : record_.enrolments) {
      const Binding* binding = e.workflow == symbol_ ? nullptr : context_.binding(e.code);
      const std::uint32_t index = binding ? binding->workflow_index(e.workflow) : kNone;
      if (index == kNone) continue;
      if (binding->program().workflows[index].exclusive_group != workflow_.exclusive_group) continue;
      return rule(false, "exclusive group " + workflow_.exclusive_group + ": it is in " +
                             bytecode::workflow_label(context_.symbols.name(e.workflow)));
    }
    rule(true, "exclusive group " + workflow_.exclusive_group + ": it is in no other");
  }

  void tell_reenrolment() {
    const bool running = std::any_of(record_.enrolments.begin(), record_.enrolments.end(),
                                     [&](const Enrolment& e) { return e.workflow == symbol_; });
    const bytecode::Reenroll& rules = workflow_.reenroll;
    if (running) return rule(rules.restart, rules.restart ? "if enrolled restart" : "it is enrolled now");
    const Memory* memory = record_.memory(symbol_);
    if (memory == nullptr || memory->times == 0) return rule(true, "it has never been enrolled");
    if (rules.mode == bytecode::ReenrollMode::never)
      return rule(false, "reenroll never: it has been enrolled");
    const std::int64_t again = memory->last_at + rules.at_most_once_per;
    if (rules.at_most_once_per > 0 && now_ < again) {
      return rule(false, "at most once per …: not again before " + time(again));
    }
    rule(true, rules.mode == bytecode::ReenrollMode::each_key ? "reenroll each key: a key counts once"
                                                              : "reenroll every time");
  }

  void tell_trigger(const bytecode::Trigger& trigger) {
    std::string text;
    switch (trigger.kind) {
      case TriggerKind::event:
        text = "event " + binding_.catalogue().events[trigger.match.event].name;
        break;
      case TriggerKind::list_added:
      case TriggerKind::list_removed:
        text = std::string(trigger.kind == TriggerKind::list_added ? "added to" : "removed from") + " list." +
               binding_.catalogue().lists[trigger.list].name;
        break;
      case TriggerKind::changes:
        text = "a change of a property";
        break;
      case TriggerKind::becomes:
      case TriggerKind::condition:
        text = std::string("a condition that is ") + (holds(trigger.condition) ? "true" : "not true") +
               " now" + values(trigger.condition);
        break;
      default:
        text = trigger.kind == TriggerKind::related ? "a change of a related record" : "a moment";
        break;
    }
    if (trigger.guard != kNone) text += ", if a condition on it holds" + values(trigger.guard);
    result_.triggers.push_back(std::move(text));
  }

  /// The properties that the steps read, as they were at each step: from the timeline backwards.
  void tell_history(store::HistoryRef from) {
    const std::vector<HistoryItem> items = read_history(context_, from, kItemsRead);
    result_.truncated = from.frame != 0;
    std::map<std::string, std::string> known;  // property, value as told
    std::vector<std::string> order;
    for (const auto& [name, v] : reads(workflow_.body)) {
      if (std::find(order.begin(), order.end(), name) == order.end()) order.push_back(name);
    }
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
      if (item->what == Happening::property) {
        std::string name(context_.symbols.name(item->subject));
        name = name.substr(name.find('.') + 1);
        known[name] = item->detail;
      }
      if (item->workflow != symbol_) continue;
      ExplainedItem told{item->at, item->what, item->subject, item->detail, ""};
      if (item->what == Happening::step || item->what == Happening::enrolled) {
        for (const std::string& name : order) {
          const auto v = known.find(name);
          if (v != known.end()) told.seen += (told.seen.empty() ? "" : ", ") + name + " = " + v->second;
        }
      }
      result_.items.push_back(std::move(told));
    }
  }

  Context& context_;
  const Binding& binding_;
  const bytecode::Program& program_;
  const bytecode::Workflow& workflow_;
  const SymbolId symbol_;
  const Record& record_;
  const RecordView view_;
  const std::int64_t now_;
  Explanation result_;
};

}  // namespace

Explanation explain(Context& context, std::uint32_t workflow, Key key, std::int64_t now) {
  const auto row = need(context.store.load(key));
  if (!row) return {};
  const Record record = need(decode_record(key, row->hot, row->cold, context.layout));
  return Explainer(context, workflow, record, now).explain(row->history);
}

}  // namespace wf::engine
