#include "compiler/sema/terms.hpp"

#include <algorithm>

#include "compiler/sema/context.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::sema {
namespace {

using domain::Abstract;
using domain::Bits;
using domain::Constants;
using domain::Intervals;
using value::Kind;

std::string numbered(char kind, std::uint32_t index) {
  return kind + std::to_string(index);
}

/// `kind(key of args[0])`; "" when that has none.
std::string around(const char* kind, const Expr& arg) {
  const std::string inner = key_of(arg);
  return inner.empty() ? "" : std::string(kind) + "(" + inner + ")";
}

std::string text_test_key(const Expr& e) {
  if (e.args[1].op != ExprOp::constant) return "";
  const std::string inner = key_of(e.args[0]);
  if (inner.empty()) return "";
  return "x" + std::to_string(static_cast<int>(e.op)) + "(" + inner +
         "):" + std::string(e.args[1].constant.as_text());
}

std::string pair_key(const Expr& e) {
  const std::string first = key_of(e.args[0]), second = key_of(e.args[1]);
  return first.empty() || second.empty() ? "" : "?(" + first + "," + second + ")";
}

std::uint32_t enum_size(const bytecode::Type& type, const bytecode::Catalogue& catalogue) {
  return static_cast<std::uint32_t>(catalogue.enums[type.aux].values.size());
}

}  // namespace

std::string key_of(const Expr& e) {
  switch (e.op) {
    case ExprOp::property:
      return numbered('p', e.a);
    case ExprOp::field: {
      const std::string record = key_of(e.args[0]);
      return record.empty() ? "" : record + "." + std::to_string(e.a) + ":" + std::to_string(e.b);
    }
    case ExprOp::self:
      return "s";
    case ExprOp::associated:
      return around(numbered('r', e.a).c_str(), e.args[0]);
    case ExprOp::local:
      return numbered('l', e.a);
    case ExprOp::parameter:
      return numbered('e', e.a);
    case ExprOp::count:
      return numbered('c', e.a);
    case ExprOp::last_event:
      return numbered('v', e.a);
    case ExprOp::created_at:
      return "b";
    case ExprOp::in_list:
      return numbered('i', e.a);
    case ExprOp::has_tag:
      return "t:" + std::string(e.constant.as_text());
    case ExprOp::occurred_since:
      return around(numbered('o', e.a).c_str(), e.args[0]);
    case ExprOp::age:
      return around("a", e.args[0]);
    case ExprOp::coalesce:
      return pair_key(e);
    case ExprOp::contains:
    case ExprOp::starts_with:
    case ExprOp::ends_with:
    case ExprOp::matches:
      return text_test_key(e);
    default:
      return "";
  }
}

std::string constant_name(const value::Value& constant) {
  if (constant.kind() == Kind::text) return text::fold(constant.as_text());
  return std::to_string(constant.as_resource());
}

std::optional<std::int64_t> ordinal_number(const value::Value& v) {
  switch (v.kind()) {
    case Kind::integer:
      return v.as_integer();
    case Kind::decimal:
      return v.as_micros();
    case Kind::instant:
      return v.as_instant();
    case Kind::date:
      return v.as_date();
    case Kind::time_of_day:
      return v.as_time_of_day();
    case Kind::duration:
      return v.as_duration();
    default:
      return std::nullopt;
  }
}

domain::Values values_of(const bytecode::Type& type, const bytecode::Catalogue& catalogue) {
  switch (type.kind) {
    case Kind::boolean:
      return Bits::all(2);
    case Kind::enumeration:
      return Bits::all(enum_size(type, catalogue));
    case Kind::integer:
    case Kind::decimal:
    case Kind::instant:
    case Kind::date:
    case Kind::time_of_day:
    case Kind::duration:
      return Intervals::all();
    case Kind::text:
    case Kind::resource:
      return Constants::all();
    default:
      return {};
  }
}

std::optional<domain::Values> value_of(const value::Value& v, const bytecode::Catalogue& catalogue) {
  if (v.kind() == Kind::boolean) return Bits::one(2, v.as_boolean() ? 1 : 0);
  if (v.kind() == Kind::enumeration) {
    const auto size = static_cast<std::uint32_t>(catalogue.enums[v.aux()].values.size());
    return Bits::one(size, v.as_ordinal());
  }
  if (v.kind() == Kind::text || v.kind() == Kind::resource) return Constants::only({constant_name(v)});
  if (const auto number = ordinal_number(v)) return Intervals::one(*number);
  return std::nullopt;
}

