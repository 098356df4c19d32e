#include "compiler/sema/facts.hpp"

#include <algorithm>
#include <optional>

#include "compiler/sema/context.hpp"

namespace wf::sema {
namespace {

using domain::Abstract;
using domain::Bits;
using domain::Constants;
using domain::Intervals;
using domain::Values;
using value::Kind;

constexpr Outcomes kDefinite = kTrue | kFalse;

bool is_comparison(ExprOp op) {
  return op >= ExprOp::eq && op <= ExprOp::ge;
}

Outcomes negated(Outcomes o) {
  return static_cast<Outcomes>(((o & kTrue) != 0 ? kFalse : 0) | ((o & kFalse) != 0 ? kTrue : 0) |
                               (o & kUnknown));
}

Abstract known_only() {
  return {true, false, {}};
}

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

// ---- comparing with constants ----

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

Intervals below(std::int64_t bound) {
  return Intervals::between(Intervals::kLowest, bound);
}
Intervals above(std::int64_t bound) {
  return Intervals::between(bound, Intervals::kHighest);
}

/// The numbers x with `x op c`; nothing at the ends of what can be counted.
std::optional<Intervals> numbers_with(ExprOp op, std::int64_t c) {
  if (c == Intervals::kLowest || c == Intervals::kHighest) return std::nullopt;
  switch (op) {
    case ExprOp::eq:
      return Intervals::one(c);
    case ExprOp::lt:
      return below(c - 1);
    case ExprOp::le:
      return below(c);
    case ExprOp::gt:
      return above(c + 1);
    case ExprOp::ge:
      return above(c);
    default:
      return Intervals::all() - Intervals::one(c);
  }
}

/// The whole numbers x with `x op micros`.
std::optional<Intervals> integers_with(ExprOp op, std::int64_t micros) {
  if (micros == Intervals::kLowest || micros == Intervals::kHighest) return std::nullopt;
  const std::int64_t down = floor_div(micros, value::kMicro);
  if (micros % value::kMicro == 0) return numbers_with(op, down);
  switch (op) {
    case ExprOp::eq:
      return Intervals();
    case ExprOp::ne:
      return Intervals::all();
    case ExprOp::lt:
    case ExprOp::le:
      return below(down);
    default:
      return above(down + 1);
  }
}

Bits ordinals_with(ExprOp op, std::uint32_t size, std::uint32_t c) {
  Bits result(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    const bool in = op == ExprOp::eq   ? i == c
                    : op == ExprOp::ne ? i != c
                    : op == ExprOp::lt ? i < c
                    : op == ExprOp::le ? i <= c
                    : op == ExprOp::gt ? i > c
                                       : i >= c;
    if (in) result.insert(i);
  }
  return result;
}

/// The values v of a type with `v op constant`, exactly; nothing where that cannot be said.
std::optional<Values> values_with(ExprOp op, const Type& type, const value::Value& constant,
                                  const bytecode::Catalogue& catalogue) {
  const Kind kind = constant.kind();
  if (type.kind == Kind::enumeration && kind == Kind::enumeration) {
    const auto size = static_cast<std::uint32_t>(catalogue.enums[type.aux].values.size());
    return ordinals_with(op, size, constant.as_ordinal());
  }
  if (type.kind == Kind::boolean && kind == Kind::boolean)
    return ordinals_with(op, 2, constant.as_boolean() ? 1 : 0);
  const bool names = kind == type.kind && (kind == Kind::text || kind == Kind::resource);
  if (names) {
    if (op == ExprOp::eq) return Constants::only({constant_name(constant)});
    return Constants::all_but({constant_name(constant)});
  }
  if (type.kind == Kind::integer && kind == Kind::decimal) return integers_with(op, constant.as_micros());
  if (type.kind == Kind::decimal && kind == Kind::integer) return numbers_with(op, constant.as_micros());
  const auto number = ordinal_number(constant);
  if (number && kind == type.kind) return numbers_with(op, *number);
  return std::nullopt;
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
  const Abstract b = unary ? known_only() : evaluate(terms, path, e.args[1]);
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

// ---- assuming ----

/// Follows one condition through cases, and gathers those in which it comes to what is wanted.
class Assumption {
 public:
  Assumption(Terms& terms, Paths& out) : terms_(terms), out_(&out) {}
  /// Asks only whether there is such a case, and stops at the first.
  explicit Assumption(Terms& terms) : terms_(terms) {}
  bool found() const { return found_; }

  void run(const Expr& e, Outcomes wanted, Path path) {
    if (wanted == 0 || (found_ && !out_)) return;
    if (wanted == kAnyOutcome) return done(std::move(path));
    switch (e.op) {
      case ExprOp::not_:
        return run(e.args[0], negated(wanted), std::move(path));
      case ExprOp::and_:
        return logic(e, wanted, true, std::move(path));
      case ExprOp::or_:
        return logic(e, negated(wanted), false, std::move(path));
      case ExprOp::any_of:
        return any_of(e, wanted, std::move(path));
      case ExprOp::is_known:
        return known(e, wanted, std::move(path));
      default:
        if (is_comparison(e.op)) return comparison(e, wanted, std::move(path));
        return truth(e, wanted, std::move(path));
    }
  }

 private:
  struct Stage {
    const Expr* operand;
    Outcomes wanted;
  };

  void done(Path path) {
    found_ = true;
    if (out_) add_path(terms_, *out_, std::move(path));
  }

  Paths passed(const Stage& stage, Paths in) {
    Paths result;
    Assumption assumption(terms_, result);
    for (Path& path : in) assumption.run(*stage.operand, stage.wanted, std::move(path));
    return result;
  }

  /// All operands come to what is wanted of them.
  void all_of(const std::vector<Stage>& stages, Paths paths) {
    for (std::size_t i = 0; i + 1 < stages.size(); ++i) paths = passed(stages[i], std::move(paths));
    for (Path& path : paths) run(*stages.back().operand, stages.back().wanted, std::move(path));
  }
  void all_of(const Expr& e, Outcomes wanted, Paths paths) {
    std::vector<Stage> stages;
    for (const Expr& operand : e.args) stages.push_back({&operand, wanted});
    all_of(stages, std::move(paths));
  }

  /// `e` is an and; or the or of its operands, each negated (De Morgan), when not `plain`.
  void logic(const Expr& e, Outcomes wanted, bool plain, Path path) {
    const auto each = [&](Outcomes o) { return plain ? o : negated(o); };
    Paths rest;
    rest.push_back(std::move(path));
    if ((wanted & kFalse) == 0) {
      // Not false: no operand is. True: all are true. Unknown: some operand is.
      if ((wanted & kTrue) != 0) return all_of(e, each(wanted), std::move(rest));
      return some(e, each(kUnknown), each(kTrue), each(kTrue | kUnknown), std::move(rest));
    }
    // False, or false or unknown: some operand is, and those before it are not.
    const bool and_unknown = (wanted & kUnknown) != 0;
    const Outcomes taken = and_unknown ? kFalse | kUnknown : kFalse;
    const Outcomes skipped = and_unknown ? kTrue : kTrue | kUnknown;
    if ((wanted & kTrue) != 0) all_of(e, each(kTrue), rest);
    some(e, each(taken), each(skipped), kAnyOutcome, std::move(rest));
  }

  /// One operand comes to `taken`, those before it to `before`, those behind it to `behind`.
  void some(const Expr& e, Outcomes taken, Outcomes before, Outcomes behind, Paths rest) {
    for (std::size_t i = 0; i < e.args.size() && !rest.empty(); ++i) {
      std::vector<Stage> stages{{&e.args[i], taken}};
      for (std::size_t j = i + 1; j < e.args.size() && behind != kAnyOutcome; ++j) {
        stages.push_back({&e.args[j], behind});
      }
      if (i + 1 == e.args.size()) return all_of(stages, std::move(rest));
      all_of(stages, rest);
      rest = passed({&e.args[i], before}, std::move(rest));
    }
  }

  /// Is what is known of it all in its own fact?
  static bool is_plain(ExprOp op) {
    switch (op) {
      case ExprOp::property:
      case ExprOp::local:
      case ExprOp::parameter:
      case ExprOp::count:
      case ExprOp::in_list:
      case ExprOp::has_tag:
        return true;
      default:
        return false;
    }
  }

  /// Intersects what an expression can be. False when nothing is left.
  bool narrow(Path& path, const Expr& e, const Abstract& allowed, Span cause) {
    if (is_plain(e.op)) {
      if (const auto term = terms_.find(e)) return narrow(path, *term, allowed, cause);
    }
    const Abstract now = met(evaluate(terms_, path, e), allowed);
    if (now.is_nothing()) return false;
    if (const auto term = terms_.find(e)) {
      const Abstract& before = fact_of(terms_, path, *term);
      Abstract after = met(before, allowed);
      if (!(after == before)) set_fact(terms_, path, *term, std::move(after), cause);
    }
    if (now.unknown) return now.known || implied_unknown(path, e, cause);
    return implied_known(path, e, cause);
  }

  bool narrow(Path& path, TermId term, const Abstract& allowed, Span cause) {
    const Abstract& before = fact_of(terms_, path, term);
    Abstract after = met(before, allowed);
    if (after.is_nothing()) return false;
    if (!(after == before)) set_fact(terms_, path, term, std::move(after), cause);
    return true;
  }

  /// A part of a known value is known too.
  bool implied_known(Path& path, const Expr& e, Span cause) {
    switch (e.op) {
      case ExprOp::field:
      case ExprOp::age:
      case ExprOp::occurred_since:
      case ExprOp::contains:
      case ExprOp::starts_with:
      case ExprOp::ends_with:
      case ExprOp::matches:
        return narrow(path, e.args[0], known_only(), cause);
      case ExprOp::add:
      case ExprOp::sub:
      case ExprOp::mul:
      case ExprOp::div:
      case ExprOp::negate:
        for (const Expr& arg : e.args) {
          if (!narrow(path, arg, known_only(), cause)) return false;
        }
        return true;
      default:
        return true;
    }
  }

  bool implied_unknown(Path& path, const Expr& e, Span cause) {
    if (e.op == ExprOp::age || e.op == ExprOp::occurred_since)
      return narrow(path, e.args[0], Abstract::only_unknown(), cause);
    if (e.op != ExprOp::coalesce) return true;
    return narrow(path, e.args[0], Abstract::only_unknown(), cause) &&
           narrow(path, e.args[1], Abstract::only_unknown(), cause);
  }

  void known(const Expr& e, Outcomes wanted, Path path) {
    const Abstract allowed{(wanted & kTrue) != 0, (wanted & kFalse) != 0, {}};
    if (allowed.is_nothing()) return;
    if (narrow(path, e.args[0], allowed, e.span)) done(std::move(path));
  }

  /// A truth value that is kept whole, a constant, or one that nothing is known of.
  void truth(const Expr& e, Outcomes wanted, Path path) {
    Bits values(2);
    if ((wanted & kFalse) != 0) values.insert(0);
    if ((wanted & kTrue) != 0) values.insert(1);
    const Abstract allowed = Abstract::of(values, (wanted & kUnknown) != 0);
    if (narrow(path, e, allowed, e.span)) done(std::move(path));
  }

  /// The values of `left` for which `e` comes to one of `wanted`, given those for which it is true.
  void membership(const Expr& e, const Expr& left, const Values& matching, Outcomes wanted, Path path) {
    const Abstract now = evaluate(terms_, path, left);
    Abstract allowed = Abstract::nothing();
    if (now.known && (wanted & kTrue) != 0)
      allowed = joined(allowed, Abstract::of(intersection(now.values, matching)));
    if (now.known && (wanted & kFalse) != 0)
      allowed = joined(allowed, Abstract::of(difference(now.values, matching)));
    allowed.unknown = now.unknown && (wanted & kUnknown) != 0;
    if (allowed.is_nothing()) return;
    if (narrow(path, left, allowed, e.span)) done(std::move(path));
  }

  void comparison(const Expr& e, Outcomes wanted, Path path) {
    const Expr& left = e.args[0];
    const Expr& right = e.args[1];
    const bytecode::Catalogue& catalogue = terms_.context().catalogue();
    if (right.op == ExprOp::constant) {
      if (const auto matching = values_with(e.op, left.type, right.constant, catalogue))
        return membership(e, left, *matching, wanted, std::move(path));
    }
    if ((wanted & kTrue) != 0) both_sides(e, e.op, path);
    if ((wanted & kFalse) != 0) both_sides(e, opposite(e.op), path);
    if ((wanted & kUnknown) != 0) one_unknown(e, left, right, std::move(path));
  }

  static ExprOp opposite(ExprOp op) {
    switch (op) {
      case ExprOp::eq:
        return ExprOp::ne;
      case ExprOp::ne:
        return ExprOp::eq;
      case ExprOp::lt:
        return ExprOp::ge;
      case ExprOp::le:
        return ExprOp::gt;
      case ExprOp::gt:
        return ExprOp::le;
      default:
        return ExprOp::lt;
    }
  }
  static ExprOp mirrored(ExprOp op) {
    switch (op) {
      case ExprOp::lt:
        return ExprOp::gt;
      case ExprOp::le:
        return ExprOp::ge;
      case ExprOp::gt:
        return ExprOp::lt;
      case ExprOp::ge:
        return ExprOp::le;
      default:
        return op;
    }
  }

  /// Both sides are known and `left op right` holds.
  void both_sides(const Expr& e, ExprOp op, Path path) {
    const Expr& left = e.args[0];
    const Expr& right = e.args[1];
    if (!narrow(path, left, known_only(), e.span) || !narrow(path, right, known_only(), e.span)) return;
    if (key_of(left) == key_of(right) && !key_of(left).empty()) {
      const bool holds = op == ExprOp::eq || op == ExprOp::le || op == ExprOp::ge;
      if (holds) done(std::move(path));
      return;
    }
    if (left.type.kind == right.type.kind && left.type.aux == right.type.aux) {
      const auto for_left = partners(op, evaluate(terms_, path, right));
      const auto for_right = partners(mirrored(op), evaluate(terms_, path, left));
      if (for_left && !narrow(path, left, Abstract::of(*for_left), e.span)) return;
      if (for_right && !narrow(path, right, Abstract::of(*for_right), e.span)) return;
    }
    done(std::move(path));
  }

  /// The values v for which `v op w` holds for some w of `other`; nothing when that says nothing.
  static std::optional<Values> partners(ExprOp op, const Abstract& other) {
    if (op == ExprOp::eq) {
      if (std::holds_alternative<std::monostate>(other.values)) return std::nullopt;
      return other.values;
    }
    if (const auto* numbers = std::get_if<Intervals>(&other.values)) return partners(op, *numbers);
    if (const auto* bits = std::get_if<Bits>(&other.values)) return partners(op, *bits);
    const auto* names = std::get_if<Constants>(&other.values);
    if (op == ExprOp::ne && names && names->is_one()) return Constants::all_but(names->items());
    return std::nullopt;
  }
  static std::optional<Values> partners(ExprOp op, const Intervals& other) {
    if (other.empty()) return std::nullopt;
    if (op == ExprOp::ne && !other.is_one()) return std::nullopt;
    const bool up = op == ExprOp::gt || op == ExprOp::ge;
    const auto numbers = numbers_with(op, up ? other.low() : other.high());
    if (!numbers) return std::nullopt;
    return *numbers;
  }
  static std::optional<Values> partners(ExprOp op, const Bits& other) {
    if (op == ExprOp::ne && other.count() != 1) return std::nullopt;
    Bits result(other.size());
    for (std::uint32_t i = 0; i < other.size(); ++i) {
      if (other.contains(i)) result = result | ordinals_with(op, other.size(), i);
    }
    return result;
  }

  void one_unknown(const Expr& e, const Expr& left, const Expr& right, Path path) {
    Path other = path;
    if (narrow(path, left, Abstract::only_unknown(), e.span)) done(std::move(path));
    if (narrow(other, left, known_only(), e.span) && narrow(other, right, Abstract::only_unknown(), e.span)) {
      done(std::move(other));
    }
  }

  /// `x is any of (c1, c2, …)`; parts that are no constants make it an or of comparisons.
  void any_of(const Expr& e, Outcomes wanted, Path path) {
    const Expr& left = e.args[0];
    std::vector<Values> parts;
    for (std::size_t i = 1; i < e.args.size(); ++i) {
      std::optional<Values> part;
      if (e.args[i].op == ExprOp::constant)
        part = values_with(ExprOp::eq, left.type, e.args[i].constant, terms_.context().catalogue());
      if (!part) return as_or(e, wanted, std::move(path));
      parts.push_back(std::move(*part));
    }
    const Abstract now = evaluate(terms_, path, left);
    Abstract allowed = Abstract::nothing();
    Values rest = now.values;
    for (const Values& part : parts) {
      if (now.known && (wanted & kTrue) != 0)
        allowed = joined(allowed, Abstract::of(intersection(now.values, part)));
      rest = difference(rest, part);
    }
    if (now.known && (wanted & kFalse) != 0) allowed = joined(allowed, Abstract::of(std::move(rest)));
    allowed.unknown = now.unknown && (wanted & kUnknown) != 0;
    if (allowed.is_nothing()) return;
    if (narrow(path, left, allowed, e.span)) done(std::move(path));
  }

  void as_or(const Expr& e, Outcomes wanted, Path path) {
    std::vector<Expr> tests;
    for (std::size_t i = 1; i < e.args.size(); ++i) {
      tests.push_back(make_boolean(ExprOp::eq, e.span, {e.args[0], e.args[i]}));
    }
    run(make_logic(ExprOp::or_, std::move(tests), e.span), wanted, std::move(path));
  }

  Terms& terms_;
  Paths* out_ = nullptr;
  bool found_ = false;
};

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
      if (!arg.unknown && both_known) return met(value, known_only());
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
      return known_only();
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

Paths assume(Terms& terms, const Paths& paths, const Expr& condition, Outcomes wanted) {
  Paths result;
  Assumption assumption(terms, result);
  for (const Path& path : paths) assumption.run(condition, wanted, path);
  return result;
}

Outcomes outcomes_of(Terms& terms, const Paths& paths, const Expr& condition) {
  Outcomes result = 0;
  for (const Outcomes one : {kTrue, kFalse, kUnknown}) {
    Assumption assumption(terms);
    for (const Path& path : paths) assumption.run(condition, one, path);
    if (assumption.found()) result = static_cast<Outcomes>(result | one);
  }
  return result;
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
