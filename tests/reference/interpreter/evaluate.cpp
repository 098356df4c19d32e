#include "tests/reference/interpreter/evaluate.hpp"

#include <algorithm>
#include <stdexcept>

#include "grammar/value/calendar.hpp"

namespace wf::reference {

using sema::Expr;
using sema::ExprOp;
using value::Kind;

namespace {

const Expr& argument(const Expr& e, std::size_t i) {
  return e.args.at(i);
}

Value compared(const Expr& e, const Look& look) {
  const Value a = evaluate(argument(e, 0), look), b = evaluate(argument(e, 1), look);
  if (e.op == ExprOp::eq) return as_value(equal(a, b));
  if (e.op == ExprOp::ne) return as_value(negation(equal(a, b)));
  const Value sign = order(a, b);
  if (sign.is_unknown()) return {};
  const std::int64_t s = sign.as_integer();
  switch (e.op) {
    case ExprOp::lt:
      return Value::boolean(s < 0);
    case ExprOp::le:
      return Value::boolean(s <= 0);
    case ExprOp::gt:
      return Value::boolean(s > 0);
    default:
      return Value::boolean(s >= 0);
  }
}

Value text_test(const Expr& e, const Look& look) {
  const Value whole = evaluate(argument(e, 0), look), part = evaluate(argument(e, 1), look);
  if (whole.kind() != Kind::text || part.kind() != Kind::text) return {};
  if (e.op == ExprOp::matches) return Value::boolean(matches(whole.as_text(), part.as_text()));
  const std::string text = folded(whole.as_text()), sought = folded(part.as_text());
  if (e.op == ExprOp::contains) return Value::boolean(text.find(sought) != text.npos);
  if (sought.size() > text.size()) return Value::boolean(false);
  const std::size_t begin = e.op == ExprOp::starts_with ? 0 : text.size() - sought.size();
  return Value::boolean(text.compare(begin, sought.size(), sought) == 0);
}

Value logic(const Expr& e, const Look& look) {
  const bool all = e.op == ExprOp::and_;
  Truth result = all ? Truth::yes : Truth::no;
  for (const Expr& operand : e.args) {
    const Truth t = ask(operand, look);
    result = all ? conjunction(result, t) : disjunction(result, t);
  }
  return as_value(result);
}

Value any_of(const Expr& e, const Look& look) {
  const Value sought = evaluate(argument(e, 0), look);
  Truth result = Truth::no;
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    result = disjunction(result, equal(sought, evaluate(e.args[i], look)));
  }
  return as_value(result);
}

Value field(const Expr& e, const Look& look) {
  const Value ref = evaluate(argument(e, 0), look);
  if (ref.kind() != Kind::ref) return {};
  const Record* other = look.world.find(ref.as_key());
  if (other == nullptr || other->object != e.a) return {};
  return other->facts.properties.at(e.b);
}

Value age(const Value& v, const Look& look) {
  if (v.kind() == Kind::instant) return difference(Value::instant(look.now), v);
  if (v.kind() != Kind::date) return {};
  const std::int64_t midnight = value::to_instant(v.as_date(), 0, look.module.catalogue.zone);
  return difference(Value::instant(look.now), Value::instant(midnight));
}

/// Calls `visit` for each entry of the history that the counter counts.
template <class Visit>
void each_counted(const sema::Counter& counter, const Look& look, std::size_t from, Visit visit) {
  for (std::size_t i = from; i < look.facts.past; ++i) {
    const Past& past = *look.record.history[i];
    if (counter.head.kind == bytecode::CounterKind::became) {
      const bool became = past.property == counter.head.property &&
                          counter.head.object == look.record.object &&
                          equal(past.value, counter.head.became) == Truth::yes;
      if (became) visit(past);
      continue;
    }
    sema::EventMatch match;
    match.event = counter.head.match.event;
    match.filters = counter.head.match.filters;
    match.where = counter.where;
    const Look then{look.module, look.world, look.record, past.facts, &past.event, nullptr, past.received};
    if (past.property == kNone && fits(match, past.event, then)) visit(past);
  }
}

Value last_event(const Expr& e, const Look& look) {
  std::optional<std::int64_t> last;
  each_counted(look.module.counters.at(e.a), look, 0,
               [&](const Past& past) { last = std::max(last.value_or(past.at), past.at); });
  return last ? Value::instant(*last) : Value();
}

Value occurred_since(const Expr& e, const Look& look) {
  const Value since = evaluate(argument(e, 0), look);
  if (since.kind() != Kind::instant) return {};
  bool found = false;
  each_counted(look.module.counters.at(e.a), look, 0,
               [&](const Past& past) { found = found || past.at >= since.as_instant(); });
  return Value::boolean(found);
}

Value moment(const Expr& e, const Look& look) {
  const bytecode::Moment& m = look.module.moments.at(e.a);
  std::size_t next = 0;
  const Value anchor = m.has_anchor ? evaluate(argument(e, next++), look) : Value();
  const Value zone = m.dynamic_zone ? evaluate(argument(e, next), look) : Value();
  const auto instant = resolve(m, look.module.catalogue, anchor, zone, look.now);
  return instant ? Value::instant(*instant) : Value();
}

}  // namespace

