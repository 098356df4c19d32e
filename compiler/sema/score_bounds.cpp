// The conditions of bands are taken apart into terms: `company.employees`, `department`, `count(…)`, or, where
// nothing simpler is known, a whole condition as a truth value. Between two neighbouring constants that a term
// is compared with nothing changes, so a few values of each term stand for all.
#include "compiler/sema/score_bounds.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "compiler/sema/names.hpp"

namespace wf::sema {
namespace {

using value::Kind;

/// A value of a term as a number; nothing: unknown.
using Point = std::optional<std::int64_t>;
/// Three-valued truth; nothing: unknown.
using Truth = std::optional<bool>;

/// More combinations than this are not enumerated: about a hundredth of a second.
constexpr std::size_t kMostCombinations = std::size_t{1} << 20;

struct Summand {
  std::string key;
  const Expr* expr = nullptr;
  bool truth = false;                    ///< stands for a whole condition
  std::vector<std::int64_t> constants;   ///< it is compared with
  std::vector<Point> points;             ///< that stand for all its values, ascending, unknown last
};

bool is_comparison(ExprOp op) {
  return op >= ExprOp::eq && op <= ExprOp::ge;
}

/// Kinds whose values are points on a line. Texts are not: which of them are equal is the VM's to say.
bool is_linear(Kind kind) {
  switch (kind) {
    case Kind::integer:
    case Kind::decimal:
    case Kind::enumeration:
    case Kind::boolean:
    case Kind::duration:
    case Kind::date:
    case Kind::instant:
    case Kind::time_of_day:
      return true;
    default:
      return false;
  }
}

Point point_of(const value::Value& v) {
  switch (v.kind()) {
    case Kind::integer:
    case Kind::decimal:
      return v.as_micros();
    case Kind::enumeration:
      return v.as_ordinal();
    case Kind::boolean:
      return v.as_boolean() ? 1 : 0;
    case Kind::duration:
      return v.as_duration();
    case Kind::date:
      return v.as_date();
    case Kind::instant:
      return v.as_instant();
    case Kind::time_of_day:
      return v.as_time_of_day();
    default:
      return std::nullopt;
  }
}

/// A term compared with constants only: the term, else null.
const Expr* compared_term(const Expr& e) {
  if (e.args.empty() || (!is_comparison(e.op) && e.op != ExprOp::any_of)) return nullptr;
  const bool flipped = is_comparison(e.op) && e.args[0].op == ExprOp::constant;
  const Expr& term = flipped ? e.args[1] : e.args[0];
  if (term.op == ExprOp::constant || !is_linear(term.type.kind)) return nullptr;
  for (const Expr& arg : e.args) {
    if (&arg != &term && (arg.op != ExprOp::constant || !point_of(arg.constant))) return nullptr;
  }
  return &term;
}

class Space {
 public:
  Space(const Context& context, std::uint32_t object) : context_(context), object_(object) {}

  /// The terms of a condition, by index, each once.
  std::vector<std::size_t> add(const Expr& condition) {
    std::vector<std::size_t> used;
    collect(condition, used);
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    return used;
  }

  /// When all conditions are in: the values that stand for all.
  void finish() {
    for (Summand& term : terms_) find_points(term);
  }

  const std::vector<Summand>& terms() const { return terms_; }
  std::vector<Point>& chosen() { return chosen_; }

  /// The condition's truth for the chosen values.
  Truth evaluate(const Expr& e) const {
    switch (e.op) {
      case ExprOp::and_:
      case ExprOp::or_:
        return evaluate_logic(e);
      case ExprOp::not_: {
        const Truth inner = evaluate(e.args[0]);
        return inner ? Truth(!*inner) : std::nullopt;
      }
      case ExprOp::is_known:
        return value_of(e.args[0]).has_value();
      case ExprOp::constant:
        return e.constant.kind() == Kind::boolean ? Truth(e.constant.as_boolean()) : std::nullopt;
      case ExprOp::unknown:
        return std::nullopt;
      default:
        break;
    }
    if (compared_term(e)) return evaluate_test(e);
    const Point truth = value_of(e);
    return truth ? Truth(*truth != 0) : std::nullopt;
  }

