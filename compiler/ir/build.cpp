// Lowers a checked module: its tables, its expressions as functions, its workflows as bodies.
#include <algorithm>

#include "compiler/ir/builder.hpp"
#include "compiler/ir/passes/passes.hpp"
#include "grammar/value/codec.hpp"

namespace wf::ir {

using bytecode::kNone;

std::uint32_t UnitBuilder::constant(const value::Value& v) {
  value::Writer key;
  key.value(v);
  const auto [found, added] = constants_.try_emplace(key.str(), 0);
  if (added) found->second = append(tables().constants, v);
  return found->second;
}

std::uint32_t UnitBuilder::field(std::uint32_t object, std::uint32_t property) {
  const auto [found, added] = fields_.try_emplace({object, property}, 0);
  if (added) found->second = append(tables().fields, {object, property});
  return found->second;
}

std::uint32_t UnitBuilder::window(const std::vector<sema::WindowUse>& uses) {
  bytecode::Window entry;
  for (const sema::WindowUse& use : uses) {
    entry.all.push_back({use.hours, use.dynamic_zone.has_value(), use.zone});
  }
  auto& windows = tables().windows;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (windows[i].all == entry.all) return static_cast<std::uint32_t>(i);
  }
  return append(windows, std::move(entry));
}

std::uint32_t UnitBuilder::task(const bytecode::Task& entry) {
  auto& tasks = tables().tasks;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i] == entry) return static_cast<std::uint32_t>(i);
  }
  return append(tasks, entry);
}

namespace {

/// How many locals of the code around it the expression needs.
std::uint32_t locals_of(const sema::Module& module, const sema::Expr& e) {
  std::uint32_t count = e.op == sema::ExprOp::local ? e.a + 1 : 0;
  for (const sema::Expr& arg : e.args) count = std::max(count, locals_of(module, arg));
  if (e.op == sema::ExprOp::related || e.op == sema::ExprOp::associated) {
    const auto& where = module.relations[e.a].where;
    if (where) count = std::max(count, locals_of(module, *where));
  }
  return count;
}

}  // namespace

std::uint32_t UnitBuilder::relation(std::uint32_t module_relation) {
  const auto [found, added] = relations_.try_emplace(module_relation, 0);
  if (!added) return found->second;
  const sema::Relation& relation = module_.relations[module_relation];
  bytecode::Relation entry = relation.head;
  if (relation.where) {
    const std::string name = "relation " + std::to_string(module_relation) + " where";
    entry.where = expression(name, entry.object, kNone, *relation.where);
  }
  return relations_[module_relation] = append(tables().relations, entry);
}

std::uint32_t UnitBuilder::step(const sema::Step& s) {
  // A step that is built several times, once for each item of a loop, is one step to people.
  const auto [place, is_new] = steps_.try_emplace({s.span.file, s.span.begin}, tables().steps.size());
  if (!is_new && tables().steps[place->second].label == s.label) return place->second;
  const text::SourceFile& file = sources_.file(s.span.file);
  const auto [found, added] = files_.try_emplace(s.span.file, 0);
  if (added) found->second = append(tables().files, file.path());
  const text::Position at = file.position(s.span.begin);
  return place->second = append(tables().steps, {s.label, found->second, at.line, at.column});
}

std::uint32_t UnitBuilder::outcome(Outcome outcome) {
  outcome.workflow = static_cast<std::uint32_t>(tables().workflows.size());
  return append(unit_.outcomes, std::move(outcome));
}

void UnitBuilder::branch_values(std::uint32_t branch, std::uint32_t object, const sema::Expr& condition) {
  using sema::ExprOp;
  if (!options_.values) return;
  switch (condition.op) {
    case ExprOp::property:
    case ExprOp::count:
    case ExprOp::last_event:
    case ExprOp::in_list:
    case ExprOp::has_tag:
    case ExprOp::created_at: {
      const std::uint32_t function = expression("value", object, kNone, condition);
      unit_.values.push_back({branch, condition.span, function});
      return;
    }
    case ExprOp::field: {
      const bool plain = condition.args[0].op == ExprOp::property || condition.args[0].op == ExprOp::self;
      if (!plain) return;
      const std::uint32_t function = expression("value", object, kNone, condition);
      unit_.values.push_back({branch, condition.span, function});
      return;
    }
    default:
      for (const sema::Expr& arg : condition.args) branch_values(branch, object, arg);
  }
}

bool UnitBuilder::is_constant(std::uint32_t object, const sema::Expr& e) {
  FunctionBuilder f(*this, "", bytecode::FunctionKind::expression, object, kNone);
  f.expression(e);
  Function function = f.take();
  while (fold_constants(function, unit_)) {
  }
  const auto& code = function.blocks.front().instructions;
  return code.size() == 1 &&
         (code[0].op == bytecode::Opcode::push || code[0].op == bytecode::Opcode::push_unknown);
}

std::uint32_t UnitBuilder::reserve_function() {
  unit_.functions.emplace_back();
  return static_cast<std::uint32_t>(unit_.functions.size() - 1);
}

std::uint32_t UnitBuilder::expression(std::string name, std::uint32_t object, std::uint32_t event,
                                      const sema::Expr& e) {
  FunctionBuilder f(*this, std::move(name), bytecode::FunctionKind::expression, object, event);
  f.function().locals = locals_of(module_, e);
  f.expression(e);
  f.leave({TerminatorKind::return_});
  const std::uint32_t index = reserve_function();
  set_function(index, f.take());
  return index;
}

