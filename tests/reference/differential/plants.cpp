#include "tests/reference/differential/plants.hpp"

#include <algorithm>

namespace wf::reference {

using bytecode::Opcode;
using bytecode::Program;

namespace {

template <class Visit>
void each_word(Program& program, bytecode::FunctionKind kind, Visit visit) {
  for (const bytecode::Function& f : program.functions) {
    if (f.kind != kind) continue;
    for (std::uint32_t at = f.begin; at < f.end; ++at) visit(program.code[at]);
  }
}

/// One operator for another, in expressions and bodies.
void replace(Program& program, Opcode from, Opcode to) {
  for (const auto kind : {bytecode::FunctionKind::expression, bytecode::FunctionKind::body}) {
    each_word(program, kind, [&](bytecode::Word& word) {
      if (bytecode::opcode_of(word) == from) word = bytecode::encode(to, bytecode::operand_of(word));
    });
  }
}

void drop_goals(Program& program) {
  for (auto& w : program.workflows) w.goal = bytecode::kNone;
}
void edges_are_levels(Program& program) {
  for (auto& w : program.workflows) w.goal_is_edge = false;
}
void drop_cancels(Program& program) {
  for (auto& w : program.workflows) w.cancel = bytecode::kNone;
}
void drop_suppression(Program& program) {
  for (auto& w : program.workflows) w.suppress.clear();
}
void drop_unless(Program& program) {
  for (auto& w : program.workflows) w.unless = bytecode::kNone;
}
void reverse_priorities(Program& program) {
  for (auto& w : program.workflows) w.priority = -w.priority;
}
void always_again(Program& program) {
  for (auto& w : program.workflows) {
    if (w.reenroll.mode == bytecode::ReenrollMode::never)
      w.reenroll.mode = bytecode::ReenrollMode::every_time;
  }
}
void never_restart(Program& program) {
  for (auto& w : program.workflows) w.reenroll.restart = false;
}
void no_pause(Program& program) {
  for (auto& w : program.workflows) w.reenroll.at_most_once_per = 0;
}
void blind_triggers(Program& program) {
  for (auto& w : program.workflows) {
    for (auto& t : w.triggers) t.reads_properties.clear();
  }
}
void once_more(Program& program) {
  for (auto& w : program.workflows) {
    for (auto& t : w.triggers) t.times += t.times > 0 ? 1 : 0;
  }
}
void drop_guards(Program& program) {
  for (auto& w : program.workflows) {
    for (auto& t : w.triggers) t.guard = bytecode::kNone;
  }
}
void open_windows(Program& program) {
  for (auto& window : program.windows) {
    for (auto& opening : window.all) opening.hours = {0x7f, 0, 24 * 60};
  }
}
void shift_windows(Program& program) {
  for (auto& window : program.windows) {
    for (auto& opening : window.all) ++opening.hours.from;
  }
}
void frozen_anchors(Program& program) {
  for (auto& wait : program.waits) wait.anchors.clear();
}
void later_moments(Program& program) {
  for (auto& moment : program.moments) ++moment.offset_days;
}
void any_event(Program& program) {
  for (auto& wait : program.waits) wait.match.filters.clear();
}
void longer_waits(Program& program) {
  for (auto& v : program.constants) {
    if (v.kind() == value::Kind::duration) v = value::Value::duration(v.as_duration() + 1);
  }
}
void no_labels(Program& program) {
  for (auto& send : program.sends) send.label = bytecode::kNone;
}
void own_subjects_lost(Program& program) {
  for (auto& send : program.sends) send.own_subject = false;
}
void swap_branches(Program& program) {
  each_word(program, bytecode::FunctionKind::body, [](bytecode::Word& word) {
    const Opcode op = bytecode::opcode_of(word);
    if (op == Opcode::jump_if) word = bytecode::encode(Opcode::jump_unless, bytecode::operand_of(word));
    if (op == Opcode::jump_unless) word = bytecode::encode(Opcode::jump_if, bytecode::operand_of(word));
  });
}
void closed_ends(Program& program) {
  replace(program, Opcode::lt, Opcode::le);
}
void or_for_and(Program& program) {
  replace(program, Opcode::and_, Opcode::or_);
}
void subtract_for_add(Program& program) {
  replace(program, Opcode::add, Opcode::sub);
}
void wider_counters(Program& program) {
  for (auto& counter : program.counters) counter.window *= 2;
}
void fewer_retries(Program& program) {
  for (auto& call : program.calls) {
    if (call.retries != bytecode::kNone) --call.retries;
  }
}

// ---- claims of the checker that do not hold
// ------------------------------------------------------------------------------------------------------

template <class Visit>
void each_step(sema::Block& block, const Visit& visit) {
  for (sema::Step& step : block) {
    visit(step);
    sema::each_block(step, [&](sema::Block& inner) { each_step(inner, visit); });
  }
}

template <class Visit>
void each_arm(sema::Module& module, const Visit& visit) {
  for (sema::Workflow& w : module.workflows) {
    each_step(w.body, [&](sema::Step& step) {
      if (auto* branch = std::get_if<sema::If>(&step.node)) {
        for (auto& arm : branch->arms) visit(w, arm);
      }
    });
  }
}

void dead_arms(sema::Module& module) {
  each_arm(module, [](sema::Workflow&, sema::If::Arm& arm) {
    for (sema::Step& step : arm.body) step.dead = true;
  });
}
void conditions_never_unknown(sema::Module& module) {
  each_arm(module, [](sema::Workflow&, sema::If::Arm& arm) { arm.outcomes &= sema::kTrue | sema::kFalse; });
}
void conditions_never_true(sema::Module& module) {
  each_arm(module, [](sema::Workflow& w, sema::If::Arm& arm) {
    w.verdicts.push_back({sema::Verdict::Kind::never_true, arm.condition.span});
  });
}
void unreachable_ends(sema::Module& module) {
  for (sema::Workflow& w : module.workflows) {
    if (!w.body.empty()) w.verdicts.push_back({sema::Verdict::Kind::unreachable, w.body.back().span});
  }
}

}  // namespace

const std::vector<NamedPlant>& plants() {
  static const std::vector<NamedPlant> all = {
      {"goal", "goals are forgotten", drop_goals},
      {"edge", "a goal that is an edge counts as a level", edges_are_levels},
      {"cancel", "`cancel when` is forgotten", drop_cancels},
      {"suppress", "suppression lists are forgotten", drop_suppression},
      {"unless", "`unless` is forgotten", drop_unless},
      {"priority", "the order of workflows is reversed", reverse_priorities},
      {"never", "`reenroll never` enrols again", always_again},
      {"restart", "`if enrolled restart` does not restart", never_restart},
      {"pause", "`at most once per` is forgotten", no_pause},
      {"blind", "triggers miss changes of properties", blind_triggers},
      {"times", "`at least N times` takes one more", once_more},
      {"guard", "`, if C` is forgotten", drop_guards},
      {"window", "windows are always open", open_windows},
      {"minute", "windows open a minute late", shift_windows},
      {"frozen", "a wait keeps its moment when the anchor moves", frozen_anchors},
      {"moment", "dated waits are a day late", later_moments},
      {"event", "a wait ends with any event of the type", any_event},
      {"wait", "durations are a microsecond longer", longer_waits},
      {"label", "sends forget their instant", no_labels},
      {"subject", "`with subject` is forgotten", own_subjects_lost},
      {"branch", "branches are swapped", swap_branches},
      {"bound", "`<` includes the bound", closed_ends},
      {"logic", "`and` is `or`", or_for_and},
      {"sum", "`+` is `-`", subtract_for_add},
      {"counter", "counters look back twice as far", wider_counters},
      {"retry", "a call is tried once less", fewer_retries},
      {"dead", "the checker claims that arms never run", nullptr, dead_arms},
      {"known", "the checker claims that no condition is unknown", nullptr, conditions_never_unknown},
      {"false", "the checker claims that no condition is true", nullptr, conditions_never_true},
      {"end", "the checker claims that the last steps never run", nullptr, unreachable_ends},
  };
  return all;
}

const NamedPlant* find_plant(std::string_view name) {
  for (const NamedPlant& plant : plants()) {
    if (plant.name == name) return &plant;
  }
  return nullptr;
}

}  // namespace wf::reference
