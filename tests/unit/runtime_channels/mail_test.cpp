#include <catch2/catch.hpp>
#include <sstream>

#include "runtime/channels/channel.hpp"

using namespace wf::channels;

namespace {

Mail sample() {
  Mail mail;
  mail.key = "wf:eu:3:77:2:0";
  mail.from_name = "Example News";
  mail.from_address = "news@example.com";
  mail.to_address = "kay@example.net";
  mail.subject = "Hello";
  mail.text = "Hi\n";
  mail.date = 1'767'323'045'000'000;  // 2026-01-02 03:04:05 UTC
  return mail;
}

std::string formatted(const Mail& mail) {
  const auto text = format_mail(mail);
  INFO((text ? std::string() : text.error().message));
  REQUIRE(text.ok());
  return *text;
}

std::string refusal(const Mail& mail) {
  const auto text = format_mail(mail);
  REQUIRE_FALSE(text.ok());
  CHECK(text.error().code == wf::ErrorCode::invalid);
  return text.error().message;
}

std::string header_of(const std::string& message, const std::string& name) {
  const std::size_t start = message.find("\r\n" + name + ": ");
  if (start == std::string::npos) return {};
  const std::size_t value = start + 2 + name.size() + 2;
  std::size_t end = message.find("\r\n", value);
  while (message.compare(end, 3, "\r\n ") == 0) end = message.find("\r\n", end + 2);
  return message.substr(value, end - value);
}

/// Longest line, and that every line ends with CRLF and nothing else breaks one.
std::size_t longest_line(const std::string& message) {
  std::size_t longest = 0;
  std::size_t start = 0;
  while (start < message.size()) {
    const std::size_t end = message.find_first_of("\r\n", start);
    REQUIRE(end != std::string::npos);
    REQUIRE(message.compare(end, 2, "\r\n") == 0);
    longest = std::max(longest, end - start);
    start = end + 2;
  }
  return longest;
}

}  // namespace

