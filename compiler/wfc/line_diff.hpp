// The difference of two texts by lines, as `diff -u` shows it.
#pragma once

#include <string>
#include <string_view>

namespace wf::wfc {

/// Hunks with three lines around each change under `--- a/PATH` and `+++ b/PATH`, which `patch -p1` takes;
/// empty when the texts are the same.
/// Algorithm: E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986; texts that differ in more
/// than a thousand lines are shown as one replacement.
std::string line_diff(const std::string& path, std::string_view before, std::string_view after);

}  // namespace wf::wfc
