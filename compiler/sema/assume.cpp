// What a condition tells of the terms in it, case by case.
#include <algorithm>
#include <optional>

#include "compiler/sema/context.hpp"
#include "compiler/sema/facts.hpp"

namespace wf::sema {
namespace {

using domain::Abstract;
using domain::Bits;
using domain::Constants;
using domain::Intervals;
using domain::Values;
using value::Kind;

bool is_comparison(ExprOp op) {
  return op >= ExprOp::eq && op <= ExprOp::ge;
}

Outcomes negated(Outcomes o) {
  return static_cast<Outcomes>(((o & kTrue) != 0 ? kFalse : 0) | ((o & kFalse) != 0 ? kTrue : 0) |
                               (o & kUnknown));
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
        return narrow(path, e.args[0], Abstract::any_known(), cause);
      case ExprOp::add:
      case ExprOp::sub:
      case ExprOp::mul:
      case ExprOp::div:
      case ExprOp::negate:
        for (const Expr& arg : e.args) {
          if (!narrow(path, arg, Abstract::any_known(), cause)) return false;
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
    if (!narrow(path, left, Abstract::any_known(), e.span) ||
        !narrow(path, right, Abstract::any_known(), e.span))
      return;
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
    if (narrow(other, left, Abstract::any_known(), e.span) &&
        narrow(other, right, Abstract::only_unknown(), e.span)) {
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

}  // namespace

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

}  // namespace wf::sema
