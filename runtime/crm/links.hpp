// Tokens in links that leave the daemon: signed, so that nobody can make or change one, and readable only by
// it.
//
// A token is base64url(payload, HMAC-SHA256 truncated to 128 bits). The purpose is part of what is signed: a
// token of one kind is nothing for another. Thread-safe after construction.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/text/result.hpp"

namespace wf::crm {

class Links {
 public:
  using SigningKey = std::array<unsigned char, 32>;

  explicit Links(const SigningKey& key) : key_(key) {}
  /// With the key in `path`, which is made (random, mode 0600) when it is not there. Errors: invalid (others
  /// may read the file), corrupt (wrong size), io, full.
  static Result<Links> open(const std::string& path);

  /// Letters, digits, `-` and `_` only. `purpose` is a constant.
  std::string seal(std::string_view purpose, std::string_view payload) const;
  /// The payload; nothing when the token is not from `seal` with this key and purpose.
  std::optional<std::string> unseal(std::string_view purpose, std::string_view token) const;

 private:
  SigningKey key_;
};

/// What an unsubscribe link says: a record, and a topic or "" for all.
struct Unsubscription {
  std::uint64_t record = 0;
  std::string topic;
};
std::string unsubscribe_token(const Links& links, const Unsubscription& what);
std::optional<Unsubscription> read_unsubscribe_token(const Links& links, std::string_view token);

}  // namespace wf::crm
