// When a condition turns true by time alone.
#include <set>

#include "grammar/value/calendar.hpp"
#include "tests/reference/interpreter/evaluate.hpp"

namespace wf::reference {

using sema::Expr;
using sema::ExprOp;
using value::Kind;

namespace {

/// The instants and the lengths of time that a condition is made of.
struct Times {
  std::set<std::int64_t> instants, lengths{0};
};

void collect(const Expr& e, const Look& look, Times& times) {
  const Value v = evaluate(e, look);
  if (v.kind() == Kind::instant) times.instants.insert(v.as_instant());
  if (v.kind() == Kind::date) {
    times.instants.insert(value::to_instant(v.as_date(), 0, look.module.catalogue.zone));
  }
  if (v.kind() == Kind::duration && e.op == ExprOp::constant) times.lengths.insert(v.as_duration());
  if (e.op == ExprOp::count) {
    times.lengths.insert(look.module.counters.at(e.a).head.window);
    for (std::size_t i = 0; i < look.facts.past; ++i) times.instants.insert(look.record.history[i]->at);
  }
  for (const Expr& argument : e.args) collect(argument, look, times);
}

bool depends_on_time(const Expr& e, const sema::Module& module) {
  if (e.op == ExprOp::now || e.op == ExprOp::age) return true;
  if (e.op == ExprOp::count && module.counters.at(e.a).head.window > 0) return true;
  for (const Expr& argument : e.args) {
    if (depends_on_time(argument, module)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::int64_t> next_turn(const Expr& condition, const Look& look, std::int64_t after) {
  if (!depends_on_time(condition, look.module)) return std::nullopt;
  Times times;
  collect(condition, look, times);
  std::set<std::int64_t> candidates;
  for (const std::int64_t instant : times.instants) {
    for (const std::int64_t length : times.lengths) {
      for (const std::int64_t t : {instant + length, instant - length}) candidates.insert({t, t + 1});
    }
  }
  Look at = {look.module, look.world, look.record, look.facts, nullptr, nullptr, 0};
  for (auto t = candidates.upper_bound(after); t != candidates.end(); ++t) {
    at.now = *t;
    if (!holds(condition, at)) continue;
    at.now = *t - 1;
    if (!holds(condition, at)) return *t;
  }
  return std::nullopt;
}

}  // namespace wf::reference