std::optional<PropertyRef> Terms::property_of(const Expr& e) const {
  if (e.op == ExprOp::property) return PropertyRef{object_, e.a};
  if (e.op == ExprOp::field) return PropertyRef{e.a, e.b};
  return std::nullopt;
}

/// Values within the declared range; unknown where the type allows it, or where nothing makes it known.
Abstract Terms::range_of(PropertyRef ref) const {
  const bytecode::Property& p = context_->catalogue().objects[ref.object].properties[ref.property];
  domain::Values values = values_of(p.type, context_->catalogue());
  const bool whole = p.type.kind == Kind::integer;
  if (auto* numbers = std::get_if<Intervals>(&values); numbers && (p.minimum || p.maximum)) {
    const auto bound = [&](const std::optional<std::int64_t>& micros, std::int64_t none) {
      if (!micros) return none;
      return whole ? *micros / value::kMicro : *micros;
    };
    *numbers =
        Intervals::between(bound(p.minimum, Intervals::kLowest), bound(p.maximum, Intervals::kHighest));
  }
  // A property that must have a value, and is given none by a default, can be missing all the same.
  return Abstract::of(std::move(values), p.type.nullable || p.initial.is_unknown());
}

Stability Terms::stability_of(const Expr& e) const {
  switch (e.op) {
    case ExprOp::local:
      // A mail that is refused when it is handed over counts as never sent.
      return e.b == kOfSend ? Stability::none : Stability::fixed;
    case ExprOp::created_at:
    case ExprOp::self:
      return Stability::fixed;
    case ExprOp::property: {
      const bytecode::Property& p = context_->catalogue().objects[object_].properties[e.a];
      if (p.immutable) return Stability::once_known;
      const std::uint32_t owner = context_->schema.property(object_, e.a).owner;
      const bool own = owner != kNone && owner == owner_ && !p.unique && restless_.count(p.name) == 0;
      return own ? Stability::fixed : Stability::none;
    }
    case ExprOp::count:
      return context_->module.counters[e.a].head.window == 0 ? Stability::rises : Stability::none;
    case ExprOp::age: {
      const Stability anchor = stability_of(e.args[0]);
      return anchor == Stability::fixed || anchor == Stability::once_known ? Stability::rises
                                                                           : Stability::none;
    }
    case ExprOp::occurred_since:
      return stability_of(e.args[0]) == Stability::fixed ? Stability::once_true : Stability::none;
    default:
      return Stability::none;
  }
}

void Terms::collect_reads(const Expr& expression, Term& term) const {
  walk(expression, [&](const Expr& e) {
    if (const auto property = property_of(e)) term.reads.push_back(*property);
    if (e.op == ExprOp::local) term.locals.push_back(e.a);
    if (e.op == ExprOp::in_list) term.lists.push_back(e.a);
    if (e.op == ExprOp::has_tag) term.tags = true;
    if (e.op == ExprOp::associated) {
      const bytecode::Relation& relation = context_->module.relations[e.a].head;
      term.reads.push_back({relation.object, relation.property});
      if (relation.primary != kNone) term.reads.push_back({e.args[0].type.aux, relation.primary});
    }
  });
}

Term Terms::describe(const Expr& e, std::string key) const {
  Term term;
  term.key = std::move(key);
  term.expr = e;
  term.stability = stability_of(e);
  collect_reads(e, term);
  if (e.op == ExprOp::property) {
    term.initial = range_of({object_, e.a});
  } else if (e.op == ExprOp::field) {
    term.initial = range_of({e.a, e.b});
    term.initial.unknown = true;  // the record may have been deleted
  } else if (e.op == ExprOp::count) {
    term.initial = Abstract::of(Intervals::between(0, Intervals::kHighest));
  } else {
    term.initial = Abstract::of(values_of(e.type, context_->catalogue()), e.type.nullable);
  }
  return term;
}

std::optional<TermId> Terms::find(const Expr& e) {
  const bool property = e.op == ExprOp::property;
  if (property && e.a < properties_.size() && properties_[e.a]) return properties_[e.a];
  std::string key = key_of(e);
  if (key.empty()) return std::nullopt;
  const auto [found, added] = ids_.try_emplace(std::move(key), static_cast<TermId>(terms_.size()));
  if (added) terms_.push_back(describe(e, found->first));
  if (property) {
    properties_.resize(std::max<std::size_t>(properties_.size(), e.a + 1));
    properties_[e.a] = found->second;
  }
  return found->second;
}

}  // namespace wf::sema
