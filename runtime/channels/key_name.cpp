#include "runtime/channels/key_name.hpp"

#include <sodium.h>

#include <array>

namespace wf::channels {
namespace {

constexpr std::size_t kMaxKept = 120;

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_inner_dot(std::string_view key, std::size_t at) {
  return key[at] == '.' && at > 0 && at + 1 < key.size() && is_alnum(key[at - 1]) && is_alnum(key[at + 1]);
}

std::string digest(std::string_view key) {
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                     nullptr, 0);
  std::array<char, 2 * hash.size() + 1> hex{};
  return sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
}

}  // namespace

std::string key_name(std::string_view key) {
  const std::string_view kept = key.substr(0, kMaxKept);
  bool exact = kept.size() == key.size() && !key.empty();
  std::string name;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const char c = kept[i];
    if (c == ':') {
      name += '-';
    } else if (is_alnum(c) || c == '-' || c == '_' || c == '+' || c == '=' || is_inner_dot(kept, i)) {
      name += c;
    } else {
      name += '_';
      exact = false;
    }
  }
  return exact ? name : name + '-' + digest(key);
}

}  // namespace wf::channels
