#include "runtime/channels/address.hpp"

#include <algorithm>

namespace wf::channels {
namespace {

// RFC 5321 4.5.3.1: local part, domain, and the path without its angle brackets.
constexpr std::size_t kMaxLocal = 64;
constexpr std::size_t kMaxAddress = 254;
constexpr std::size_t kMaxLabel = 63;

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_atext(char c) {
  return is_alnum(c) ||
         (c != '\0' && std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos);
}

/// Calls `accepts` for each piece between the dots.
template <class Accepts>
bool all_pieces(std::string_view text, Accepts accepts) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!accepts(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_dot_atom(std::string_view text) {
  return all_pieces(text, [](std::string_view atom) {
    return !atom.empty() && std::all_of(atom.begin(), atom.end(), is_atext);
  });
}

bool is_quoted_string(std::string_view text) {
  if (text.size() < 3 || text.front() != '"' || text.back() != '"') return false;
  const std::string_view inner = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    const bool escaped = inner[i] == '\\';
    if (escaped) ++i;
    if (i == inner.size() || inner[i] < 0x20 || inner[i] > 0x7E) return false;
    if (!escaped && inner[i] == '"') return false;
  }
  return true;
}

bool is_domain(std::string_view text) {
  return all_pieces(text, [](std::string_view label) {
    return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
  });
}

}  // namespace

std::string_view address_domain(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

Result<void> check_address(std::string_view field, std::string_view address) {
  auto invalid = [&](const char* why) { return Error{ErrorCode::invalid, std::string(field) + ' ' + why}; };
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return invalid("is not an address: no @");
  if (address.size() > kMaxAddress || at > kMaxLocal) return invalid("is longer than an address may be");
  if (std::any_of(address.begin(), address.end(), [](char c) { return c < 0; })) {
    return invalid("holds characters outside ASCII: write the domain in its xn-- form");
  }
  const std::string_view local = address.substr(0, at);
  if (!is_dot_atom(local) && !is_quoted_string(local))
    return invalid("is not an address: bad part before the @");
  if (!is_domain(address.substr(at + 1))) return invalid("is not an address: bad domain");
  return {};
}

}  // namespace wf::channels
