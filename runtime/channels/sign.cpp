#include "runtime/channels/sign.hpp"

#include <sodium.h>

#include <array>
#include <optional>
#include <string_view>

#include "runtime/channels/channel.hpp"

namespace wf::channels {
namespace {

constexpr std::string_view kPrefix = "whsec_";

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  for (const int variant : {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING}) {
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &length, &end, variant) == 0 &&
        end == text.data() + text.size()) {
      bytes.resize(length);
      return bytes;
    }
  }
  return std::nullopt;
}

std::optional<std::string> signing_key(const std::string& secret) {
  if (!secret.starts_with(kPrefix)) return secret;
  return decode_base64(std::string_view(secret).substr(kPrefix.size()));
}

}  // namespace

bool is_signing_secret(const std::string& secret) {
  const auto key = signing_key(secret);
  return key && !key->empty();
}

std::string sign_webhook(const std::string& secret, const std::string& id, std::int64_t timestamp_seconds,
                         const std::string& body) {
  const auto key = signing_key(secret);
  if (!key) return {};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key->data()), key->size());
  auto feed = [&](std::string_view part) {
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  };
  feed(id + '.' + std::to_string(timestamp_seconds) + '.');
  feed(body);
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_final(&state, mac.data());
  std::array<char, sodium_base64_ENCODED_LEN(mac.size(), sodium_base64_VARIANT_ORIGINAL)> text{};
  sodium_bin2base64(text.data(), text.size(), mac.data(), mac.size(), sodium_base64_VARIANT_ORIGINAL);
  return std::string("v1,") + text.data();
}

}  // namespace wf::channels
