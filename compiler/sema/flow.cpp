#include "compiler/sema/flow.hpp"

#include <algorithm>
#include <iterator>

namespace wf::sema {
namespace {

using Values = std::set<std::uint32_t>;

/// An enum's or bool's constant as a number; nothing for other constants.
std::optional<std::uint32_t> ordinal_of(const Expr& e) {
  if (e.op != ExprOp::constant) return std::nullopt;
  if (e.constant.kind() == value::Kind::enumeration) return e.constant.as_ordinal();
  if (e.constant.kind() == value::Kind::boolean) return e.constant.as_boolean() ? 1 : 0;
  return std::nullopt;
}

Values domain_of(const Context& context, const Type& type) {
  Values all;
  std::size_t count = 0;
  if (type.kind == value::Kind::boolean) count = 2;
  if (type.kind == value::Kind::enumeration) count = context.catalogue().enums[type.aux].values.size();
  for (std::size_t i = 0; i < count; ++i) all.insert(static_cast<std::uint32_t>(i));
  return all;
}

bool holds(ExprOp op, std::uint32_t value, std::uint32_t bound) {
  switch (op) {
    case ExprOp::eq:
      return value == bound;
    case ExprOp::ne:
      return value != bound;
    case ExprOp::lt:
      return value < bound;
    case ExprOp::le:
      return value <= bound;
    case ExprOp::gt:
      return value > bound;
    default:
      return value >= bound;
  }
}

bool is_comparison(ExprOp op) {
  return op >= ExprOp::eq && op <= ExprOp::ge;
}

/// Intersects a fact: `known` and `values` are what the outcome allows.
void narrow(Flow& flow, const std::string& key, bool may_be_known, bool may_be_unknown,
            const std::optional<Values>& values) {
  if (key.empty()) return;
  Fact& fact = flow.facts[key];
  fact.may_be_known = fact.may_be_known && may_be_known;
  fact.may_be_unknown = fact.may_be_unknown && may_be_unknown;
  if (!values) return;
  if (!fact.values) {
    fact.values = values;
    return;
  }
  Values both;
  std::set_intersection(fact.values->begin(), fact.values->end(), values->begin(), values->end(),
                        std::inserter(both, both.end()));
  fact.values = std::move(both);
}

/// The values of `args[0]` for which a comparison or any_of is true; nothing when that cannot be said.
std::optional<Values> satisfying(const Context& context, const Expr& e) {
  const Values domain = domain_of(context, e.args[0].type);
  if (domain.empty()) return std::nullopt;
  Values result;
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    const auto bound = ordinal_of(e.args[i]);
    if (!bound) return std::nullopt;
    for (const std::uint32_t value : domain) {
      if (holds(e.op == ExprOp::any_of ? ExprOp::eq : e.op, value, *bound)) result.insert(value);
    }
  }
  return result;
}

void assume_test(const Context& context, Flow& flow, const Expr& e, Outcome outcome) {
  std::optional<Values> values = satisfying(context, e);
  const bool negative = outcome == Outcome::is_false || outcome == Outcome::not_true;
  if (values && negative) {
    Values rest;
    for (const std::uint32_t value : domain_of(context, e.args[0].type)) {
      if (!values->count(value)) rest.insert(value);
    }
    values = std::move(rest);
  }
  const bool definite = outcome == Outcome::is_true || outcome == Outcome::is_false;
  narrow(flow, key_of(e.args[0]), true, !definite, values);
  // A definite comparison means that the other side is known too.
  if (definite && is_comparison(e.op)) narrow(flow, key_of(e.args[1]), true, false, std::nullopt);
}

Outcome opposite(Outcome outcome) {
  switch (outcome) {
    case Outcome::is_true:
      return Outcome::is_false;
    case Outcome::is_false:
      return Outcome::is_true;
    case Outcome::not_true:
      return Outcome::not_false;
    case Outcome::not_false:
      return Outcome::not_true;
  }
  return outcome;
}

/// and: true only if all are; or: true if one is. `all_must` says that the outcome holds for every operand.
void assume_logic(const Context& context, Flow& flow, const Expr& e, Outcome outcome) {
  const bool conjunction = e.op == ExprOp::and_;
  const bool positive = outcome == Outcome::is_true || outcome == Outcome::not_false;
  const bool all_must = conjunction == positive;
  if (all_must) {
    for (const Expr& arg : e.args) assume(context, flow, arg, outcome);
    return;
  }
  std::optional<Flow> result;
  for (const Expr& arg : e.args) {
    Flow one = flow;
    assume(context, one, arg, outcome);
    result = result ? joined(*result, one) : one;
  }
  if (result) flow.facts = std::move(result->facts);
}

}  // namespace

