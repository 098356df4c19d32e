#include "compiler/sema/retest.hpp"

namespace wf::sema {
namespace {

using value::Kind;

/// Most instants that one operation compares, so that no list needs too much stack.
constexpr std::size_t kGroup = 64;

class Retest {
 public:
  explicit Retest(Context& context) : context_(context) {}

  std::optional<Expr> of(const Expr& condition) {
    walk(condition, [&](const Expr& e) {
      if (e.op == ExprOp::count && context_.module.counters[e.a].head.window > 0) add_expiry(e);
      if (is_comparison(e.op) && e.args.size() == 2) {
        compare(e.args[0], e.args[1], e.op == ExprOp::lt || e.op == ExprOp::ge, e);
        compare(e.args[1], e.args[0], e.op == ExprOp::gt || e.op == ExprOp::le, e);
      }
    });
    if (instants_.empty()) return std::nullopt;
    while (instants_.size() > kGroup) {
      std::vector<Expr> group(std::make_move_iterator(instants_.end() - kGroup),
                              std::make_move_iterator(instants_.end()));
      instants_.resize(instants_.size() - kGroup);
      instants_.push_back(earliest(std::move(group), condition.span));
    }
    return earliest(std::move(instants_), condition.span);
  }

 private:
  static bool is_comparison(ExprOp op) {
    return op == ExprOp::lt || op == ExprOp::le || op == ExprOp::gt || op == ExprOp::ge || op == ExprOp::eq ||
           op == ExprOp::ne;
  }
  static Expr earliest(std::vector<Expr> instants, Span span) {
    return make(ExprOp::earliest, type_of(Kind::instant, true), span, std::move(instants));
  }

  void add_expiry(const Expr& count) {
    Expr e = make(ExprOp::expiry, type_of(Kind::instant, true), count.span);
    e.a = count.a;
    instants_.push_back(std::move(e));
  }

  /// `growing` changes with time and is compared with `limit`. `at_once`: the comparison changes when both
  /// are equal, otherwise one microsecond later.
  void compare(const Expr& growing, const Expr& limit, bool at_once, const Expr& whole) {
    std::optional<Expr> at;
    if (growing.op == ExprOp::now) at = instant_of(limit);
    const Expr* since = nullptr;
    if (growing.op == ExprOp::age) since = &growing.args[0];
    const bool from_now = growing.op == ExprOp::sub && growing.args[0].op == ExprOp::now;
    if (from_now && growing.type.kind == Kind::duration) since = &growing.args[1];
    if (since) {
      at = instant_of(*since);
      if (at) at = sum(std::move(*at), limit);
    }
    if (!at) return;
    const bool both = whole.op == ExprOp::eq || whole.op == ExprOp::ne;
    if (!at_once || both) instants_.push_back(sum(*at, make_duration(1, whole.span)));
    if (at_once || both) instants_.push_back(std::move(*at));
  }

  static Expr sum(Expr instant, Expr length) {
    const Span span = instant.span;
    std::vector<Expr> args;
    args.push_back(std::move(instant));
    args.push_back(std::move(length));
    return make(ExprOp::add, type_of(Kind::instant, true), span, std::move(args));
  }

  /// A date begins at 00:00 in the project's zone.
  std::optional<Expr> instant_of(const Expr& e) {
    if (e.type.kind == Kind::instant) return e;
    if (e.type.kind != Kind::date) return std::nullopt;
    bytecode::Moment midnight;
    midnight.zone = context_.zone();
    Expr moment = make(ExprOp::moment, type_of(Kind::instant, e.type.nullable), e.span, {e});
    moment.a = static_cast<std::uint32_t>(context_.module.moments.size());
    context_.module.moments.push_back(std::move(midnight));
    return moment;
  }

  Context& context_;
  std::vector<Expr> instants_;
};

}  // namespace

std::optional<Expr> retest_of(Context& context, const Expr& condition) {
  return Retest(context).of(condition);
}

}  // namespace wf::sema
