// Filters that take texts apart, and those that fit no other group.
#include <algorithm>

#include "grammar/liquid/date.hpp"
#include "grammar/liquid/filter_groups.hpp"
#include "grammar/liquid/numbers.hpp"

namespace wf::liquid {
namespace {

constexpr std::size_t kMaxFormat = 1000;

struct Part {
  std::size_t begin = 0, size = 0;
};

/// `count` of `size` things from `first`, counted from the end when it is negative; none from outside.
Part part(std::int64_t first, std::int64_t count, std::size_t size) {
  const auto length = static_cast<std::int64_t>(size);
  if (first < 0) first = first < -length ? -1 : first + length;
  if (first < 0 || first > length || count < 0) return {};
  return {static_cast<std::size_t>(first), static_cast<std::size_t>(std::min(count, length - first))};
}

Datum slice(Call& call) {
  const std::int64_t first = to_whole(call.argument(0));
  const std::int64_t count = call.argument(1).is_nil() ? 1 : to_whole(call.argument(1));
  if (call.input.is(Type::array)) {
    const Array& items = call.input.as_array();
    const Part taken = part(first, count, items.size());
    const auto begin = items.begin() + static_cast<std::ptrdiff_t>(taken.begin);
    return call.scratch.array(Array(begin, begin + static_cast<std::ptrdiff_t>(taken.size)));
  }
  const std::string_view text = call.input_text();
  const Part taken = part(first, count, length_of(text));
  const std::string_view rest = text.substr(byte_of(text, taken.begin));
  return Datum::text(rest.substr(0, byte_of(rest, taken.size)));
}

Datum truncate(Call& call) {
  if (call.input.is_nil()) return {};
  const std::int64_t most = call.has(0) ? to_whole(call.argument(0)) : 50;
  const std::string_view end = call.has(1) ? call.argument_text(1) : "...";
  const std::string_view text = call.input_text();
  if (static_cast<std::int64_t>(length_of(text)) <= most) return Datum::text(text);
  const std::int64_t kept = most - static_cast<std::int64_t>(length_of(end));
  TextBuilder out(call.scratch);
  out.add(text.substr(0, byte_of(text, static_cast<std::size_t>(std::max<std::int64_t>(kept, 0)))));
  out.add(end);
  return call.scratch.text(out.take());
}

/// The next word; behind it, `text` starts with the one that follows.
std::string_view take_word(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && !is_space(text[size])) ++size;
  const std::string_view word = text.substr(0, size);
  text = strip_start(text.substr(size));
  return word;
}

Datum truncatewords(Call& call) {
  if (call.input.is_nil()) return {};
  const std::int64_t most = std::max<std::int64_t>(1, call.has(0) ? to_whole(call.argument(0)) : 15);
  const std::string_view end = call.has(1) ? call.argument_text(1) : "...";
  const std::string_view whole = call.input_text();
  std::string_view rest = strip_start(whole);
  std::string out;
  for (std::int64_t n = 0; n < most; ++n) {
    const std::string_view word = take_word(rest);
    const bool is_last = word.data() + word.size() == whole.data() + whole.size();
    if (word.empty() || is_last) return Datum::text(whole);
    if (n > 0) out += ' ';
    out += word;
  }
  out += end;
  return call.scratch.text(std::move(out));
}

Array words_of(std::string_view text) {
  Array words;
  for (std::string_view rest = strip_start(text); !rest.empty();)
    words.push_back(Datum::text(take_word(rest)));
  return words;
}

Array characters_of(std::string_view text) {
  Array characters;
  while (!text.empty()) {
    const std::size_t size = byte_of(text, 1);
    characters.push_back(Datum::text(text.substr(0, size)));
    text.remove_prefix(size);
  }
  return characters;
}

Array parts_of(std::string_view text, std::string_view separator) {
  Array parts;
  while (true) {
    const std::size_t found = find_part(text, separator);
    parts.push_back(Datum::text(text.substr(0, found)));
    if (found == text.npos) break;
    text.remove_prefix(found + separator.size());
  }
  while (!parts.empty() && parts.back().as_text().empty()) parts.pop_back();
  return parts;
}

Datum split(Call& call) {
  const std::string_view text = call.input_text();
  const std::string_view separator = call.argument_text(0);
  if (text.size() > call.scratch.memory_left() / sizeof(Datum))
    call.scratch.charge(text.size() * sizeof(Datum));
  call.scratch.work(text.size() / 4);
  if (separator == " ") return call.scratch.array(words_of(text));
  return call.scratch.array(separator.empty() ? characters_of(text) : parts_of(text, separator));
}

Datum or_default(Call& call) {
  const bool allows_false = call.keyword != nullptr && call.keyword->truthy();
  const bool is_missing = (allows_false ? call.input.is_nil() : !call.input.truthy()) || is_empty(call.input);
  if (!is_missing) return call.input;
  return call.has(0) ? call.argument(0) : Datum::text("");
}

Datum date(Call& call) {
  const std::string_view format = call.argument_text(0);
  if (format.empty()) return call.input;
  if (format.size() > kMaxFormat) throw Fault{"the format of a date is too long"};
  const std::optional<Moment> moment = moment_of(call.input, call.now);
  return moment ? call.scratch.text(formatted(*moment, format)) : call.input;
}

constexpr FilterRow kRows[] = {
    {"date", 1, 1, date},         {"default", 0, 2, or_default, "allow_false"},
    {"slice", 1, 2, slice},       {"split", 1, 1, split},
    {"truncate", 0, 2, truncate}, {"truncatewords", 0, 2, truncatewords},
};

}  // namespace

std::span<const FilterRow> part_filters() {
  return kRows;
}

}  // namespace wf::liquid
