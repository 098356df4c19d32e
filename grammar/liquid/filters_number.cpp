// Filters that reckon.
#include "grammar/liquid/filter_groups.hpp"
#include "grammar/liquid/numbers.hpp"

namespace wf::liquid {
namespace {

using Operation = Number (*)(const Number& a, const Number& b);
using Change = Number (*)(const Number& n);

template <Operation operation>
Datum reckon(Call& call) {
  return to_datum(operation(to_number(call.input), to_number(call.argument(0))));
}

template <Change change>
Datum changed(Call& call) {
  return to_datum(change(to_number(call.input)));
}

Number larger(const Number& a, const Number& b) {
  return compare(a, b) < 0 ? b : a;
}

Number smaller(const Number& a, const Number& b) {
  return compare(a, b) > 0 ? b : a;
}

Datum rounded(Call& call) {
  const Number places = to_number(call.argument(0));
  const Wide whole = (places.mantissa < 0 ? ceiling(places) : floor(places)).mantissa;
  const auto limited = static_cast<std::int64_t>(whole < -1000 ? -1000 : whole > 1000 ? 1000 : whole);
  return to_datum(round(to_number(call.input), limited));
}

constexpr FilterRow kRows[] = {
    {"abs", 0, 0, changed<absolute>},     {"at_least", 1, 1, reckon<larger>},
    {"at_most", 1, 1, reckon<smaller>},   {"ceil", 0, 0, changed<ceiling>},
    {"divided_by", 1, 1, reckon<divide>}, {"floor", 0, 0, changed<floor>},
    {"minus", 1, 1, reckon<subtract>},    {"modulo", 1, 1, reckon<modulo>},
    {"plus", 1, 1, reckon<add>},          {"round", 0, 1, rounded},
    {"times", 1, 1, reckon<multiply>},
};

}  // namespace

std::span<const FilterRow> number_filters() {
  return kRows;
}

}  // namespace wf::liquid