 private:
  void collect(const Expr& e, std::vector<std::size_t>& used) {
    if (e.op == ExprOp::and_ || e.op == ExprOp::or_ || e.op == ExprOp::not_) {
      for (const Expr& arg : e.args) collect(arg, used);
    } else if (e.op == ExprOp::constant || e.op == ExprOp::unknown) {
      return;
    } else if (e.op == ExprOp::is_known) {
      used.push_back(index_of(e.args[0]));
    } else if (const Expr* term = compared_term(e)) {
      const std::size_t index = index_of(*term);
      for (const Expr& arg : e.args) {
        if (&arg != term) terms_[index].constants.push_back(*point_of(arg.constant));
      }
      used.push_back(index);
    } else {
      const std::size_t index = index_of(e);
      terms_[index].truth = true;
      used.push_back(index);
    }
  }

  std::size_t index_of(const Expr& e) {
    const std::string key = canonical(context_, object_, kNone, e);
    if (const auto found = find(key)) return *found;
    terms_.push_back({key, &e, false, {}, {}});
    return terms_.size() - 1;
  }
  std::optional<std::size_t> find(const std::string& key) const {
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      if (terms_[i].key == key) return i;
    }
    return std::nullopt;
  }

  void find_points(Summand& term) {
    std::vector<std::int64_t> values;
    const Kind kind = term.expr->type.kind;
    if (kind == Kind::enumeration) {
      values.resize(context_.catalogue().enums[term.expr->type.aux].values.size());
      std::iota(values.begin(), values.end(), 0);
    } else if (kind == Kind::boolean || term.truth) {
      values = {0, 1};
    } else {
      values = line_points(term);
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (const std::int64_t v : values) term.points.emplace_back(v);
    if (term.expr->type.nullable) term.points.emplace_back(std::nullopt);
    // Something only asked for being known has no constants.
    if (term.points.empty()) term.points.emplace_back(0);
  }

  /// Each constant and what lies right beside it, within the declared range.
  std::vector<std::int64_t> line_points(const Summand& term) const {
    std::int64_t low = std::numeric_limits<std::int64_t>::min(), high = std::numeric_limits<std::int64_t>::max();
    const std::int64_t step = term.expr->type.kind == Kind::integer ? value::kMicro : 1;
    if (term.expr->op == ExprOp::count) low = 0;
    Scope scope;
    scope.object = object_;
    if (const auto ref = property_of(scope, *term.expr)) {
      const bytecode::Property& property = declared(context_, *ref);
      low = property.minimum.value_or(low);
      high = property.maximum.value_or(high);
    }
    std::vector<std::int64_t> values;
    for (const std::int64_t c : term.constants) {
      for (const std::int64_t v : {value::sub_saturating(c, step), c, value::add_saturating(c, step)}) {
        if (v >= low && v <= high) values.push_back(v);
      }
    }
    if (values.empty()) values.push_back(std::clamp<std::int64_t>(0, low, high));
    return values;
  }

  Point value_of(const Expr& e) const {
    if (e.op == ExprOp::constant) return point_of(e.constant);
    const auto index = find(canonical(context_, object_, kNone, e));
    return index ? chosen_[*index] : std::nullopt;
  }

  Truth evaluate_logic(const Expr& e) const {
    const bool decisive = e.op == ExprOp::or_;
    Truth result = !decisive;
    for (const Expr& arg : e.args) {
      const Truth one = evaluate(arg);
      if (one && *one == decisive) return decisive;
      if (!one) result = std::nullopt;
    }
    return result;
  }

  Truth evaluate_test(const Expr& e) const {
    const Point left = value_of(e.args[0]);
    if (!left) return std::nullopt;
    if (e.op == ExprOp::any_of) {
      for (std::size_t i = 1; i < e.args.size(); ++i) {
        if (value_of(e.args[i]) == left) return true;
      }
      return false;
    }
    const Point right = value_of(e.args[1]);
    if (!right) return std::nullopt;
    switch (e.op) {
      case ExprOp::eq:
        return *left == *right;
      case ExprOp::ne:
        return *left != *right;
      case ExprOp::lt:
        return *left < *right;
      case ExprOp::le:
        return *left <= *right;
      case ExprOp::gt:
        return *left > *right;
      default:
        return *left >= *right;
    }
  }

  const Context& context_;
  std::uint32_t object_;
  std::vector<Summand> terms_;
  std::vector<Point> chosen_;
};

/// Bands that share terms, directly or through others.
struct Group {
  std::vector<const Scoring::Band*> bands;
  std::vector<std::size_t> terms;
};

std::vector<Group> groups_of(const std::vector<Scoring::Band>& bands,
                             const std::vector<std::vector<std::size_t>>& uses) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < bands.size(); ++i) {
    Group joined{{&bands[i]}, uses[i]};
    std::vector<Group> apart;
    for (Group& group : groups) {
      const bool shares = std::any_of(group.terms.begin(), group.terms.end(), [&](std::size_t term) {
        return std::find(uses[i].begin(), uses[i].end(), term) != uses[i].end();
      });
      if (!shares) {
        apart.push_back(std::move(group));
        continue;
      }
      joined.bands.insert(joined.bands.end(), group.bands.begin(), group.bands.end());
      for (const std::size_t term : group.terms) {
        if (std::find(joined.terms.begin(), joined.terms.end(), term) == joined.terms.end()) {
          joined.terms.push_back(term);
        }
      }
    }
    apart.push_back(std::move(joined));
    groups = std::move(apart);
  }
  return groups;
}

