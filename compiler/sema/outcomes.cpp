#include "compiler/sema/outcomes.hpp"

#include <algorithm>

#include "compiler/sema/flow.hpp"

namespace wf::sema {
namespace {

using value::Kind;
using Case = std::optional<std::int64_t>;  // of one value; nothing: unknown
using Truth = std::optional<bool>;

constexpr std::size_t kMostCases = 20'000;

bool is_comparison(const Expr& e) {
  return (e.op >= ExprOp::eq && e.op <= ExprOp::ge) || e.op == ExprOp::any_of;
}

/// A constant as a point on a line; nothing for texts and other things without order.
Case point_of(const value::Value& v) {
  switch (v.kind()) {
    case Kind::boolean:
      return v.as_boolean() ? 1 : 0;
    case Kind::enumeration:
      return v.as_ordinal();
    case Kind::integer:
    case Kind::decimal:
      return v.as_micros();
    case Kind::instant:
      return v.as_instant();
    case Kind::duration:
      return v.as_duration();
    case Kind::date:
      return v.as_date();
    default:
      return std::nullopt;
  }
}

bool compare(ExprOp op, std::int64_t a, std::int64_t b) {
  switch (op) {
    case ExprOp::ne:
      return a != b;
    case ExprOp::lt:
      return a < b;
    case ExprOp::le:
      return a <= b;
    case ExprOp::gt:
      return a > b;
    case ExprOp::ge:
      return a >= b;
    default:
      return a == b;
  }
}

class Cases {
 public:
  Cases(const Context& context, const Scope& scope, const Expr& condition)
      : context_(context), scope_(scope), condition_(condition) {}

  Outcomes run() {
    collect(condition_);
    std::size_t count = 1;
    for (const auto& [key, cases] : domains_) {
      count *= cases.size();
      if (count > kMostCases) return kAnyOutcome;
    }
    try_all(domains_.begin());
    return found_;
  }

 private:
  /// Compared with constants only, so that a few points stand for all values.
  bool is_placed(const Expr& e) const {
    if (!is_comparison(e) || key_of(e.args[0]).empty()) return false;
    return std::all_of(e.args.begin() + 1, e.args.end(), [](const Expr& bound) {
      return bound.op == ExprOp::constant && point_of(bound.constant);
    });
  }
  bool is_truth_value(const Expr& e) const { return e.type.kind == Kind::boolean && !key_of(e).empty(); }

  void collect(const Expr& e) {
    switch (e.op) {
      case ExprOp::constant:
      case ExprOp::unknown:
        return;
      case ExprOp::and_:
      case ExprOp::or_:
      case ExprOp::not_:
        for (const Expr& arg : e.args) collect(arg);
        return;
      default:
        break;
    }
    if (e.op == ExprOp::is_known && !key_of(e.args[0]).empty()) return add_value(e.args[0]);
    if (is_truth_value(e)) return add_value(e);
    if (is_placed(e)) {
      add_value(e.args[0]);
      for (std::size_t i = 1; i < e.args.size(); ++i) add_bound(e.args[0], *point_of(e.args[i].constant));
      return;
    }
    add_opaque(e);
  }

  void add_value(const Expr& e) {
    std::vector<Case>& cases = domains_[key_of(e)];
    if (!cases.empty()) return;
    if (may_be_unknown(scope_, e)) cases.push_back(std::nullopt);
    for (const std::uint32_t ordinal : possible_values(context_, scope_, e)) cases.emplace_back(ordinal);
    const bool listed = e.type.kind == Kind::enumeration || e.type.kind == Kind::boolean;
    if (!listed || cases.empty()) cases.emplace_back(0);
  }

  void add_bound(const Expr& e, std::int64_t bound) {
    if (e.type.kind == Kind::enumeration || e.type.kind == Kind::boolean) return;
    const std::int64_t step = e.type.kind == Kind::integer ? value::kMicro : 1;
    std::vector<Case>& cases = domains_[key_of(e)];
    for (const std::int64_t point :
         {value::sub_saturating(bound, step), bound, value::add_saturating(bound, step)}) {
      if (std::find(cases.begin(), cases.end(), Case(point)) == cases.end()) cases.emplace_back(point);
    }
  }

