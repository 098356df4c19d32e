// The values of expressions and conditions.
#include <array>

#include "grammar/liquid/filter_groups.hpp"
#include "grammar/liquid/numbers.hpp"
#include "grammar/liquid/renderer.hpp"

namespace wf::liquid {
namespace {

/// `.size`, `.first` and `.last`; false when the value has none of the name.
bool member(Datum& value, std::string_view name, Scratch& scratch) {
  if (value.is(Type::loop)) {
    value = value.as_loop().member(name);
    return true;
  }
  const bool is_text = value.is(Type::text);
  const bool has_members =
      is_text || value.is(Type::array) || value.is(Type::object) || value.is(Type::range);
  if (!has_members) return false;
  if (is_text) scratch.read(value.as_text());
  if (name == "size") {
    value = Datum::integer(static_cast<Wide>(size_of(value)));
  } else if (name == "first") {
    value = first_of(value, scratch);
  } else if (name == "last" && !value.is(Type::object)) {
    value = last_of(value, scratch);
  } else {
    return false;
  }
  return true;
}

bool item_at(Datum& value, const Datum& key) {
  if (!key.is(Type::integer)) return false;
  const Array& items = value.as_array();
  const auto size = static_cast<Wide>(items.size());
  const Wide index = key.as_integer() < 0 ? key.as_integer() + size : key.as_integer();
  if (index < 0 || index >= size) return false;
  value = items[static_cast<std::size_t>(index)];
  return true;
}

}  // namespace

Datum Renderer::value(const ast::Value& value) {
  Datum result = evaluate(value.expression);
  for (const ast::Filter& filter : value.filters) result = filtered(result, filter);
  return result;
}

Datum Renderer::filtered(const Datum& input, const ast::Filter& filter) {
  if (filter.row == nullptr) return input;
  std::array<Datum, 4> arguments;
  const std::size_t count = filter.arguments.size();
  for (std::size_t n = 0; n < count; ++n) arguments[n] = evaluate(filter.arguments[n]);
  const Datum keyword = filter.keyword ? evaluate(*filter.keyword) : Datum();
  where_ = filter.name;
  scratch_.work(4);
  if (input.is(Type::text)) scratch_.read(input.as_text());
  Call call{input, std::span(arguments).first(count),  filter.keyword ? &keyword : nullptr, scratch_,
            now_,  options_.escaping == Escaping::html};
  return filter.row->apply(call);
}

Datum Renderer::evaluate(const ast::Expression& expression) {
  if (expression.lookup) return lookup(*expression.lookup);
  return expression.bounds ? bounds(*expression.bounds) : expression.literal;
}

Datum Renderer::bounds(const ast::Bounds& bounds) {
  const std::int64_t first = to_whole_leniently(evaluate(bounds.first));
  const std::int64_t last = to_whole_leniently(evaluate(bounds.last));
  if (first == INT64_MIN && last == INT64_MAX) throw Fault{"a range is too large", bounds.first.written};
  return Datum::range({first, last});
}

Datum Renderer::lookup(const ast::Lookup& lookup) {
  Datum found;
  std::size_t used = 1;
  if (const SlotBinding::Slot* slot = slot_of(lookup)) {
    found = environment_.slots[static_cast<std::size_t>(slot->slot)];
    used = slot->names;
  } else if (!find_root(lookup.segments.front(), found)) {
    return missing(lookup);
  }
  for (; used < lookup.segments.size(); ++used) {
    if (!step(found, lookup.segments[used])) return missing(lookup);
  }
  return found;
}

Datum Renderer::missing(const ast::Lookup& lookup) const {
  if (options_.strict_variables && !lookup.is_guarded)
    throw Fault{"`" + std::string(lookup.written) + "` is unknown", lookup.written};
  return {};
}

const SlotBinding::Slot* Renderer::slot_of(const ast::Lookup& lookup) const {
  if (binding_ == nullptr) return nullptr;
  const SlotBinding::Slot& slot = binding_->of(lookup.id);
  if (slot.slot < 0) return nullptr;
  const bool hidden = slot.is_hidden && frame_->find(lookup.segments.front().name, scratch_) != nullptr;
  return hidden ? nullptr : &slot;
}

bool Renderer::find_root(const ast::Segment& segment, Datum& found) {
  if (!segment.key) return find_named(segment.name, found);
  const Datum name = evaluate(*segment.key);
  return name.is(Type::text) && find_named(name.as_text(), found);
}

bool Renderer::find_named(std::string_view name, Datum& found) const {
  const Datum* known = frame_->find(name, scratch_);
  if (known == nullptr && environment_.data != nullptr) known = environment_.data->find(name);
  if (known != nullptr) {
    found = *known;
    return true;
  }
  const auto counter = frame_->counters.find(name);
  if (counter == frame_->counters.end()) return false;
  found = Datum::integer(counter->second);
  return true;
}

bool Renderer::step(Datum& value, const ast::Segment& segment) {
  const Datum key = segment.key ? evaluate(*segment.key) : Datum::text(segment.name);
  if (value.is(Type::object) && key.is(Type::text)) {
    if (const Datum* field = value.as_object().find(key.as_text())) {
      value = *field;
      return true;
    }
  }
  if (value.is(Type::array) && item_at(value, key)) return true;
  return key.is(Type::text) && (segment.is_dotted || value.is(Type::loop)) &&
         member(value, key.as_text(), scratch_);
}

bool Renderer::holds(const ast::Condition& condition) {
  const Scratch::Mark mark = scratch_.mark();
  bool result = false;
  for (const ast::Comparison& comparison : condition) {
    result = holds(comparison);
    // Joined from the right: what follows decides, unless this does already.
    if (result != comparison.and_next) break;
  }
  scratch_.rewind(mark);
  return result;
}

bool Renderer::holds(const ast::Comparison& c) {
  const Datum left = evaluate(c.left);
  if (c.comparison == ast::Operator::truth) return left.truthy();
  const Datum right = evaluate(c.right);
  switch (c.comparison) {
    case ast::Operator::equal:
      return equals(left, right, scratch_);
    case ast::Operator::unequal:
      return !equals(left, right, scratch_);
    case ast::Operator::contains:
      return contains(left, right);
    default:
      where_ = c.left.written;
      return orders(c.comparison, left, right);
  }
}

bool Renderer::orders(ast::Operator comparison, const Datum& left, const Datum& right) const {
  const bool numbers = left.is_number() && right.is_number();
  const bool texts = left.is(Type::text) && right.is(Type::text);
  if (!numbers && !texts) {
    const auto has_order = [](const Datum& v) { return v.is_number() || v.is(Type::text); };
    if (has_order(left) && has_order(right)) throw Fault{"a number cannot be compared with a text"};
    return false;
  }
  const int order =
      numbers ? compare(to_number(left), to_number(right)) : left.as_text().compare(right.as_text());
  switch (comparison) {
    case ast::Operator::less:
      return order < 0;
    case ast::Operator::at_most:
      return order <= 0;
    case ast::Operator::greater:
      return order > 0;
    default:
      return order >= 0;
  }
}

bool Renderer::contains(const Datum& left, const Datum& right) {
  if (!right.truthy()) return false;
  switch (left.type()) {
    case Type::text: {
      const std::string_view wanted = text_of(right, scratch_);
      scratch_.read(left.as_text());
      return find_part(left.as_text(), wanted) != wanted.npos;
    }
    case Type::array:
      for (const Datum& item : left.as_array()) {
        if (equals(item, right, scratch_)) return true;
      }
      return false;
    case Type::object:
      return right.is(Type::text) && left.as_object().find(right.as_text()) != nullptr;
    case Type::range:
      return right.is(Type::integer) && right.as_integer() >= left.as_range().first &&
             right.as_integer() <= left.as_range().last;
    default:
      return false;
  }
}

}  // namespace wf::liquid
