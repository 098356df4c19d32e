// What the webhook channel asks about secrets before it signs with them.
#pragma once

#include <string>

namespace wf::channels {

/// False for a `whsec_` secret which is not base64, and for one that is empty.
bool is_signing_secret(const std::string& secret);

}  // namespace wf::channels