TEST_CASE("a plain mail, to the letter") {
  CHECK(formatted(sample()) ==
        "Date: Fri, 02 Jan 2026 03:04:05 +0000\r\n"
        "From: Example News <news@example.com>\r\n"
        "To: kay@example.net\r\n"
        "Subject: Hello\r\n"
        "Message-ID: <wf-eu-3-77-2-0@example.com>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "Hi\r\n");
}

TEST_CASE("text and HTML become alternatives, the richer one last") {
  Mail mail = sample();
  mail.html = "<p>Hi</p>";
  const std::string message = formatted(mail);
  const std::string mark = "\r\n--=_wf_alternative\r\n";
  const std::size_t first = message.find(mark);
  const std::size_t second = message.find(mark, first + 1);
  REQUIRE(second != std::string::npos);
  CHECK(message.find("text/plain", first) < second);
  CHECK(message.find("text/html", second) != std::string::npos);
  CHECK(message.ends_with("<p>Hi</p>\r\n--=_wf_alternative--\r\n"));
}

TEST_CASE("a body that imitates the boundary cannot end the part") {
  Mail mail = sample();
  mail.text = "--=_wf_alternative--\n";
  mail.html = "x";
  const std::string message = formatted(mail);
  CHECK(message.find("\r\n--=3D_wf_alternative--\r\n") != std::string::npos);
}

TEST_CASE("quoted-printable: spaces at the end, equals signs, long lines, line ends") {
  Mail mail = sample();
  mail.text = "a=b \r\n.x\rc\t\n" + std::string(100, 'y');
  const std::string message = formatted(mail);
  const std::string body = message.substr(message.find("\r\n\r\n") + 4);
  CHECK(body ==
        "a=3Db=20\r\n=2Ex\r\nc=09\r\n" + std::string(75, 'y') + "=\r\n" + std::string(25, 'y') + "\r\n");
}

TEST_CASE("Japanese goes out as base64 and encoded words") {
  Mail mail = sample();
  mail.subject = "春のお知らせ";
  mail.from_name = "株式会社例";
  mail.text = "こんにちは";
  const std::string message = formatted(mail);
  CHECK(header_of(message, "Subject") == "=?UTF-8?B?5pil44Gu44GK55+l44KJ44Gb?=");
  CHECK(header_of(message, "From") == "=?UTF-8?B?5qCq5byP5Lya56S+5L6L?= <news@example.com>");
  CHECK(message.ends_with("base64\r\n\r\n44GT44KT44Gr44Gh44GvDQo=\r\n"));
}

TEST_CASE("long subjects fold into words of at most 75 bytes that never cut a character") {
  Mail mail = sample();
  for (int i = 0; i < 100; ++i) mail.subject += "あ🙂";
  const std::string value = header_of(formatted(mail), "Subject");
  std::istringstream words(value);
  std::string word;
  while (words >> word) {
    CHECK(word.size() <= 75);
    CHECK(word.starts_with("=?UTF-8?B?"));
    CHECK(word.ends_with("?="));
  }
  CHECK(longest_line(formatted(mail)) <= 76);
}

TEST_CASE("text that looks like an encoded word, or ends with a space, is encoded") {
  Mail mail = sample();
  mail.subject = GENERATE("=?UTF-8?Q?fake?=", "trailing ", " leading");
  CHECK(header_of(formatted(mail), "Subject").starts_with("=?UTF-8?B?"));
}

TEST_CASE("names with specials are quoted") {
  Mail mail = sample();
  mail.from_name = "Doe, \"Jo\" <root@example.com>";
  CHECK(header_of(formatted(mail), "From") == "\"Doe, \\\"Jo\\\" <root@example.com>\" <news@example.com>");
}

TEST_CASE("no field can carry a line break into the header") {
  const std::string evil =
      GENERATE(as<std::string>(), "a\r\nBcc: x@example.com", "a\nb", "a\rb", std::string("a\0b", 3), "a\x7f");
  auto with = [&](auto set) {
    Mail mail = sample();
    set(mail);
    return refusal(mail);
  };
  with([&](Mail& m) { m.subject = evil; });
  with([&](Mail& m) { m.from_name = evil; });
  with([&](Mail& m) { m.to_name = evil; });
  with([&](Mail& m) { m.from_address = evil + "@example.com"; });
  with([&](Mail& m) { m.to_address = "kay@example.net" + evil; });
  with([&](Mail& m) { m.reply_to = evil; });
  with([&](Mail& m) { m.headers = {{"X-A", evil}}; });
  with([&](Mail& m) { m.headers = {{evil, "x"}}; });
}

TEST_CASE("a key cannot break out of the Message-ID") {
  Mail mail = sample();
  mail.key = "a\r\nBcc: x@example.com>";
  const std::string id = header_of(formatted(mail), "Message-ID");
  CHECK(id.starts_with("<a__Bcc-_x_example"));
  CHECK(id.ends_with("@example.com>"));
  CHECK(longest_line(formatted(mail)) <= 998);
}

TEST_CASE("different keys keep different ids, the same key the same") {
  CHECK(message_id("a/b", "x@example.com") != message_id("a_b", "x@example.com"));
  CHECK(message_id("é", "x@example.com") != message_id("è", "x@example.com"));
  CHECK(message_id("k", "x@Example.COM") == "<k@example.com>");
  CHECK(message_id("k", "nonsense") == "<k@localhost>");
  CHECK(message_id(std::string(500, 'k'), "x@example.com").size() < 200);
}

TEST_CASE("addresses are parsed strictly") {
  auto accepts = [](const std::string& address) {
    Mail mail = sample();
    mail.to_address = address;
    return format_mail(mail).ok();
  };
  for (const char* good :
       {"a@example.com", "a.b+c@sub.example.com", "o'neil@example.com", "\"a b\"@example.com",
        "\"a\\\"b\"@example.com", "root@localhost", "x@xn--r8jz45g.example"}) {
    INFO(good);
    CHECK(accepts(good));
  }
  for (const char* bad : {"",
                          "a",
                          "@example.com",
                          "a@",
                          "a@@example.com",
                          "a b@example.com",
                          ".a@example.com",
                          "a.@example.com",
                          "a..b@example.com",
                          "a@example..com",
                          "a@-example.com",
                          "a@example.com.",
                          "a@[127.0.0.1]",
                          "<a@example.com>",
                          "a@example.com,b@example.com",
                          "Kay <a@example.com>",
                          "a@example.com (note)",
                          "\"a\"b\"@example.com",
                          "\"a\\\\\"b\"@example.com",
                          "\"\"@example.com",
                          "ü@example.com",
                          "a@exämple.com"}) {
    INFO(bad);
    CHECK_FALSE(accepts(bad));
  }
  CHECK_FALSE(accepts(std::string(65, 'a') + "@example.com"));
  CHECK_FALSE(accepts("a@" + std::string(64, 'a') + ".example.com"));
}

TEST_CASE("extra headers pass through whole, reserved ones do not") {
  Mail mail = sample();
  const std::string unsubscribe =
      "<https://example.com/u/" + std::string(300, 'x') + ">, <mailto:u@example.com>";
  mail.headers = {{"List-Unsubscribe", unsubscribe}, {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}};
  CHECK(header_of(formatted(mail), "List-Unsubscribe") == unsubscribe);
  CHECK(header_of(formatted(mail), "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click");
  for (const char* name :
       {"From", "bcc", "RECEIVED", "Content-Type", "Resent-To", "Message-ID", "", "A B", "A:", "Ä"}) {
    INFO(name);
    mail.headers = {{name, "x"}};
    CHECK_FALSE(format_mail(mail).ok());
  }
  mail.headers = {{"X-Long", std::string(1000, 'x')}};
  CHECK(refusal(mail) == "the header X-Long is longer than 900 bytes");
}

TEST_CASE("no body and broken UTF-8 are refused") {
  Mail mail = sample();
  mail.text = {};
  CHECK(refusal(mail) == "the mail has no body");
  mail.text = "\xff";
  CHECK(refusal(mail) == "the body is not UTF-8");
  mail.text = "x";
  mail.subject = "\xed\xa0\x80";
  CHECK(refusal(mail) == "the subject is not UTF-8");
}

TEST_CASE("lines stay within 998 bytes whatever the body") {
  Mail mail = sample();
  mail.to_name = std::string(5000, 'n');
  mail.subject = std::string(5000, 's');
  mail.text =
      GENERATE(as<std::string>(), std::string(10'000, 'x'), std::string(10'000, ' '), std::string(3000, '='),
               std::string("\0\x01", 2), "\n\n\r\r\n", "é" + std::string(5000, 'x'));
  mail.html = mail.text;
  CHECK(longest_line(formatted(mail)) <= 998);
}
