// format_mail: the header fields, their checks, and the parts around the encoded bodies.
#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "runtime/channels/address.hpp"
#include "runtime/channels/channel.hpp"
#include "runtime/channels/key_name.hpp"
#include "runtime/channels/mime.hpp"
#include "runtime/log/text.hpp"

namespace wf::channels {
namespace {

// A List-Unsubscribe line that is folded has broken DKIM signatures elsewhere; so lines stay whole and short.
constexpr std::size_t kMaxExtraHeader = 900;

Error invalid(std::string message) {
  return {ErrorCode::invalid, std::move(message)};
}

/// Header values: one line of UTF-8.
Result<void> check_value(std::string_view field, std::string_view value) {
  const bool control = std::any_of(value.begin(), value.end(), is_control);
  if (control) return invalid(std::string(field) + " holds a line break or another control character");
  if (!is_utf8(value)) return invalid(std::string(field) + " is not UTF-8");
  return {};
}

/// Fields that only the writer itself sets, or the mail system.
bool is_reserved(std::string_view name) {
  static constexpr std::string_view kReserved[] = {
      "from",       "sender",   "to",      "cc",          "bcc",          "date",          "reply-to",
      "message-id", "received", "subject", "return-path", "mime-version", "dkim-signature"};
  const std::string key = ascii_lower(name);
  return key.starts_with("content-") || key.starts_with("resent-") ||
         std::find(std::begin(kReserved), std::end(kReserved), key) != std::end(kReserved);
}

Result<void> check_extra(const std::string& name, const std::string& value) {
  const bool token = !name.empty() && std::all_of(name.begin(), name.end(),
                                                  [](char c) { return c > 0x20 && c <= 0x7E && c != ':'; });
  if (!token) return invalid("a header name is empty or holds other than visible ASCII");
  if (is_reserved(name)) return invalid("the header " + name + " cannot be set");
  if (const auto ok = check_value("the header " + name, value); !ok) return ok;
  if (name.size() + value.size() > kMaxExtraHeader) {
    return invalid("the header " + name + " is longer than " + std::to_string(kMaxExtraHeader) + " bytes");
  }
  return {};
}

Result<void> check_mail(const Mail& mail) {
  const std::pair<std::string_view, const std::string&> values[] = {{"the sender's name", mail.from_name},
                                                                    {"the recipient's name", mail.to_name},
                                                                    {"the subject", mail.subject}};
  for (const auto& [field, value] : values) {
    if (const auto ok = check_value(field, value); !ok) return ok;
  }
  if (const auto ok = check_address("the sender's address", mail.from_address); !ok) return ok;
  if (const auto ok = check_address("the recipient's address", mail.to_address); !ok) return ok;
  if (!mail.reply_to.empty()) {
    if (const auto ok = check_address("the reply address", mail.reply_to); !ok) return ok;
  }
  for (const auto& [name, value] : mail.headers) {
    if (const auto ok = check_extra(name, value); !ok) return ok;
  }
  if (mail.text.empty() && mail.html.empty()) return invalid("the mail has no body");
  if (!is_utf8(mail.text) || !is_utf8(mail.html)) return invalid("the body is not UTF-8");
  return {};
}

std::string two_digits(long long number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

/// RFC 5322 date-time in UTC.
std::string format_date(std::int64_t micros) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  using namespace std::chrono;
  const sys_time<microseconds> instant{microseconds(micros)};
  const auto midnight = floor<days>(instant);
  const year_month_day date(midnight);
  const hh_mm_ss time(floor<seconds>(instant - midnight));
  return std::string(kDays[weekday(midnight).c_encoding()]) + ", " + two_digits(unsigned{date.day()}) + ' ' +
         kMonths[unsigned{date.month()} - 1] + ' ' + std::to_string(int{date.year()}) + ' ' +
         two_digits(time.hours().count()) + ':' + two_digits(time.minutes().count()) + ':' +
         two_digits(time.seconds().count()) + " +0000";
}

/// `Name: display <address>`, folded before the address so that no line grows past the limit.
std::string mailbox_line(std::string_view field, std::string_view name, std::string_view address) {
  std::string line = std::string(field) + ": ";
  if (name.empty()) return line + std::string(address) + "\r\n";
  line += encode_display_name(name);
  const bool fold = line.size() + address.size() > 72;
  return line + (fold ? "\r\n <" : " <") + std::string(address) + ">\r\n";
}

std::string header_lines(const Mail& mail) {
  std::string out = "Date: " + format_date(mail.date) + "\r\n";
  out += mailbox_line("From", mail.from_name, mail.from_address);
  out += mailbox_line("To", mail.to_name, mail.to_address);
  if (!mail.reply_to.empty()) out += mailbox_line("Reply-To", {}, mail.reply_to);
  out += "Subject: " + encode_header_text(mail.subject) + "\r\n";
  out += "Message-ID: " + message_id(mail.key, mail.from_address) + "\r\n";
  for (const auto& [name, value] : mail.headers) out += name + ": " + encode_header_text(value) + "\r\n";
  return out + "MIME-Version: 1.0\r\n";
}

}  // namespace

std::string message_id(const std::string& key, const std::string& from_address) {
  const bool valid = check_address("", from_address).ok();
  const std::string host = valid ? ascii_lower(address_domain(from_address)) : "localhost";
  return '<' + key_name(key) + '@' + host + '>';
}

Result<std::string> format_mail(const Mail& mail) {
  if (const auto ok = check_mail(mail); !ok) return ok.error();
  std::string message = header_lines(mail);
  if (mail.html.empty()) return message + encode_text_part("plain", mail.text);
  if (mail.text.empty()) return message + encode_text_part("html", mail.html);
  // "=_" occurs in no quoted-printable and in no base64 line, so the boundary cannot occur in a part.
  const std::string boundary = "=_wf_alternative";
  message += "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n";
  message += "--" + boundary + "\r\n" + encode_text_part("plain", mail.text);
  message += "--" + boundary + "\r\n" + encode_text_part("html", mail.html);
  return message + "--" + boundary + "--\r\n";
}

}  // namespace wf::channels
