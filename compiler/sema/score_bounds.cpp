#include "compiler/sema/score_bounds.hpp"

#include <algorithm>
#include <limits>

#include "compiler/sema/facts.hpp"

namespace wf::sema {
namespace {

using domain::Intervals;
using value::Kind;
using Bands = std::vector<Scoring::Band>;

/// More cases than this are not told apart: about a tenth of a second.
constexpr int kMostCases = 1 << 14;

const Paths kAnything(1);

void collect_terms(Terms& terms, const Expr& e, std::vector<TermId>& used) {
  if (const auto term = terms.find(e)) {
    if (std::find(used.begin(), used.end(), *term) == used.end()) used.push_back(*term);
    return;
  }
  for (const Expr& arg : e.args) collect_terms(terms, arg, used);
}

std::vector<TermId> terms_of(Terms& terms, const Expr& condition) {
  std::vector<TermId> used;
  collect_terms(terms, condition, used);
  return used;
}

// ---- sums
// -------------------------------------------------------------------------------------------------------

/// Bands that share terms, directly or through others.
struct Group {
  std::vector<const Scoring::Band*> bands;
  std::vector<TermId> terms;

  bool shares(const std::vector<TermId>& others) const {
    return std::any_of(others.begin(), others.end(), [&](TermId term) {
      return std::find(terms.begin(), terms.end(), term) != terms.end();
    });
  }
};

std::vector<Group> groups_of(Terms& terms, const Bands& bands) {
  std::vector<Group> groups;
  for (const Scoring::Band& band : bands) {
    Group joined{{&band}, terms_of(terms, band.condition)};
    std::vector<Group> apart;
    for (Group& group : groups) {
      if (!group.shares(joined.terms)) {
        apart.push_back(std::move(group));
        continue;
      }
      joined.bands.insert(joined.bands.end(), group.bands.begin(), group.bands.end());
      joined.terms.insert(joined.terms.end(), group.terms.begin(), group.terms.end());
    }
    apart.push_back(std::move(joined));
    groups = std::move(apart);
  }
  return groups;
}

/// Goes through the cases of one group: each band true or not, as far as that is possible together.
class Sums {
 public:
  Sums(Terms& terms, const Group& group) : terms_(terms), group_(group) {}

  Bounds run() {
    visit(0, kAnything, 0);
    if (cases_ <= kMostCases && found_.least <= found_.greatest) return found_;
    Bounds each;
    for (const Scoring::Band* band : group_.bands) {
      (band->points < 0 ? each.least : each.greatest) += band->points;
    }
    return each;
  }

 private:
  void visit(std::size_t band, const Paths& paths, std::int64_t sum) {
    if (paths.empty() || ++cases_ > kMostCases) return;
    if (band == group_.bands.size()) {
      found_.least = std::min(found_.least, sum);
      found_.greatest = std::max(found_.greatest, sum);
      return;
    }
    const Scoring::Band& next = *group_.bands[band];
    visit(band + 1, assume(terms_, paths, next.condition, kTrue), sum + next.points);
    visit(band + 1, assume(terms_, paths, next.condition, kFalse | kUnknown), sum);
  }

  Terms& terms_;
  const Group& group_;
  int cases_ = 0;
  Bounds found_{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
};

std::string points_text(std::int64_t n) {
  return std::to_string(n) + (n == 1 ? " point" : " points");
}

// ---- bands over one number
// --------------------------------------------------------------------------------------

/// Where a band over one number is true: from low to high.
struct Stretch {
  const Scoring::Band* band = nullptr;
  std::int64_t low = 0, high = 0;
};

class BandCheck {
 public:
  BandCheck(Context& context, Terms& terms, TermId term)
      : context_(context), terms_(terms), term_(term), whole_(terms[term].expr.type.kind == Kind::integer) {
    if (const auto* range = std::get_if<Intervals>(&terms[term].initial.values); range && !range->empty()) {
      range_ = {nullptr, range->low(), range->high()};
    }
  }

  void add(const Scoring::Band& band) {
    Intervals all;
    for (const Path& path : assume(terms_, kAnything, band.condition, kTrue)) {
      const domain::Abstract& fact = fact_of(terms_, path, term_);
      const auto* values = std::get_if<Intervals>(&fact.values);
      if (fact.unknown || !values) return;
      all = all | *values;
    }
    if (all.parts().size() == 1) stretches_.push_back({&band, all.low(), all.high()});
  }

