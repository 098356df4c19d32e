#include "runtime/http/response.hpp"

#include <algorithm>

#include "runtime/log/log.hpp"
#include "runtime/log/text.hpp"

namespace wf::http {
namespace {

struct Reason {
  int status;
  const char* text;
};

constexpr Reason kReasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {507, "Insufficient Storage"},
};

const char* reason(int status) {
  const auto* found = std::find_if(std::begin(kReasons), std::end(kReasons),
                                   [&](const Reason& row) { return row.status == status; });
  return found == std::end(kReasons) ? "Status" : found->text;
}

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool is_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; });
}

bool is_own_field(std::string_view name) {
  const std::string key = ascii_lower(name);
  return key == "content-length" || key == "transfer-encoding" || key == "connection" ||
         key == "content-type";
}

bool is_sound(const Response& response) {
  if (response.status < 200 || response.status > 599 || !is_value(response.content_type)) return false;
  return std::all_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    return !header.first.empty() &&
           std::all_of(header.first.begin(), header.first.end(), is_name_character) &&
           !is_own_field(header.first) && is_value(header.second);
  });
}

}  // namespace

std::string format_head(Response& response, bool keep_alive) {
  if (!is_sound(response)) {
    log::error("a handler answered with an impossible status or header", {{"status", response.status}});
    response = Response{500, "", "", {}};
  }
  const bool bodiless = response.status == 204 || response.status == 304;
  if (bodiless) response.body.clear();
  std::string head;
  head.reserve(160);
  head += "HTTP/1.1 " + std::to_string(response.status) + ' ' + reason(response.status) + "\r\n";
  if (!response.body.empty() && !response.content_type.empty()) {
    head += "Content-Type: " + response.content_type + "\r\n";
  }
  if (!bodiless) head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
  return head + (keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
}

Response error_response(int status, const std::string& message) {
  return {status, "application/json", "{\"error\": \"" + message + "\"}\n", {}};
}

}  // namespace wf::http
