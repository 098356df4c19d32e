// "Did you mean": names close to a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wf::text {

/// Damerau-Levenshtein distance (optimal string alignment) on code points.
std::size_t edit_distance(std::u32string_view a, std::u32string_view b);

/// At most 3 of `candidates` within max(1, length/3) edits of `name` after NFKC and case folding, nearest
/// first, ties alphabetical. The caller passes only names of the right kind that are in scope.
std::vector<std::string> suggest(std::string_view name, const std::vector<std::string>& candidates);

/// "did you mean `a`?" / "did you mean `a` or `b`?", or empty without suggestions.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

/// NFC form of a name: what names are compared by. NFKC + case folding: what text is compared by.
std::string nfc(std::string_view name);
std::string fold(std::string_view text);

}  // namespace wf::text