  void report() {
    if (stretches_.size() < 2) return;
    std::stable_sort(stretches_.begin(), stretches_.end(), [](const Stretch& a, const Stretch& b) {
      return a.low != b.low ? a.low < b.low : a.high < b.high;
    });
    const Stretch* reach = &stretches_[0];
    for (std::size_t i = 1; i < stretches_.size(); ++i) {
      report_pair(*reach, stretches_[i]);
      if (stretches_[i].high > reach->high) reach = &stretches_[i];
    }
    report_top();
  }

 private:
  std::string name() const { return "`" + std::string(context_.sources.text(terms_[term_].expr.span)) + "`"; }
  std::string text(std::int64_t n) const {
    return (whole_ ? value::Value::integer(n) : value::Value::decimal(n)).debug();
  }
  /// A number between two that a reader would think of.
  std::int64_t between(std::int64_t a, std::int64_t b) const { return whole_ ? a + 1 : a + (b - a) / 2; }
  bool bounded(const Stretch& s) const { return s.low > range_.low && s.high < range_.high; }

  void report_pair(const Stretch& a, const Stretch& b) {
    if (b.low > a.high) {
      if (b.low > a.high + 1) report_hole(a, b);
      return;
    }
    // Steps that add up, such as `>= 100` and `>= 1000`, lie within each other on purpose.
    const bool nested = b.high <= a.high || a.low == b.low;
    if (nested && !(bounded(a) && bounded(b))) return;
    auto& d = context_.sink.report(Code::tautological_gap, b.band->span,
                                   "a " + name() + " of " + text(b.low) + " counts in two bands");
    d.primary.text = "this one";
    d.secondary.push_back({a.band->span, "and this one"});
  }

  void report_hole(const Stretch& a, const Stretch& b) {
    auto& d = context_.sink.report(Code::tautological_gap, b.band->span,
                                   "a " + name() + " of " + text(between(a.high, b.low)) + " is in no band");
    d.primary.text = "the next band begins at " + text(b.low);
    d.secondary.push_back({a.band->span, "this band ends at " + text(a.high)});
  }

  /// The more the better, and above the highest band nothing.
  void report_top() {
    const Stretch& top = stretches_.back();
    for (std::size_t i = 1; i < stretches_.size(); ++i) {
      if (stretches_[i].band->points <= stretches_[i - 1].band->points) return;
    }
    if (top.high >= range_.high) return;
    const std::int64_t above = top.high + (whole_ ? 1 : value::kMicro);
    auto& d = context_.sink.report(Code::tautological_gap, top.band->span,
                                   "a " + name() + " of " + text(above) + " is above all bands");
    d.primary.text = "the highest band ends at " + text(top.high);
    const std::string term(context_.sources.text(terms_[term_].expr.span));
    d.helps.push_back("let the highest band be open: `" + term + " >= " + text(top.low) + "`");
  }

  Context& context_;
  Terms& terms_;
  TermId term_;
  bool whole_;
  Stretch range_{nullptr, Intervals::kLowest, Intervals::kHighest};
  std::vector<Stretch> stretches_;
};

bool is_number(const Expr& e) {
  return e.type.kind == Kind::integer || e.type.kind == Kind::decimal;
}

}  // namespace

Bounds score_bounds(const Context& context, std::uint32_t object, const Bands& bands) {
  Terms terms(context, object);
  Bounds total;
  for (const Group& group : groups_of(terms, bands)) {
    const Bounds one = Sums(terms, group).run();
    total.least += one.least;
    total.greatest += one.greatest;
  }
  return total;
}

void check_bands(Context& context, std::uint32_t scoring, const Bands& bands) {
  Terms terms(context, context.catalogue().scorings[scoring].object);
  std::vector<std::vector<TermId>> uses;
  for (const Scoring::Band& band : bands) uses.push_back(terms_of(terms, band.condition));
  for (TermId term = 0; term < terms.size(); ++term) {
    if (!is_number(terms[term].expr)) continue;
    BandCheck check(context, terms, term);
    for (std::size_t i = 0; i < bands.size(); ++i) {
      if (uses[i].size() == 1 && uses[i][0] == term) check.add(bands[i]);
    }
    check.report();
  }
}

void check_threshold(Context& context, std::uint32_t scoring, const Bands& bands, Span use) {
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

void check_always_hot(Context& context, std::uint32_t scoring, const Bands& bands) {
  const bytecode::Scoring& declared = context.catalogue().scorings[scoring];
  if (!declared.hot) return;
  const std::int64_t least = score_bounds(context, declared.object, bands).least;
  if (least < *declared.hot) return;
  auto& d = context.sink.report(Code::hot_unreachable, context.schema.scorings[scoring]->hot_span,
                                "everybody is HOT");
  d.primary.text = "every record has at least " + points_text(least);
}

}  // namespace wf::sema
