// Which addresses a webhook may not reach: everything that is not a public unicast address.
#pragma once

#include <sys/socket.h>

namespace wf::channels {

/// True for loopback, private, link-local, shared, benchmarking, multicast and reserved addresses, for IPv6
/// forms that carry an IPv4 address (mapped ones are judged by it), and for every other address family.
bool is_private_address(const sockaddr* address);

}  // namespace wf::channels
