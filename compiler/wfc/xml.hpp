// XML as far as JUnit reports need it.
#pragma once

#include <string>
#include <string_view>

namespace wf::wfc {

/// A text as content or in quotes. Control characters, which XML cannot hold, become `?`.
std::string xml(std::string_view text);
/// ` name="value"`.
std::string attribute(const char* name, std::string_view value);

}  // namespace wf::wfc
