#include "runtime/crm/links.hpp"

#include <sodium.h>

#include <algorithm>

#include "grammar/value/codec.hpp"
#include "runtime/crm/small_file.hpp"

namespace wf::crm {

namespace {

constexpr std::size_t kMac = 16;
constexpr std::size_t kLongestToken = 2048;
constexpr std::string_view kUnsubscribe = "unsubscribe";

std::array<unsigned char, kMac> mac_of(const Links::SigningKey& key, std::string_view purpose,
                                       std::string_view payload) {
  std::string signed_text(purpose);
  signed_text += '\0';
  signed_text += payload;
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> whole{};
  static_assert(crypto_auth_hmacsha256_KEYBYTES == std::tuple_size_v<Links::SigningKey>);
  crypto_auth_hmacsha256(whole.data(), reinterpret_cast<const unsigned char*>(signed_text.data()),
                         signed_text.size(), key.data());
  std::array<unsigned char, kMac> mac{};
  std::copy_n(whole.begin(), kMac, mac.begin());
  return mac;
}

}  // namespace

Result<Links> Links::open(const std::string& path) {
  if (sodium_init() < 0) return Error{ErrorCode::io, "the random generator cannot be started"};
  SigningKey key{};
  const auto stored = read_file(path);
  if (!stored && stored.error().code != ErrorCode::not_found) return stored.error();
  if (!stored) {
    randombytes_buf(key.data(), key.size());
    const auto written = replace_file(path, {reinterpret_cast<const char*>(key.data()), key.size()});
    if (!written) return written.error();
    return Links(key);
  }
  if (!is_private_file(path)) return Error{ErrorCode::invalid, path + " may be read by others: chmod 600 it"};
  if (stored->size() != key.size()) return Error{ErrorCode::corrupt, path + " is not a key of this program"};
  std::copy(stored->begin(), stored->end(), key.begin());
  return Links(key);
}

std::string Links::seal(std::string_view purpose, std::string_view payload) const {
  const auto mac = mac_of(key_, purpose, payload);
  std::string bytes(payload);
  bytes.append(mac.begin(), mac.end());
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string token(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(token.data(), token.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  token.pop_back();  // the final NUL
  return token;
}

std::optional<std::string> Links::unseal(std::string_view purpose, std::string_view token) const {
  if (token.size() > kLongestToken) return std::nullopt;
  std::string bytes(token.size(), '\0');
  std::size_t length = 0;
  const int decoded =
      sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), token.data(),
                        token.size(), nullptr, &length, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (decoded != 0 || length < kMac) return std::nullopt;
  bytes.resize(length);
  const std::string payload = bytes.substr(0, length - kMac);
  const auto mac = mac_of(key_, purpose, payload);
  if (sodium_memcmp(mac.data(), bytes.data() + payload.size(), kMac) != 0) return std::nullopt;
  return payload;
}

std::string unsubscribe_token(const Links& links, const Unsubscription& what) {
  value::Writer out;
  out.u64(what.record);
  out.raw(what.topic);
  return links.seal(kUnsubscribe, out.str());
}

std::optional<Unsubscription> read_unsubscribe_token(const Links& links, std::string_view token) {
  const auto payload = links.unseal(kUnsubscribe, token);
  if (!payload) return std::nullopt;
  value::Reader in(*payload);
  Unsubscription what;
  what.record = in.u64();
  if (in.failed()) return std::nullopt;
  what.topic = in.raw(in.remaining());
  return what;
}

}  // namespace wf::crm