Bounds each_for_itself(const Group& group) {
  Bounds bounds;
  for (const Scoring::Band* band : group.bands) {
    (band->points < 0 ? bounds.least : bounds.greatest) += band->points;
  }
  return bounds;
}

Bounds bounds_of(Space& space, const Group& group) {
  std::size_t combinations = 1;
  for (const std::size_t term : group.terms) {
    combinations *= space.terms()[term].points.size();
    if (combinations > kMostCombinations) return each_for_itself(group);
  }
  Bounds bounds{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
  for (std::size_t n = 0; n < combinations; ++n) {
    std::size_t rest = n;
    for (const std::size_t term : group.terms) {
      const auto& points = space.terms()[term].points;
      space.chosen()[term] = points[rest % points.size()];
      rest /= points.size();
    }
    std::int64_t sum = 0;
    for (const Scoring::Band* band : group.bands) {
      if (space.evaluate(band->condition).value_or(false)) sum += band->points;
    }
    bounds.least = std::min(bounds.least, sum);
    bounds.greatest = std::max(bounds.greatest, sum);
  }
  return bounds;
}

// ---- bands over one number
// --------------------------------------------------------------------------------------

/// Where a band over one term is true: an unbroken run of the term's points.
struct Stretch {
  const Scoring::Band* band = nullptr;
  std::size_t first = 0, last = 0;
};

bool is_number(const Expr& e) {
  return e.type.kind == Kind::integer || e.type.kind == Kind::decimal;
}

class BandCheck {
 public:
  BandCheck(Context& context, Space& space, std::size_t term) : context_(context), space_(space), term_(term) {
    for (const Point& p : space.terms()[term].points) {
      if (p) values_.push_back(*p);
    }
  }

  void add(const Scoring::Band& band) {
    std::vector<std::size_t> held;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      space_.chosen()[term_] = values_[i];
      if (space_.evaluate(band.condition).value_or(false)) held.push_back(i);
    }
    if (held.empty() || held.back() - held.front() + 1 != held.size()) return;
    stretches_.push_back({&band, held.front(), held.back()});
  }

  void report() {
    if (stretches_.size() < 2) return;
    std::stable_sort(stretches_.begin(), stretches_.end(), [](const Stretch& a, const Stretch& b) {
      return a.first != b.first ? a.first < b.first : a.last < b.last;
    });
    for (std::size_t i = 1; i < stretches_.size(); ++i) report_pair(stretches_[i - 1], stretches_[i]);
    report_top();
  }

 private:
  std::string name() const {
    return "`" + std::string(context_.sources.text(space_.terms()[term_].expr->span)) + "`";
  }
  std::string text(std::size_t index) const {
    const bool whole = space_.terms()[term_].expr->type.kind == Kind::integer;
    const std::int64_t micros = values_[index];
    return (whole ? value::Value::integer(micros / value::kMicro) : value::Value::decimal(micros)).debug();
  }
  bool bounded(const Stretch& s) const { return s.first > 0 && s.last + 1 < values_.size(); }

  void report_pair(const Stretch& a, const Stretch& b) {
    if (b.first > a.last + 1) return report_hole(a, b);
    if (b.first > a.last) return;
    // Steps that add up, such as `>= 100` and `>= 1000`, lie within each other on purpose.
    const bool nested = b.last <= a.last || a.first == b.first;
    if (nested && !(bounded(a) && bounded(b))) return;
    auto& d = context_.sink.report(Code::tautological_gap, b.band->span,
                                   "a " + name() + " of " + text(b.first) + " counts in two bands");
    d.primary.text = "this one";
    d.secondary.push_back({a.band->span, "and this one"});
  }

  void report_hole(const Stretch& a, const Stretch& b) {
    auto& d = context_.sink.report(Code::tautological_gap, b.band->span,
                                   "a " + name() + " of " + text(a.last + 1) + " is in no band");
    d.primary.text = "the next band begins at " + text(b.first);
    d.secondary.push_back({a.band->span, "this band ends at " + text(a.last)});
  }

  /// The more the better, and above the highest band nothing.
  void report_top() {
    const Stretch& top = stretches_.back();
    for (std::size_t i = 1; i < stretches_.size(); ++i) {
      if (stretches_[i].band->points <= stretches_[i - 1].band->points) return;
    }
    if (top.last + 1 >= values_.size()) return;
    auto& d = context_.sink.report(Code::tautological_gap, top.band->span,
                                   "a " + name() + " of " + text(top.last + 1) + " is above all bands");
    d.primary.text = "the highest band ends at " + text(top.last);
    d.helps.push_back("let the highest band be open: `" +
                      std::string(context_.sources.text(space_.terms()[term_].expr->span)) +
                      " >= " + text(top.first) + "`");
  }

  Context& context_;
  Space& space_;
  std::size_t term_;
  std::vector<std::int64_t> values_;
  std::vector<Stretch> stretches_;
};