std::uint32_t UnitBuilder::optional_expression(std::string name, std::uint32_t object,
                                               const std::optional<sema::Expr>& e) {
  return e ? expression(std::move(name), object, kNone, *e) : kNone;
}

bytecode::EventMatch UnitBuilder::match(const std::string& name, std::uint32_t object,
                                        const sema::EventMatch& m) {
  bytecode::EventMatch lowered{m.event, m.filters, kNone};
  if (m.where) lowered.where = expression(name + " where", object, m.event, *m.where);
  return lowered;
}

bytecode::Trigger UnitBuilder::trigger(const std::string& name, const sema::Workflow& w,
                                       const sema::Trigger& t) {
  bytecode::Trigger lowered = t.head;
  const bool on_event = t.head.kind == bytecode::TriggerKind::event;
  if (on_event) lowered.match = match(name, w.head.object, t.match);
  lowered.condition = optional_expression(name + " condition", w.head.object, t.condition);
  if (t.guard) {
    lowered.guard = expression(name + " guard", w.head.object, on_event ? t.match.event : kNone, *t.guard);
  }
  lowered.retest = optional_expression(name + " retest", w.head.object, t.retest);
  lower_reads(lowered.reads_elsewhere);
  if (t.edge) lowered.edge = edge(name, *t.edge);
  lowered.reenroll.key = optional_expression(name + " key", w.head.object, t.reenroll_key);
  return lowered;
}

void UnitBuilder::lower_reads(std::vector<bytecode::RelatedRead>& reads) {
  for (bytecode::RelatedRead& read : reads) {
    if (read.relation != kNone) read.relation = relation(read.relation);
  }
}

bytecode::RelatedEdge UnitBuilder::edge(const std::string& name, const sema::RelatedEdge& e) {
  bytecode::RelatedEdge lowered = e.head;
  lowered.became = expression(name + " became", e.head.object, kNone, e.became);
  lowered.where = optional_expression(name + " where", e.head.object, e.where);
  return lowered;
}

void UnitBuilder::workflow(const sema::Workflow& w) {
  bytecode::Workflow lowered = w.head;
  const std::string name = bytecode::workflow_label(w.head.name);
  const std::uint32_t object = w.head.object;
  lowered.triggers.clear();
  for (std::size_t i = 0; i < w.triggers.size(); ++i) {
    lowered.triggers.push_back(trigger(name + " trigger " + std::to_string(i), w, w.triggers[i]));
  }
  lowered.exits.clear();
  for (std::size_t i = 0; i < w.exits.size(); ++i) {
    lowered.exits.push_back(
        {match(name + " exit " + std::to_string(i), object, w.exits[i].match), w.exits[i].reason});
  }
  lowered.unless = optional_expression(name + " unless", object, w.unless);
  lowered.goal = optional_expression(name + " goal", object, w.goal);
  lowered.cancel = optional_expression(name + " cancel", object, w.cancel);
  lowered.reenroll.key = optional_expression(name + " key", object, w.reenroll_key);
  lower_reads(lowered.exits_read);
  if (w.goal_edge) lowered.goal_edge = edge(name + " goal", *w.goal_edge);
  lowered.steps.clear();
  lowered.body = build_body(*this, w, lowered.steps);
  tables().workflows.push_back(std::move(lowered));
}

void UnitBuilder::scoring(const sema::Scoring& s) {
  bytecode::Scoring& target = tables().catalogue.scorings[s.index];
  target.bands.clear();
  for (const sema::Scoring::Band& b : s.bands) {
    const std::string name = "scoring." + target.name + " " + b.label;
    target.bands.push_back({b.points, expression(name, target.object, kNone, b.condition), b.label});
  }
}

Unit UnitBuilder::build() {
  tables().catalogue = module_.catalogue;
  tables().moments = module_.moments;
  tables().rotations = module_.rotations;
  for (const sema::Counter& c : module_.counters) {
    bytecode::Counter lowered = c.head;
    if (c.where) {
      const std::string name = "counter " + c.head.key + " where";
      lowered.match.where = expression(name, c.head.object, c.head.match.event, *c.where);
    }
    tables().counters.push_back(std::move(lowered));
  }
  for (const sema::Segment& s : module_.segments) {
    bytecode::Segment& target = tables().catalogue.segments[s.index];
    target.condition = expression("segment." + target.name, target.object, kNone, s.condition);
  }
  for (const sema::Scoring& s : module_.scorings) scoring(s);
  for (bytecode::Audience& audience : tables().catalogue.audiences) {
    if (audience.webhook == kNone) continue;
    bytecode::Call call;
    call.webhook = audience.webhook;
    audience.call = append(tables().calls, std::move(call));
  }
  for (const sema::Workflow& w : module_.workflows) workflow(w);
  for (const BuildOptions::Condition& c : options_.conditions) {
    unit_.conditions.push_back(expression("condition", c.object, kNone, *c.expression));
  }
  return std::move(unit_);
}

Unit build(const sema::Module& module, const text::SourceSet& sources, const BuildOptions& options) {
  return UnitBuilder(module, sources, options).build();
}

}  // namespace wf::ir