  /// A test that may be true or false; unknown when a value that it needs is.
  void add_opaque(const Expr& e) {
    std::vector<Case>& cases = domains_[opaque_key(e)];
    cases = {Case(0), Case(1)};
    bool strict = true;
    needed(e, strict, [&](const Expr& leaf) { add_value(leaf); });
    if (e.type.nullable && !strict) cases.push_back(std::nullopt);
  }

  /// The values without which `e` is unknown; `strict` becomes false if it may be unknown for other reasons.
  template <class Visit>
  void needed(const Expr& e, bool& strict, Visit visit) const {
    if (e.op != ExprOp::constant && !key_of(e).empty()) return visit(e);
    if (e.op == ExprOp::is_known) return;
    const bool own = e.op == ExprOp::coalesce || e.op == ExprOp::div || e.args.empty();
    if (own && e.type.nullable) strict = false;
    if (e.op == ExprOp::coalesce) return;
    for (const Expr& arg : e.args) needed(arg, strict, visit);
  }

  std::string opaque_key(const Expr& e) const {
    return "?" + canonical(context_, scope_.object, scope_.event, e);
  }

  using Domain = std::map<std::string, std::vector<Case>>::const_iterator;
  void try_all(Domain at) {
    if (found_ == kAnyOutcome) return;
    if (at == domains_.end()) {
      const Truth truth = evaluate(condition_);
      found_ |= !truth ? kUnknown : *truth ? kTrue : kFalse;
      return;
    }
    for (const Case& value : at->second) {
      chosen_[at->first] = value;
      try_all(std::next(at));
    }
  }

  Truth evaluate(const Expr& e) const {
    switch (e.op) {
      case ExprOp::constant:
        return e.constant.kind() == Kind::boolean ? Truth(e.constant.as_boolean()) : std::nullopt;
      case ExprOp::unknown:
        return std::nullopt;
      case ExprOp::and_:
        return fold(e, false);
      case ExprOp::or_:
        return fold(e, true);
      case ExprOp::not_: {
        const Truth inner = evaluate(e.args[0]);
        return inner ? Truth(!*inner) : std::nullopt;
      }
      default:
        return evaluate_test(e);
    }
  }

  Truth fold(const Expr& e, bool dominant) const {
    Truth result(!dominant);
    for (const Expr& arg : e.args) {
      const Truth one = evaluate(arg);
      if (one == Truth(dominant)) return dominant;
      if (!one) result = std::nullopt;
    }
    return result;
  }

  Truth evaluate_test(const Expr& e) const {
    if (e.op == ExprOp::is_known && !key_of(e.args[0]).empty()) return chosen(e.args[0]).has_value();
    if (is_truth_value(e)) return as_truth(chosen(e));
    if (is_placed(e)) {
      const Case value = chosen(e.args[0]);
      if (!value) return std::nullopt;
      return std::any_of(e.args.begin() + 1, e.args.end(),
                         [&](const Expr& bound) { return compare(e.op, *value, *point_of(bound.constant)); });
    }
    bool strict = true, complete = true;
    needed(e, strict, [&](const Expr& leaf) { complete = complete && chosen(leaf); });
    return complete ? as_truth(chosen_.at(opaque_key(e))) : std::nullopt;
  }

  static Truth as_truth(const Case& value) { return value ? Truth(*value != 0) : std::nullopt; }
  Case chosen(const Expr& e) const { return chosen_.at(key_of(e)); }

  const Context& context_;
  const Scope& scope_;
  const Expr& condition_;
  std::map<std::string, std::vector<Case>> domains_;
  std::map<std::string, Case> chosen_;
  Outcomes found_ = 0;
};

}  // namespace

Outcomes possible_outcomes(const Context& context, const Scope& scope, const Expr& condition) {
  return Cases(context, scope, condition).run();
}

}  // namespace wf::sema
