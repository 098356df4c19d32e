#include "compiler/schema/secrets.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace wf::schema {
namespace {

using text::Code;
using text::Span;

struct TokenForm {
  std::string_view prefix;
  std::size_t at_least;  ///< characters behind the prefix
};
constexpr TokenForm kTokens[] = {
    {"AKIA", 16},   {"AIza", 35},  {"ghp_", 36},        {"gho_", 36},     {"ghu_", 36},     {"ghs_", 36},
    {"glpat-", 20}, {"npm_", 36},  {"SG.", 60},         {"sk_live_", 16}, {"rk_live_", 16}, {"xoxb-", 20},
    {"xoxp-", 20},  {"xapp-", 20}, {"github_pat_", 40}, {"pat-na1-", 36}, {"pat-eu1-", 36},
};
constexpr std::string_view kKeyHead = "-----BEGIN ";
constexpr std::string_view kKeyName = "PRIVATE KEY-----";

/// Names of query parameters whose values are secrets.
constexpr std::string_view kSecretNames[] = {"access_token",  "api_key",  "apikey", "auth_token",
                                             "client_secret", "password", "secret", "token"};
/// Shorter values are no secrets; shorter parts of a path say nothing by their letters.
constexpr std::size_t kShortestValue = 8, kShortestPart = 20;
constexpr double kLeastEntropy = 3.5;  // bits a character; words have about 3

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool in_token(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
}

void report_secret(Span span, text::DiagnosticSink& sink) {
  auto& d = sink.report(Code::secret_in_file, span, "a secret does not belong in a file");
  d.helps.push_back("name it as `secret.NAME` and give its value where the daemon runs");
}

std::size_t token_end(std::string_view content, std::size_t at) {
  while (at < content.size() && in_token(content[at])) ++at;
  return at;
}

/// Bits a character, by how often each occurs in it.
double entropy(std::string_view part) {
  std::array<int, 256> counts{};
  for (const char c : part) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    const double share = count / static_cast<double>(part.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

bool looks_random(std::string_view part) {
  return part.size() >= kShortestPart && std::any_of(part.begin(), part.end(), is_digit) &&
         std::any_of(part.begin(), part.end(), is_letter) && entropy(part) >= kLeastEntropy;
}

Span part_of(Span literal, std::size_t begin, std::size_t end) {
  const auto from = static_cast<std::uint32_t>(literal.begin + 1 + begin);
  return {literal.file, from, static_cast<std::uint32_t>(from + end - begin)};
}

/// `https://user:password@host`
bool has_password(std::string_view address, std::size_t& begin, std::size_t& end) {
  const std::size_t host = address.find("://");
  if (host == address.npos) return false;
  begin = host + 3;
  end = std::min(address.find('@', begin), address.size());
  const std::size_t path = address.find('/', begin);
  return end < address.size() && (path == address.npos || end < path) && address.find(':', begin) < end;
}

/// `?api_key=…`
bool has_secret_parameter(std::string_view address, std::size_t& begin, std::size_t& end) {
  for (std::size_t at = address.find('?'); at < address.size(); at = address.find('&', at + 1)) {
    const std::size_t equals = address.find('=', at);
    if (equals == address.npos) return false;
    const std::string_view name = address.substr(at + 1, equals - at - 1);
    begin = equals + 1;
    end = std::min(address.find_first_of("&#", begin), address.size());
    const bool secret =
        std::find(std::begin(kSecretNames), std::end(kSecretNames), name) != std::end(kSecretNames);
    if (secret && end - begin >= kShortestValue) return true;
  }
  return false;
}

}  // namespace

void report_tokens(text::FileId file, std::string_view content, text::DiagnosticSink& sink) {
  const auto span = [&](std::size_t begin, std::size_t end) {
    return Span{file, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  };
  for (const TokenForm& form : kTokens) {
    for (std::size_t at = content.find(form.prefix); at != content.npos;
         at = content.find(form.prefix, at + 1)) {
      if (at > 0 && in_token(content[at - 1])) continue;
      const std::size_t end = token_end(content, at);
      if (end - at >= form.prefix.size() + form.at_least) report_secret(span(at, end), sink);
    }
  }
  for (std::size_t at = content.find(kKeyHead); at != content.npos; at = content.find(kKeyHead, at + 1)) {
    const std::size_t line_end = std::min(content.find('\n', at), content.size());
    const std::size_t name = content.find(kKeyName, at);
    if (name < line_end) report_secret(span(at, name + kKeyName.size()), sink);
  }
}

void report_secret_address(std::string_view address, Span literal, text::DiagnosticSink& sink) {
  // With escapes the places in the text are not those in the file.
  const bool plain = literal.end - literal.begin == address.size() + 2;
  const auto place = [&](std::size_t begin, std::size_t end) {
    return plain ? part_of(literal, begin, end) : literal;
  };
  std::size_t begin = 0, end = 0;
  if (has_password(address, begin, end) || has_secret_parameter(address, begin, end))
    return report_secret(place(begin, end), sink);
  for (begin = 0; begin < address.size(); begin = end + 1) {
    end = std::min(address.find_first_of("/?&=#.:", begin), address.size());
    if (!looks_random(address.substr(begin, end - begin))) continue;
    auto& d = sink.report(Code::secret_in_file, text::Severity::warning, place(begin, end),
                          "this part of the address looks like a secret");
    d.helps.push_back("if it is one, write `url secret.NAME` and give the address where the daemon runs");
    return;
  }
}

}  // namespace wf::schema
