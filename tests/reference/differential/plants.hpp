// Defects that are planted on purpose: the differential run must find each of them.
#pragma once

#include <string_view>
#include <vector>

#include "tests/reference/differential/examine.hpp"

namespace wf::reference {

struct NamedPlant {
  std::string_view name, what;
  Plant plant = nullptr;
  FalseClaim claim = nullptr;
};
const std::vector<NamedPlant>& plants();
const NamedPlant* find_plant(std::string_view name);

}  // namespace wf::reference
