// The head of an HTTP answer as bytes.
#pragma once

#include <string>

#include "runtime/http/server.hpp"

namespace wf::http {

/// Status line and header fields up to the empty line. A header that could break out of its line, or that
/// only the server itself may set (Content-Length, Transfer-Encoding, Connection, Content-Type), makes the
/// answer an empty 500: `response` is changed to it.
std::string format_head(Response& response, bool keep_alive);

/// `{"error": "<message>"}` with the status; `message` is a constant of the program.
Response error_response(int status, const std::string& message);

}  // namespace wf::http
