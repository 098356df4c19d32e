#include "grammar/text/suggest.hpp"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "grammar/text/result.hpp"

namespace wf::text {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string normalised(const icu::Normalizer2* (*form)(UErrorCode&), std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = form(status);
  WF_ASSERT(U_SUCCESS(status));
  const auto size = static_cast<std::int32_t>(text.size());
  const icu::UnicodeString result =
      normalizer->normalize(icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), size)), status);
  std::string out;
  result.toUTF8String(out);
  return out;
}

std::u32string code_points(const std::string& utf8) {
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(utf8);
  std::u32string out;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    out.push_back(static_cast<char32_t>(text.char32At(i)));
  }
  return out;
}

}  // namespace

std::size_t edit_distance(std::u32string_view a, std::u32string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

std::vector<std::string> suggest(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr std::size_t kMost = 3;
  const std::u32string wanted = code_points(fold(name));
  const std::size_t limit = std::max<std::size_t>(1, wanted.size() / 3);
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& candidate : candidates) {
    const std::u32string other = code_points(fold(candidate));
    const std::size_t longer = std::max(wanted.size(), other.size());
    if (longer - std::min(wanted.size(), other.size()) > limit) continue;
    const std::size_t distance = edit_distance(wanted, other);
    if (distance <= limit) near.emplace_back(distance, candidate);
  }
  std::sort(near.begin(), near.end());
  near.erase(std::unique(near.begin(), near.end()), near.end());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < near.size() && i < kMost; ++i) out.push_back(near[i].second);
  return out;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::vector<std::string> near = suggest(name, candidates);
  if (near.empty()) return {};
  std::string out = "did you mean `" + near[0] + "`";
  for (std::size_t i = 1; i < near.size(); ++i) {
    out += (i + 1 == near.size() ? " or `" : ", `") + near[i] + "`";
  }
  return out + "?";
}

std::string nfc(std::string_view name) {
  if (is_ascii(name)) return std::string(name);
  return normalised(&icu::Normalizer2::getNFCInstance, name);
}

std::string fold(std::string_view text) {
  if (!is_ascii(text)) return normalised(&icu::Normalizer2::getNFKCCasefoldInstance, text);
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace wf::text
