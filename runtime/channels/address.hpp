// Mail addresses, strictly: the addr-spec of RFC 5322 without comments, white space, obsolete forms and
// domain literals, in ASCII.
#pragma once

#include <string>
#include <string_view>

#include "grammar/text/result.hpp"

namespace wf::channels {

/// Error `invalid`, naming `field`, when `address` is not such an address or is too long for SMTP.
Result<void> check_address(std::string_view field, std::string_view address);

/// The part after the last `@`; "" without one.
std::string_view address_domain(std::string_view address);

}  // namespace wf::channels