std::string key_of(const Expr& e) {
  switch (e.op) {
    case ExprOp::property:
      return "p" + std::to_string(e.a);
    case ExprOp::local:
      return "l" + std::to_string(e.a);
    case ExprOp::parameter:
      return "e" + std::to_string(e.a);
    case ExprOp::field: {
      const std::string record = key_of(e.args[0]);
      return record.empty() ? "" : record + "." + std::to_string(e.a) + ":" + std::to_string(e.b);
    }
    default:
      return "";
  }
}

void assume(const Context& context, Flow& flow, const Expr& e, Outcome outcome) {
  if (is_comparison(e.op) || e.op == ExprOp::any_of) return assume_test(context, flow, e, outcome);
  if (e.op == ExprOp::and_ || e.op == ExprOp::or_) return assume_logic(context, flow, e, outcome);
  if (e.op == ExprOp::not_) return assume(context, flow, e.args[0], opposite(outcome));
  const bool positive = outcome == Outcome::is_true || outcome == Outcome::not_false;
  if (e.op == ExprOp::is_known) {
    narrow(flow, key_of(e.args[0]), positive, !positive, std::nullopt);
    // A property of a record can only be known if the record is.
    if (positive && e.args[0].op == ExprOp::field) {
      narrow(flow, key_of(e.args[0].args[0]), true, false, std::nullopt);
    }
    return;
  }
  const bool text_test = e.op >= ExprOp::contains && e.op <= ExprOp::matches;
  if (text_test && (outcome == Outcome::is_true || outcome == Outcome::is_false)) {
    narrow(flow, key_of(e.args[0]), true, false, std::nullopt);
  }
  if (e.type.kind == value::Kind::boolean && !key_of(e).empty()) {
    const bool definite = outcome == Outcome::is_true || outcome == Outcome::is_false;
    narrow(flow, key_of(e), true, !definite, Values{positive ? 1u : 0u});
  }
}

Flow joined(const Flow& a, const Flow& b) {
  if (a.ended) return b;
  if (b.ended) return a;
  Flow result;
  for (const auto& [key, fact] : a.facts) {
    const auto other = b.facts.find(key);
    if (other == b.facts.end()) continue;
    Fact both;
    both.may_be_known = fact.may_be_known || other->second.may_be_known;
    both.may_be_unknown = fact.may_be_unknown || other->second.may_be_unknown;
    // Where it can only be unknown its values say nothing.
    if (!fact.may_be_known) {
      both.values = other->second.values;
    } else if (!other->second.may_be_known) {
      both.values = fact.values;
    } else if (fact.values && other->second.values) {
      both.values = fact.values;
      both.values->insert(other->second.values->begin(), other->second.values->end());
    }
    result.facts[key] = std::move(both);
  }
  for (const auto& [email, span] : a.just_sent) {
    if (b.just_sent.count(email)) result.just_sent[email] = span;
  }
  return result;
}

void forget(Flow& flow) {
  flow.facts.clear();
  flow.just_sent.clear();
}

void changed(Flow& flow, const Expr& target) {
  const std::string key = key_of(target);
  // What was known through an association is of another record now.
  std::erase_if(flow.facts, [&](const auto& item) {
    return item.first == key || item.first.compare(0, key.size() + 1, key + ".") == 0;
  });
}

void written(Flow& flow, const Expr& target, const Expr& value, bool value_may_be_unknown) {
  changed(flow, target);
  const std::string key = key_of(target);
  if (key.empty()) return;
  Fact fact;
  fact.may_be_known = value.op != ExprOp::unknown;
  fact.may_be_unknown = value_may_be_unknown;
  if (const auto ordinal = ordinal_of(value)) fact.values = Values{*ordinal};
  flow.facts[key] = std::move(fact);
}

namespace {

const Fact* find_fact(const Scope& scope, const Expr& e) {
  if (!scope.flow) return nullptr;
  const auto found = scope.flow->facts.find(key_of(e));
  return found == scope.flow->facts.end() ? nullptr : &found->second;
}

}  // namespace

bool may_be_unknown(const Scope& scope, const Expr& e) {
  if (!e.type.nullable) return false;
  if (const Fact* fact = find_fact(scope, e)) {
    if (!fact->may_be_unknown) return false;
  }
  switch (e.op) {
    case ExprOp::coalesce:
      return may_be_unknown(scope, e.args[0]) && may_be_unknown(scope, e.args[1]);
    case ExprOp::add:
    case ExprOp::sub:
    case ExprOp::mul:
    case ExprOp::negate:
      for (const Expr& arg : e.args) {
        if (may_be_unknown(scope, arg)) return true;
      }
      return false;
    default:
      return true;
  }
}

std::set<std::uint32_t> possible_values(const Context& context, const Scope& scope, const Expr& e) {
  const Fact* fact = find_fact(scope, e);
  if (fact && !fact->may_be_known) return {};
  if (fact && fact->values) return *fact->values;
  return domain_of(context, e.type);
}

}  // namespace wf::sema
