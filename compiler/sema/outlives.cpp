// WF373: the shortest way through a block, and the steps that it reaches only after an end.
#include <algorithm>

#include "compiler/sema/time_checks.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/bytecode/moment.hpp"

namespace wf::sema {
namespace {

using value::Value;

class ShortestWay {
 public:
  ShortestWay(Context& context, const Period& period) : context_(context), period_(period) {}

  /// The earliest instant at which the block can be left; nothing when it never is.
  std::optional<std::int64_t> through(const Block& block, std::int64_t from) {
    std::optional<std::int64_t> at = from;
    for (const Step& step : block) {
      if (!at || reported_) return at;
      if (*at >= period_.ends) {
        report(step, *at);
        return at;
      }
      at = std::visit([&](const auto& node) { return behind(node, *at); }, step.node);
    }
    return at;
  }

 private:
  using Instant = std::optional<std::int64_t>;

  static Instant earlier(Instant a, Instant b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
  }

  void report(const Step& step, std::int64_t at) {
    reported_ = true;
    auto& d = context_.sink.report(Code::outlives_campaign, step.span, "this step comes after the end");
    d.primary.text =
        "not before " + value::format_instant(at, context_.zone()).substr(0, 10) + ", on the shortest way";
    d.secondary.push_back({period_.span, "this is over by then"});
  }

  template <class Node>
  Instant behind(const Node&, std::int64_t from) {
    return from;
  }
  Instant behind(const Stop&, std::int64_t) { return std::nullopt; }
  Instant behind(const WaitFor& wait, std::int64_t from) {
    const bool known = wait.duration.op == ExprOp::constant;
    return known ? value::add_saturating(from, wait.duration.constant.as_duration()) : from;
  }
  Instant behind(const WaitUntil& wait, std::int64_t from) { return arrival(wait.moment, from); }
  Instant behind(const AtBlock& at, std::int64_t from) {
    const Instant inside = through(at.body, arrival(at.moment, from));
    return at.if_past.then == ast::IfPast::Then::skip ? earlier(from, inside) : inside;
  }
  Instant behind(const WaitEvent& wait, std::int64_t from) {
    const bool known = wait.at_most.op == ExprOp::constant;
    const std::int64_t limit =
        known ? value::add_saturating(from, wait.at_most.constant.as_duration()) : from;
    const Instant happened = through(wait.happened, from);
    return earlier(happened, through(wait.timed_out, limit));
  }
  Instant behind(const If& choice, std::int64_t from) {
    Instant first = through(choice.otherwise, from);
    for (const If::Arm& arm : choice.arms) first = earlier(first, through(arm.body, from));
    return first;
  }

  /// When a moment comes that counts from now or is fixed; others may come at once.
  std::int64_t arrival(const Expr& moment, std::int64_t from) const {
    if (moment.op == ExprOp::constant && moment.constant.kind() == value::Kind::instant) {
      return std::max(from, moment.constant.as_instant());
    }
    if (moment.op != ExprOp::moment) return from;
    const bytecode::Moment& m = context_.module.moments[moment.a];
    Value anchor;
    if (m.has_anchor) {
      const Expr& e = moment.args.front();
      if (e.op == ExprOp::now) anchor = Value::instant(from);
      if (e.op == ExprOp::constant) anchor = e.constant;
      if (anchor.is_unknown()) return from;
    }
    const auto at = bytecode::resolve(m, context_.catalogue(), anchor, Value(), from);
    return at ? std::max(from, *at) : from;
  }

  Context& context_;
  const Period& period_;
  bool reported_ = false;
};

}  // namespace

void check_outlives(Context& context, const Block& block, const Period& period) {
  (void)ShortestWay(context, period).through(block, period.begins);
}

}  // namespace wf::sema
