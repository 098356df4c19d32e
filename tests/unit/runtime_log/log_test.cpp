#include "runtime/log/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "runtime/log/text.hpp"

namespace wf {
namespace {

/// What `body` writes to standard error.
template <class Body>
std::string captured(Body body) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  const int saved = ::dup(STDERR_FILENO);
  ::dup2(::fileno(file), STDERR_FILENO);
  body();
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  std::rewind(file);
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

/// The line without its time, which must look like one.
std::string without_time(const std::string& line) {
  INFO(line);
  REQUIRE(line.size() > 25);
  std::string shape = line.substr(0, 25);
  for (char& c : shape) {
    if (c >= '0' && c <= '9') c = '9';
  }
  CHECK(shape == "9999-99-99T99:99:99.999Z ");
  return line.substr(25);
}

std::string logged(const std::string& value) {
  return without_time(captured([&] { log::info("seen", {{"v", value}}); }));
}

}  // namespace

TEST_CASE("a line has time, level, message and fields") {
  const std::string line = captured([] {
    log::warning("cannot sync", {{"file", "a.db"}, {"code", 5}, {"reason", "disk full"}});
  });
  CHECK(without_time(line) == "warning cannot sync file=a.db code=5 reason=\"disk full\"\n");
}

TEST_CASE("no value can make a line or a field of its own") {
  CHECK(logged("a\nb") == "info seen v=a\\nb\n");
  CHECK(logged("a\r\x1b[31m") == "info seen v=a\\x0d\\x1b[31m\n");
  CHECK(logged(std::string("a\0b", 3)) == "info seen v=a\\x00b\n");
  CHECK(logged("x y=z") == "info seen v=\"x y=z\"\n");
  CHECK(logged("a\" level=error") == "info seen v=\"a\\\" level=error\"\n");
  CHECK(logged("a\\\"b") == "info seen v=\"a\\\\\\\"b\"\n");
  CHECK(logged("\xc2\x9b"
               "31m") == "info seen v=\\xc2\\x9b31m\n");
  CHECK(logged("a\u2028b") == "info seen v=a\\xe2\\x80\\xa8b\n");
  CHECK(logged("\xff\xfe") == "info seen v=\\xff\\xfe\n");
  CHECK(logged("") == "info seen v=\"\"\n");
  CHECK(logged("山田") == "info seen v=山田\n");
  CHECK(without_time(captured([] { log::info("a\nb {} %s"); })) == "info a\\nb {} %s\n");
}

TEST_CASE("the level decides what is written") {
  CHECK(captured([] { log::debug("quiet"); }).empty());
  log::set_level(log::Level::error);
  CHECK(captured([] { log::warning("quiet"); }).empty());
  CHECK(without_time(captured([] { log::error("loud"); })) == "error loud\n");
  log::set_level(log::Level::debug);
  CHECK(without_time(captured([] { log::debug("chatty"); })) == "debug chatty\n");
  log::set_level(log::Level::info);
}

TEST_CASE("UTF-8 is judged strictly") {
  for (const char* good :
       {"", "a", "é", "あ", "🙂", "\x7f", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"}) {
    CHECK(is_utf8(good));
  }
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe3\x81", "\xf0\x9f\x99", "a\xff"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}

}  // namespace wf
