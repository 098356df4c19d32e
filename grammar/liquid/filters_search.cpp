// Filters that look for items: by a property that is not nil or false, or that has a value.
#include "grammar/liquid/filter_groups.hpp"
#include "grammar/liquid/lists.hpp"

namespace wf::liquid {
namespace {

enum class Match : std::uint8_t { no, yes, impossible };

Match match(Call& call, const Datum& item) {
  const Property property = property_of(item, call.argument(0), call.scratch);
  if (!property.has_properties) return Match::impossible;
  const Datum wanted = call.argument(1);
  const bool matches =
      wanted.is_nil() ? property.value.truthy() : equals(property.value, wanted, call.scratch);
  return matches ? Match::yes : Match::no;
}

/// The items that match, or those that do not; nil when one cannot be looked at.
Datum selected(Call& call, Match kept) {
  Array out;
  for (const Datum& item : items_of(call.input, call.scratch)) {
    const Match found = match(call, item);
    if (found == Match::impossible) return {};
    if (found == kept) out.push_back(item);
  }
  return call.scratch.array(std::move(out));
}

Datum where(Call& call) {
  return selected(call, Match::yes);
}

Datum reject(Call& call) {
  return selected(call, Match::no);
}

struct Found {
  Datum item;
  std::int64_t index = -1;
  bool is_impossible = false;
};

Found first_match(Call& call) {
  const Array items = items_of(call.input, call.scratch);
  for (std::size_t n = 0; n < items.size(); ++n) {
    const Match found = match(call, items[n]);
    if (found != Match::no) return {items[n], static_cast<std::int64_t>(n), found == Match::impossible};
  }
  return {};
}

Datum find(Call& call) {
  const Found found = first_match(call);
  return found.is_impossible ? Datum() : found.item;
}

Datum find_index(Call& call) {
  const Found found = first_match(call);
  return found.is_impossible || found.index < 0 ? Datum() : Datum::integer(found.index);
}

Datum has(Call& call) {
  const Found found = first_match(call);
  return found.is_impossible ? Datum() : Datum::boolean(found.index >= 0);
}

constexpr FilterRow kRows[] = {
    {"find", 1, 2, find},     {"find_index", 1, 2, find_index}, {"has", 1, 2, has},
    {"reject", 1, 2, reject}, {"where", 1, 2, where},
};

}  // namespace

std::span<const FilterRow> search_filters() {
  return kRows;
}

}  // namespace wf::liquid
