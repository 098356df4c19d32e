#include "compiler/sema/facts.hpp"

#include <algorithm>

#include "compiler/sema/context.hpp"

namespace wf::sema {
namespace {

using domain::Abstract;
using domain::Bits;
using domain::Intervals;
using value::Kind;

std::vector<Fact>::iterator place_of(std::vector<Fact>& facts, TermId term) {
  return std::lower_bound(facts.begin(), facts.end(), term,
                          [](const Fact& fact, TermId wanted) { return fact.term < wanted; });
}

// ---- merging cases ----

/// How two cases differ.
struct Difference {
  std::size_t terms = 0;
  TermId term = 0;  ///< one of those that differ
  bool a_in_b = true, b_in_a = true;
};

Difference compare(const Terms& terms, const Path& a, const Path& b) {
  Difference d;
  auto x = a.facts.begin(), y = b.facts.begin();
  while (x != a.facts.end() || y != b.facts.end()) {
    const bool left = y == b.facts.end() || (x != a.facts.end() && x->term <= y->term);
    const bool right = x == a.facts.end() || (y != b.facts.end() && y->term <= x->term);
    const TermId term = left ? x->term : y->term;
    const Abstract& in_a = left ? x->value : terms[term].initial;
    const Abstract& in_b = right ? y->value : terms[term].initial;
    if (!(in_a == in_b)) {
      ++d.terms;
      d.term = term;
      d.a_in_b = d.a_in_b && within(in_a, in_b);
      d.b_in_a = d.b_in_a && within(in_b, in_a);
      if (!d.a_in_b && !d.b_in_a && d.terms > 1) return d;
    }
    if (left) ++x;
    if (right) ++y;
  }
  return d;
}

/// What holds in both cases.
Path common(const Terms& terms, const Path& a, const Path& b) {
  Path result;
  result.history = a.history;
  result.vague = true;
  for (const Fact& fact : a.facts) {
    const Abstract both = joined(fact.value, fact_of(terms, b, fact.term));
    if (!(both == terms[fact.term].initial)) result.facts.push_back({fact.term, both, fact.cause});
  }
  return result;
}

/// Makes `into` stand for both cases if that loses nothing.
bool absorb(const Terms& terms, Path& into, Path& path) {
  const Difference d = compare(terms, into, path);
  if (d.b_in_a) return true;
  if (d.a_in_b) {
    into = std::move(path);
    return true;
  }
  if (d.terms > 1 || into.history != path.history) return false;
  into.vague = into.vague || path.vague || into.before.size() != path.before.size();
  const Abstract both = joined(fact_of(terms, into, d.term), fact_of(terms, path, d.term));
  const auto fact =
      std::find_if(path.facts.begin(), path.facts.end(), [&](const Fact& f) { return f.term == d.term; });
  const Span cause = fact == path.facts.end() ? Span{} : fact->cause;
  set_fact(terms, into, d.term, both, cause);
  return true;
}

// ---- arithmetic ----

/// The numbers of a value in the unit of `type`; all of them when they cannot be told.
Intervals numbers_of(const Abstract& a, const Type& from, const Type& to) {
  const auto* numbers = std::get_if<Intervals>(&a.values);
  if (!numbers) return a.known ? Intervals::all() : Intervals();
  if (from.kind == to.kind) return *numbers;
  if (from.kind != Kind::integer || to.kind != Kind::decimal) return Intervals::all();
  Intervals scaled;
  for (const domain::Interval& part : numbers->parts()) {
    scaled = scaled | Intervals::between(value::mul_saturating(part.low, value::kMicro),
                                         value::mul_saturating(part.high, value::kMicro));
  }
  return scaled;
}

Intervals products(const Intervals& a, const Intervals& b) {
  if (a.empty() || b.empty()) return {};
  const std::int64_t ends[] = {
      value::mul_saturating(a.low(), b.low()), value::mul_saturating(a.low(), b.high()),
      value::mul_saturating(a.high(), b.low()), value::mul_saturating(a.high(), b.high())};
  return Intervals::between(*std::min_element(ends, ends + 4), *std::max_element(ends, ends + 4));
}

/// Do all operands count in the unit of the result?
bool same_unit(const Expr& e) {
  const Kind to = e.type.kind;
  const auto counts_so = [&](const Expr& arg) {
    const Kind from = arg.type.kind;
    if (to == Kind::integer || to == Kind::decimal) return from == Kind::integer || from == to;
    return (to == Kind::instant || to == Kind::duration) && (from == Kind::instant || from == Kind::duration);
  };
  return std::all_of(e.args.begin(), e.args.end(), counts_so);
}

Abstract computed(Terms& terms, const Path& path, const Expr& e) {
  const Abstract a = evaluate(terms, path, e.args[0]);
  const bool unary = e.op == ExprOp::negate;
  const Abstract b = unary ? Abstract::any_known() : evaluate(terms, path, e.args[1]);
  Abstract result = Abstract::of(values_of(e.type, terms.context().catalogue()));
  result.known = a.known && b.known;
  result.unknown = a.unknown || b.unknown || e.op == ExprOp::div;
  if (result.known && e.op != ExprOp::div && same_unit(e)) {
    const bool instants = e.type.kind == Kind::instant || e.type.kind == Kind::duration;
    const auto in_unit = [&](const Abstract& v, const Expr& arg) {
      return numbers_of(v, instants ? e.type : arg.type, e.type);
    };
    const Intervals x = in_unit(a, e.args[0]);
    if (unary) {
      result.values = -x;
    } else {
      const Intervals y = in_unit(b, e.args[1]);
      if (e.op == ExprOp::add) result.values = x + y;
      if (e.op == ExprOp::sub) result.values = x + -y;
      if (e.op == ExprOp::mul && e.type.kind == Kind::integer) result.values = products(x, y);
    }
  }
  return std::move(result).normal();
}

/// A value whose parts are known or not decides whether it is.
Abstract by_parts(Terms& terms, const Path& path, const Expr& e, Abstract value) {
  switch (e.op) {
    case ExprOp::field:
      if (!evaluate(terms, path, e.args[0]).known) return met(value, Abstract::only_unknown());
      return value;
    case ExprOp::age:
    case ExprOp::occurred_since:
    case ExprOp::contains:
    case ExprOp::starts_with:
    case ExprOp::ends_with:
    case ExprOp::matches: {
      const Abstract arg = evaluate(terms, path, e.args[0]);
      if (!arg.known) return met(value, Abstract::only_unknown());
      const bool both_known = e.args.size() == 1 || e.args[1].op == ExprOp::constant;
      if (!arg.unknown && both_known) return met(value, Abstract::any_known());
      return value;
    }
    case ExprOp::coalesce: {
      const Abstract first = evaluate(terms, path, e.args[0]);
      if (!first.unknown) return met(value, first);
      const Abstract second = evaluate(terms, path, e.args[1]);
      Abstract either = joined(Abstract{first.known, false, first.values}, second);
      return met(value, either);
    }
    default:
      return value;
  }
}

}  // namespace

const Abstract& fact_of(const Terms& terms, const Path& path, TermId term) {
  for (const Fact& fact : path.facts) {
    if (fact.term == term) return fact.value;
  }
  return terms[term].initial;
}

void set_fact(const Terms& terms, Path& path, TermId term, Abstract value, Span cause) {
  const auto place = place_of(path.facts, term);
  const bool found = place != path.facts.end() && place->term == term;
  if (value == terms[term].initial) {
    if (found) path.facts.erase(place);
  } else if (found) {
    place->value = std::move(value);
    place->cause = cause;
  } else {
    path.facts.insert(place, {term, std::move(value), cause});
  }
}

void add_path(const Terms& terms, Paths& paths, Path path) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!absorb(terms, paths[i], path)) continue;
    if (paths.size() == 1) return;
    // What has grown may now be one with others.
    Path grown = std::move(paths[i]);
    paths.erase(paths.begin() + static_cast<std::ptrdiff_t>(i));
    for (Path& other : paths) {
      if (absorb(terms, other, grown)) return;
    }
    paths.push_back(std::move(grown));
    return;
  }
  paths.push_back(std::move(path));
  if (paths.size() <= kMostPaths) return;
  Path all = paths[0];
  for (const Path& other : paths) all = common(terms, all, other);
  paths.assign(1, std::move(all));
}