bool fits(const sema::EventMatch& match, const Event& event, const Look& look) {
  if (match.event != event.type) return false;
  for (const auto& filter : match.filters) {
    if (equal(event.parameters.at(filter.parameter), filter.value) != Truth::yes) return false;
  }
  Look with_event{look.module, look.world, look.record, look.facts, &event, nullptr, look.now};
  return !match.where || holds(*match.where, with_event);
}

std::size_t times_counted(const sema::Counter& counter, const Look& look) {
  std::size_t n = 0;
  each_counted(counter, look, 0, [&](const Past&) { ++n; });
  return n;
}

std::int64_t count(const sema::Counter& counter, const Look& look, std::size_t from) {
  std::int64_t n = 0;
  const std::int64_t window = counter.head.window;
  each_counted(counter, look, from, [&](const Past& past) {
    const bool inside = window == 0 || (past.at > look.now - window && past.at <= look.now);
    n += inside ? 1 : 0;
  });
  return n;
}

Value evaluate(const Expr& e, const Look& look) {
  switch (e.op) {
    case ExprOp::constant:
      return e.constant;
    case ExprOp::unknown:
      return {};
    case ExprOp::property:
      return look.facts.properties.at(e.a);
    case ExprOp::field:
      return field(e, look);
    case ExprOp::self:
      return Value::ref(look.record.object, look.record.key);
    case ExprOp::parameter:
      return look.event ? look.event->parameters.at(e.a) : Value();
    case ExprOp::local:
      return look.locals ? look.locals->at(e.a) : Value();
    case ExprOp::now:
      return Value::instant(look.now);
    case ExprOp::created_at:
      return Value::instant(look.record.created_at);
    case ExprOp::eq:
    case ExprOp::ne:
    case ExprOp::lt:
    case ExprOp::le:
    case ExprOp::gt:
    case ExprOp::ge:
      return compared(e, look);
    case ExprOp::is_known:
      return Value::boolean(!evaluate(argument(e, 0), look).is_unknown());
    case ExprOp::not_:
      return as_value(negation(ask(argument(e, 0), look)));
    case ExprOp::and_:
    case ExprOp::or_:
      return logic(e, look);
    case ExprOp::any_of:
      return any_of(e, look);
    case ExprOp::contains:
    case ExprOp::starts_with:
    case ExprOp::ends_with:
    case ExprOp::matches:
      return text_test(e, look);
    case ExprOp::add:
      return sum(evaluate(argument(e, 0), look), evaluate(argument(e, 1), look));
    case ExprOp::sub:
      return difference(evaluate(argument(e, 0), look), evaluate(argument(e, 1), look));
    case ExprOp::mul:
      return product(evaluate(argument(e, 0), look), evaluate(argument(e, 1), look));
    case ExprOp::div:
      return quotient(evaluate(argument(e, 0), look), evaluate(argument(e, 1), look));
    case ExprOp::negate:
      return negative(evaluate(argument(e, 0), look));
    case ExprOp::coalesce: {
      const Value first = evaluate(argument(e, 0), look);
      return first.is_unknown() ? evaluate(argument(e, 1), look) : first;
    }
    case ExprOp::age:
      return age(evaluate(argument(e, 0), look), look);
    case ExprOp::count:
      return Value::integer(count(look.module.counters.at(e.a), look));
    case ExprOp::last_event:
      return last_event(e, look);
    case ExprOp::occurred_since:
      return occurred_since(e, look);
    case ExprOp::in_list:
      return Value::boolean(look.facts.lists.count(e.a) != 0);
    case ExprOp::has_tag:
      return Value::boolean(look.facts.tags.count(std::string(e.constant.as_text())) != 0);
    case ExprOp::moment:
      return moment(e, look);
    default:
      throw std::logic_error("the reference interpreter does not know an operator");
  }
}

}  // namespace wf::reference
