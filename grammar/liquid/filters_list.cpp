// Filters that change lists.
#include <algorithm>
#include <unordered_set>

#include "grammar/liquid/filter_groups.hpp"
#include "grammar/liquid/lists.hpp"
#include "grammar/liquid/numbers.hpp"
#include "grammar/liquid/sequence.hpp"

namespace wf::liquid {
namespace {

Datum join(Call& call) {
  const std::string_view glue = call.has(0) ? call.argument_text(0) : " ";
  TextBuilder out(call.scratch);
  const Array items = items_of(call.input, call.scratch);
  for (std::size_t n = 0; n < items.size(); ++n) {
    if (n > 0) out.add(glue);
    append_text(out, items[n], call.scratch);
  }
  return call.scratch.text(out.take());
}

Datum first(Call& call) {
  return first_of(call.input, call.scratch);
}

Datum last(Call& call) {
  return last_of(call.input, call.scratch);
}

Datum size(Call& call) {
  return Datum::integer(static_cast<Wide>(size_of(call.input)));
}

Datum concat(Call& call) {
  const Datum other = call.argument(0);
  if (!other.is(Type::array)) throw Fault{"`concat` takes an array"};
  Array items = items_of(call.input, call.scratch);
  call.scratch.work(other.as_array().size());
  items.insert(items.end(), other.as_array().begin(), other.as_array().end());
  return call.scratch.array(std::move(items));
}

Datum reverse(Call& call) {
  Array items = items_of(call.input, call.scratch);
  std::reverse(items.begin(), items.end());
  return call.scratch.array(std::move(items));
}

/// The property of each item, or the items when none was named; nothing when an item has no properties.
std::optional<Array> keys_of(Call& call, const Array& items) {
  if (call.argument(0).is_nil()) return items;
  Array keys;
  for (const Datum& item : items) {
    const Property property = property_of(item, call.argument(0), call.scratch);
    if (!property.has_properties) return {};
    keys.push_back(property.value);
  }
  return keys;
}

Datum map(Call& call) {
  Array out;
  for (const Datum& item : items_of(call.input, call.scratch))
    out.push_back(property_of(item, call.argument(0), call.scratch).value);
  return call.scratch.array(std::move(out));
}

Datum compact(Call& call) {
  const Array items = items_of(call.input, call.scratch);
  const auto keys = keys_of(call, items);
  if (!keys) return {};
  Array out;
  for (std::size_t n = 0; n < items.size(); ++n) {
    if (!(*keys)[n].is_nil()) out.push_back(items[n]);
  }
  return call.scratch.array(std::move(out));
}

Datum uniq(Call& call) {
  const Array items = items_of(call.input, call.scratch);
  const auto keys = keys_of(call, items);
  if (!keys) return {};
  std::unordered_set<std::string> seen;
  std::size_t bytes = 0;
  Array out;
  for (std::size_t n = 0; n < items.size(); ++n) {
    TextBuilder key(call.scratch);
    append_inspected(key, (*keys)[n], call.scratch);
    std::string text = key.take();
    bytes += text.size();
    if (bytes > call.scratch.memory_left()) call.scratch.charge(bytes);
    if (seen.insert(std::move(text)).second) out.push_back(items[n]);
  }
  return call.scratch.array(std::move(out));
}

int order(const Datum& a, const Datum& b, Scratch& scratch) {
  scratch.work(1);
  if (a.is_nil() || b.is_nil()) return static_cast<int>(a.is_nil()) - static_cast<int>(b.is_nil());
  if (a.is(Type::integer) && b.is(Type::integer))
    return a.as_integer() < b.as_integer() ? -1 : a.as_integer() > b.as_integer();
  if (a.is_number() && b.is_number()) return compare(to_number(a), to_number(b));
  if (a.is(Type::text) && b.is(Type::text)) {
    scratch.read(a.as_text());
    return a.as_text().compare(b.as_text());
  }
  if (!equals(a, b, scratch)) throw Fault{"values of different types cannot be sorted"};
  return 0;
}

int natural_order(const Datum& a, const Datum& b, Scratch& scratch) {
  scratch.work(1);
  if (a.is_nil() || b.is_nil()) return static_cast<int>(a.is_nil()) - static_cast<int>(b.is_nil());
  const std::string_view x = a.as_text(), y = b.as_text();
  scratch.read(x);
  const auto less = [](char c, char d) {
    return static_cast<unsigned char>(lower(c)) < static_cast<unsigned char>(lower(d));
  };
  if (std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end(), less)) return -1;
  return std::lexicographical_compare(y.begin(), y.end(), x.begin(), x.end(), less) ? 1 : 0;
}

template <int (*order_of)(const Datum&, const Datum&, Scratch&)>
Datum sorted(Call& call, const Array& items, const Array& keys) {
  std::vector<std::size_t> places(items.size());
  for (std::size_t n = 0; n < places.size(); ++n) places[n] = n;
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return order_of(keys[a], keys[b], call.scratch) < 0;
  });
  Array out;
  for (const std::size_t place : places) out.push_back(items[place]);
  return call.scratch.array(std::move(out));
}

Datum sort(Call& call) {
  const Array items = items_of(call.input, call.scratch);
  const auto keys = keys_of(call, items);
  return keys ? sorted<order>(call, items, *keys) : Datum();
}

Datum sort_natural(Call& call) {
  const Array items = items_of(call.input, call.scratch);
  auto keys = keys_of(call, items);
  if (!keys) return {};
  for (Datum& key : *keys) {
    if (!key.is_nil()) key = Datum::text(text_of(key, call.scratch));
  }
  return sorted<natural_order>(call, items, *keys);
}

Datum sum(Call& call) {
  const auto keys = keys_of(call, items_of(call.input, call.scratch));
  if (!keys) throw Fault{"an item has no properties that could be added"};
  Number total;
  for (const Datum& key : items_of(call.scratch.array(*keys), call.scratch))
    total = add(total, to_number(key));
  return to_datum(total);
}

constexpr FilterRow kRows[] = {
    {"compact", 0, 1, compact}, {"concat", 1, 1, concat},
    {"first", 0, 0, first},     {"join", 0, 1, join},
    {"last", 0, 0, last},       {"map", 1, 1, map},
    {"reverse", 0, 0, reverse}, {"size", 0, 0, size},
    {"sort", 0, 1, sort},       {"sort_natural", 0, 1, sort_natural},
    {"sum", 0, 1, sum},         {"uniq", 0, 1, uniq},
};

}  // namespace

std::span<const FilterRow> list_filters() {
  return kRows;
}

}  // namespace wf::liquid
