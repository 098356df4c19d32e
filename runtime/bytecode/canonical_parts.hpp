// Internal to the canonical text: how names and numbers are written.
#pragma once

#include <string>
#include <string_view>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode::canonical {

template <class T>
std::string number(T n) {
  return std::to_string(static_cast<std::int64_t>(n));
}

template <class Items>
std::string name_of(const Items& items, std::uint32_t index) {
  return index == kNone ? "-" : items[index].name;
}

std::string quoted(std::string_view text);
std::string template_text(const Template& t);
std::string hours_text(const std::vector<value::WeeklyWindow>& hours);

}  // namespace wf::bytecode::canonical