Abstract evaluate(Terms& terms, const Path& path, const Expr& e) {
  const bytecode::Catalogue& catalogue = terms.context().catalogue();
  switch (e.op) {
    case ExprOp::unknown:
      return Abstract::only_unknown();
    case ExprOp::constant:
      if (auto values = value_of(e.constant, catalogue)) return Abstract::of(std::move(*values));
      return Abstract::any_known();
    case ExprOp::add:
    case ExprOp::sub:
    case ExprOp::mul:
    case ExprOp::div:
    case ExprOp::negate:
      return computed(terms, path, e);
    case ExprOp::eq:
    case ExprOp::ne:
    case ExprOp::lt:
    case ExprOp::le:
    case ExprOp::gt:
    case ExprOp::ge:
    case ExprOp::is_known:
    case ExprOp::not_:
    case ExprOp::and_:
    case ExprOp::or_:
    case ExprOp::any_of: {
      const Outcomes outcomes = outcomes_of(terms, {path}, e);
      Bits values(2);
      if ((outcomes & kFalse) != 0) values.insert(0);
      if ((outcomes & kTrue) != 0) values.insert(1);
      return Abstract::of(values, (outcomes & kUnknown) != 0);
    }
    default:
      break;
  }
  if (const auto term = terms.find(e)) return by_parts(terms, path, e, fact_of(terms, path, *term));
  return by_parts(terms, path, e, Abstract::of(values_of(e.type, catalogue), e.type.nullable));
}

std::vector<Span> causes_of(Terms& terms, const Paths& paths, const Expr& condition) {
  constexpr std::size_t kMost = 3;
  std::vector<Span> causes;
  walk(condition, [&](const Expr& e) {
    const auto term = terms.find(e);
    if (!term) return;
    for (const Path& path : paths) {
      for (const Fact& fact : path.facts) {
        const bool repeated = std::find(causes.begin(), causes.end(), fact.cause) != causes.end();
        if (fact.term == *term && !repeated && fact.cause.end > 0) causes.push_back(fact.cause);
      }
    }
  });
  if (causes.size() > kMost) causes.resize(kMost);
  return causes;
}

}  // namespace wf::sema
