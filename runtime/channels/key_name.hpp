// Names made from effect keys: file names and the left side of Message-IDs.
#pragma once

#include <string>
#include <string_view>

namespace wf::channels {

/// `key` with `:` as `-`. Other characters than letters, digits, `-`, `_`, `+`, `=` and inner single dots
/// become
/// `_`, and then, or when it was empty or longer than 120 bytes, a digest of the key is appended. So the name
/// is a dot-atom, a safe file name, never empty and stable.
std::string key_name(std::string_view key);

}  // namespace wf::channels