std::string points_text(std::int64_t n) {
  return std::to_string(n) + (n == 1 ? " point" : " points");
}

}  // namespace

Bounds score_bounds(const Context& context, std::uint32_t object, const std::vector<Scoring::Band>& bands) {
  Space space(context, object);
  std::vector<std::vector<std::size_t>> uses;
  for (const Scoring::Band& band : bands) uses.push_back(space.add(band.condition));
  space.finish();
  space.chosen().resize(space.terms().size());
  Bounds total;
  for (const Group& group : groups_of(bands, uses)) {
    const Bounds one = bounds_of(space, group);
    total.least += one.least;
    total.greatest += one.greatest;
  }
  return total;
}

void check_bands(Context& context, std::uint32_t scoring, const std::vector<Scoring::Band>& bands) {
  Space space(context, context.catalogue().scorings[scoring].object);
  std::vector<std::vector<std::size_t>> uses;
  for (const Scoring::Band& band : bands) uses.push_back(space.add(band.condition));
  space.finish();
  space.chosen().resize(space.terms().size());
  for (std::size_t term = 0; term < space.terms().size(); ++term) {
    if (space.terms()[term].truth || !is_number(*space.terms()[term].expr)) continue;
    BandCheck check(context, space, term);
    for (std::size_t i = 0; i < bands.size(); ++i) {
      if (uses[i].size() == 1 && uses[i][0] == term) check.add(bands[i]);
    }
    check.report();
  }
}

void check_threshold(Context& context, std::uint32_t scoring, const std::vector<Scoring::Band>& bands,
                     Span use) {
  const bytecode::Scoring& declared = context.catalogue().scorings[scoring];
  if (!declared.hot) return;
  const std::int64_t greatest = score_bounds(context, declared.object, bands).greatest;
  if (greatest >= *declared.hot) return;
  const Span place = context.schema.scorings[scoring]->hot_span;
  auto& d = context.sink.report(Code::hot_unreachable, use, "nobody ever becomes HOT");
  const std::string why = "all bands together give at most " + points_text(greatest);
  d.primary.text = use == place ? why : "by this scoring";
  if (!(use == place)) d.secondary.push_back({place, why});
}

void check_always_hot(Context& context, std::uint32_t scoring, const std::vector<Scoring::Band>& bands) {
  const bytecode::Scoring& declared = context.catalogue().scorings[scoring];
  if (!declared.hot) return;
  const std::int64_t least = score_bounds(context, declared.object, bands).least;
  if (least < *declared.hot) return;
  auto& d = context.sink.report(Code::hot_unreachable, context.schema.scorings[scoring]->hot_span, "everybody is HOT");
  d.primary.text = "every record has at least " + points_text(least);
}

}  // namespace wf::sema
