// Channel: the door through which an effect leaves the daemon. One channel per file.
//
// A channel is told what to deliver and answers once per delivery, from any thread. It never decides whether
// something may be sent: that was decided, durably, before.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grammar/text/result.hpp"

namespace wf::channels {

struct Mail {
  std::string key;  ///< the effect's key; the Message-ID is made from it
  std::string from_name, from_address;
  std::string to_name, to_address;
  std::string reply_to;
  std::string subject;
  std::string text, html;                                    ///< at least one is not empty
  std::vector<std::pair<std::string, std::string>> headers;  ///< List-Unsubscribe …
  std::int64_t date = 0;                                     ///< microseconds
};

struct Call {       ///< a webhook call
  std::string key;  ///< sent as webhook-id and Idempotency-Key
  std::string url;
  std::string secret;          ///< `whsec_…` (base64) or raw; empty: unsigned
  std::string body;            ///< JSON
  std::int64_t timestamp = 0;  ///< microseconds; sent as webhook-timestamp in seconds
};

enum class Outcome : std::uint8_t {
  delivered,  ///< the other side has taken it
  retry,      ///< try again later: no connection, timeout, 4xx of SMTP, 429 or 5xx of HTTP
  refused,    ///< it will never take it: 5xx of SMTP, 4xx of HTTP
  uncertain,  ///< the connection broke after everything was sent: it may have been taken
};

struct Answer {
  Outcome outcome = Outcome::retry;
  std::string detail;  ///< for people: "550 no such user"
  int status = 0;      ///< SMTP or HTTP code, 0 without one
  std::string body;    ///< of an HTTP answer, at most 1 MiB
  /// Seconds for which the receiver asked to be left alone (Retry-After); 0: it did not.
  std::int64_t retry_after = 0;
};

using Done = std::function<void(Answer)>;

class MailChannel {
 public:
  virtual ~MailChannel() = default;
  /// Calls `done` exactly once, on any thread, possibly before returning.
  virtual void send(Mail mail, Done done) = 0;
  /// True when sending the same key twice is harmless because the receiver drops the second: nothing is then
  /// ever held as uncertain.
  virtual bool idempotent() const = 0;
};

class CallChannel {
 public:
  virtual ~CallChannel() = default;
  virtual void call(Call call, Done done) = 0;
};

/// Mails as `.eml` files in `folder` (created when absent), one per key: a second delivery of a key changes
/// nothing. Written under a temporary name, synced, then linked to `<key>.eml` (`:` becomes `-`).
std::unique_ptr<MailChannel> make_folder_channel(const std::string& folder);

/// Mails that go nowhere, for rehearsals of a project and for measurements: everything else happens.
std::unique_ptr<MailChannel> make_discard_channel();

struct SmtpOptions {
  std::string url;  ///< smtp://host:port or smtps://…
  std::string user, password;
  bool require_tls = false;
  int connections = 4;
  int timeout_seconds = 30;
};
/// SMTP through libcurl, a thread for each of at most `connections` connections, one recipient per message. A
/// 5xx reply to MAIL, RCPT, DATA or the message is `refused`; one to the greeting, HELO, STARTTLS or AUTH is
/// `retry`: it is about the session, and no mail may be lost by a changed password. Destruction answers what
/// waits with `retry` ("shutting down") and gives running transfers 2 seconds.
std::unique_ptr<MailChannel> make_smtp_channel(const SmtpOptions& options);

struct WebhookOptions {
  int connections = 256;  ///< far more than dead hosts may hold before they are noticed
  int per_host = 8;
  int timeout_seconds = 30;
  bool allow_private = false;  ///< loopback and private addresses, any port; needed for local receivers
  std::vector<int> public_ports = {80, 443, 8443};
};
/// HTTP POST with a Standard Webhooks signature, redirects never followed, answers limited to 1 MiB. Never
/// `uncertain`: a call without an answer is `retry`, because its key makes the repetition harmless. An
/// address that is not public, and a URL that is not http(s), are `refused`; a secret that cannot be decoded
/// is `retry`.
std::unique_ptr<CallChannel> make_webhook_channel(const WebhookOptions& options);

/// The message as sent: RFC 5322 with MIME, UTF-8 subjects RFC 2047 encoded, bodies quoted-printable or
/// base64, lines at most 998 bytes. Error `invalid` when a name, address or header holds a control character
/// or is not UTF-8, an address is not an ASCII addr-spec (no comments, no domain literals), an extra header
/// is one that the writer or the mail system sets (From, Bcc, Received, Content-…) or is longer than 900
/// bytes, or both bodies are empty.
Result<std::string> format_mail(const Mail& mail);
/// "<key@host>" with characters outside atext replaced; stable for a key.
std::string message_id(const std::string& key, const std::string& from_address);

/// `v1,<base64 HMAC-SHA256(id.timestamp.body)>` of Standard Webhooks 1.0.0; "" when a `whsec_` secret is not
/// base64.
std::string sign_webhook(const std::string& secret, const std::string& id, std::int64_t timestamp_seconds,
                         const std::string& body);

}  // namespace wf::channels
