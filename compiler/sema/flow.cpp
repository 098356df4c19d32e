#include "compiler/sema/flow.hpp"

#include <algorithm>

#include "compiler/sema/context.hpp"

namespace wf::sema {
namespace {

using domain::Abstract;
using domain::Bits;
using domain::Intervals;
using value::Kind;

// ---- waits ----

/// What of a fact is left behind a wait; nothing when it says nothing any more.
std::optional<Abstract> stable_part(const Term& term, const Abstract& value) {
  switch (term.stability) {
    case Stability::none:
      return std::nullopt;
    case Stability::fixed:
      return value;
    case Stability::once_known:
      if (value.unknown) return std::nullopt;
      return value;
    case Stability::rises: {
      const auto* numbers = std::get_if<Intervals>(&value.values);
      if (!numbers || value.unknown || numbers->empty()) return std::nullopt;
      return met(term.initial, Abstract::of(Intervals::between(numbers->low(), Intervals::kHighest)));
    }
    case Stability::once_true: {
      const auto* bits = std::get_if<Bits>(&value.values);
      if (!bits || value.unknown || bits->contains(0)) return std::nullopt;
      return value;
    }
  }
  return std::nullopt;
}

Path after_wait(const Terms& terms, Path path, const Pause& pause) {
  Path next;
  for (const Fact& fact : path.facts) {
    if (auto left = stable_part(terms[fact.term], fact.value))
      set_fact(terms, next, fact.term, std::move(*left), fact.cause);
  }
  std::vector<Fact> began = at_beginning(path);
  next.history =
      std::make_shared<Instant>(Instant{std::move(path.history), std::move(began), pause, path.vague});
  return next;
}

Paths with_invariants(Ground& ground, Paths paths) {
  for (const Invariant& invariant : ground.invariants) {
    paths = assume(ground.terms, paths, invariant.condition, invariant.outcomes);
  }
  return paths;
}

// ---- writes ----

/// Ends the facts about the terms that `affected` names.
template <class Affected>
void drop_facts(const Terms& terms, Path& path, Affected affected) {
  std::vector<Fact> kept;
  for (Fact& fact : path.facts) {
    if (!affected(terms[fact.term])) {
      kept.push_back(std::move(fact));
      continue;
    }
    const auto same = [&](const Fact& f) { return f.term == fact.term; };
    if (std::none_of(path.before.begin(), path.before.end(), same)) path.before.push_back(std::move(fact));
  }
  path.facts = std::move(kept);
}

/// What was joined while the paths differed may be one path now.
void tidy(Ground& ground, Flow& flow) {
  if (flow.paths.size() < 2) return;
  Paths paths;
  for (Path& path : flow.paths) add_path(ground.terms, paths, std::move(path));
  flow.paths = std::move(paths);
}

void drop_readers(const Terms& terms, Path& path, PropertyRef property) {
  drop_facts(terms, path, [&](const Term& term) {
    return std::find(term.reads.begin(), term.reads.end(), property) != term.reads.end();
  });
}

/// A value as its property keeps it: in the unit of its type, within its range.
Abstract stored(const bytecode::Property& property, const Type& from, Abstract value) {
  auto* numbers = std::get_if<Intervals>(&value.values);
  if (!numbers) return value;
  const bool whole = property.type.kind == Kind::integer;
  const bool scaled = property.type.kind == Kind::decimal && from.kind == Kind::integer;
  Intervals kept;
  for (domain::Interval part : numbers->parts()) {
    for (std::int64_t* end : {&part.low, &part.high}) {
      if (scaled) *end = value::mul_saturating(*end, value::kMicro);
      const auto bound = [&](std::int64_t micros) { return whole ? micros / value::kMicro : micros; };
      if (property.minimum) *end = std::max(*end, bound(*property.minimum));
      if (property.maximum) *end = std::min(*end, bound(*property.maximum));
    }
    kept = kept | Intervals::between(part.low, part.high);
  }
  value.values = kept;
  return value;
}

/// Writes the property that `target` is; `value_in` gives what a path writes.
template <class ValueIn>
void write(Flow& flow, const Expr& target, const Type& type, Span cause, ValueIn value_in) {
  if (!flow.ground) return;
  Terms& terms = flow.ground->terms;
  const auto ref = terms.property_of(target);
  if (!ref) return;
  const bytecode::Property& property =
      terms.context().catalogue().objects[ref->object].properties[ref->property];
  for (Path& path : flow.paths) {
    Abstract value = stored(property, type, value_in(terms, path));
    drop_readers(terms, path, *ref);
    // Other records are written when the group ends; until then their old values are read.
    if (target.op != ExprOp::property) continue;
    if (const auto term = terms.find(target)) {
      const bool noted =
          std::any_of(path.before.begin(), path.before.end(), [&](const Fact& f) { return f.term == *term; });
      if (!noted) path.before.push_back({*term, terms[*term].initial, {}});
      set_fact(terms, path, *term, std::move(value), cause);
    }
  }
  tidy(*flow.ground, flow);
}

}  // namespace

std::vector<Fact> at_beginning(const Path& path) {
  std::vector<Fact> facts = path.before;
  for (const Fact& fact : path.facts) {
    const auto same = [&](const Fact& f) { return f.term == fact.term; };
    if (std::none_of(path.before.begin(), path.before.end(), same)) facts.push_back(fact);
  }
  std::sort(facts.begin(), facts.end(), [](const Fact& a, const Fact& b) { return a.term < b.term; });
  return facts;
}

Flow::Flow(Ground& shared) : ground(&shared), paths(with_invariants(shared, {Path{}})) {}

void assume(Flow& flow, const Expr& condition, Outcomes wanted) {
  if (flow.ground) flow.paths = assume(flow.ground->terms, flow.paths, condition, wanted);
}

void assume(const Context&, Flow& flow, const Expr& condition, Outcome outcome) {
  constexpr Outcomes kWanted[] = {kTrue, kFalse, kFalse | kUnknown, kTrue | kUnknown};
  assume(flow, condition, kWanted[static_cast<std::size_t>(outcome)]);
}

Outcomes outcomes(const Flow& flow, const Expr& condition) {
  if (!flow.ground || flow.uncertain || !flow.reachable()) return kAnyOutcome;
  return outcomes_of(flow.ground->terms, flow.paths, condition);
}

Flow joined(const Flow& a, const Flow& b) {
  if (!a.reachable()) return b;
  if (!b.reachable()) return a;
  Flow result = a;
  result.uncertain = a.uncertain || b.uncertain;
  result.untold = a.untold || b.untold;
  std::erase_if(result.just_sent, [&](const auto& sent) { return b.just_sent.count(sent.first) == 0; });
  result.sent_before.insert(b.sent_before.begin(), b.sent_before.end());
  for (const std::uint32_t write : b.self_writes) {
    if (std::find(result.self_writes.begin(), result.self_writes.end(), write) == result.self_writes.end())
      result.self_writes.push_back(write);
  }
  if (!result.ground) return result;
  for (const Path& path : b.paths) add_path(result.ground->terms, result.paths, path);
  return result;
}

void forget(Flow& flow, Pause pause) {
  const bool instant = pause.kind == Pause::Kind::delay && pause.length == 0;
  if (!instant) {
    flow.sent_before.insert(flow.just_sent.begin(), flow.just_sent.end());
    flow.just_sent.clear();
  }
  flow.self_writes.clear();
  flow.uncertain = false;
  flow.untold = flow.untold || pause.kind == Pause::Kind::other;
  if (!flow.ground) return;
  Paths paths;
  for (Path& path : flow.paths) {
    add_path(flow.ground->terms, paths, after_wait(flow.ground->terms, std::move(path), pause));
  }
  flow.paths = with_invariants(*flow.ground, std::move(paths));
}

void may_forget(Flow& flow, Pause pause) {
  const Flow stays = flow;
  forget(flow, std::move(pause));
  flow = joined(flow, stays);
}

void changed(Flow& flow, const Expr& target) {
  if (!flow.ground) return;
  const auto ref = flow.ground->terms.property_of(target);
  if (!ref) return;
  for (Path& path : flow.paths) drop_readers(flow.ground->terms, path, *ref);
  tidy(*flow.ground, flow);
}

void written(Flow& flow, const Expr& target, const Expr& value, Span cause) {
  write(flow, target, value.type, cause,
        [&](Terms& terms, const Path& path) { return evaluate(terms, path, value); });
}

void added(Flow& flow, const Expr& target, const Expr& amount, Span cause) {
  const auto sum = [&](Terms& terms, const Path& path) {
    Abstract old = evaluate(terms, path, target);
    if (old.unknown) old = joined(Abstract{old.known, false, old.values}, Abstract::of(Intervals::one(0)));
    const Abstract more = evaluate(terms, path, amount);
    const auto* x = std::get_if<Intervals>(&old.values);
    const auto* y = std::get_if<Intervals>(&more.values);
    const bool same_unit = amount.type.kind == target.type.kind;
    if (!x || !y || !same_unit || !more.known) return Abstract::of(Intervals::all());
    return Abstract::of(*x + *y, false);
  };
  write(flow, target, target.type, cause, sum);
}

void changed_local(Flow& flow, std::uint32_t local) {
  if (!flow.ground) return;
  for (Path& path : flow.paths) {
    drop_facts(flow.ground->terms, path, [&](const Term& term) {
      return std::find(term.locals.begin(), term.locals.end(), local) != term.locals.end();
    });
  }
}

void changed_list(Flow& flow, std::uint32_t list) {
  if (!flow.ground) return;
  for (Path& path : flow.paths) {
    drop_facts(flow.ground->terms, path, [&](const Term& term) {
      return std::find(term.lists.begin(), term.lists.end(), list) != term.lists.end();
    });
  }
}

void changed_tags(Flow& flow) {
  if (!flow.ground) return;
  for (Path& path : flow.paths)
    drop_facts(flow.ground->terms, path, [](const Term& term) { return term.tags; });
}

bool may_be_unknown(const Scope& scope, const Expr& e) {
  if (!e.type.nullable) return false;
  if (e.op == ExprOp::field && scope.flow && scope.flow->ground) {
    const Context& context = scope.flow->ground->terms.context();
    const bool own = context.catalogue().objects[e.a].properties[e.b].type.nullable;
    if (!own && !may_be_unknown(scope, e.args[0])) return false;
  }
  if (!scope.flow || !scope.flow->ground) return true;
  const Flow& flow = *scope.flow;
  if (flow.uncertain || !flow.reachable()) return false;
  return std::any_of(flow.paths.begin(), flow.paths.end(),
                     [&](const Path& path) { return evaluate(flow.ground->terms, path, e).unknown; });
}

std::set<std::uint32_t> possible_values(const Context& context, const Scope& scope, const Expr& e) {
  const domain::Values all = values_of(e.type, context.catalogue());
  if (!std::holds_alternative<Bits>(all)) return {};
  Bits possible = std::get<Bits>(all);
  if (scope.flow && scope.flow->ground) {
    Bits united(possible.size());
    for (const Path& path : scope.flow->paths) {
      const Abstract value = evaluate(scope.flow->ground->terms, path, e);
      if (const auto* bits = std::get_if<Bits>(&value.values)) united = united | *bits;
    }
    possible = united;
  }
  std::set<std::uint32_t> result;
  for (std::uint32_t i = 0; i < possible.size(); ++i) {
    if (possible.contains(i)) result.insert(i);
  }
  return result;
}

}  // namespace wf::sema
