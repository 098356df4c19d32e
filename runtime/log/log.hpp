// Log: one line per event on standard error, `2026-01-02T03:04:05.678Z info message key=value key="a b"`.
//
// Thread-safe. Control characters, quotes, backslashes and bytes that are not UTF-8 are escaped, so no value
// can start a line or a field of its own. Never hand it secrets or message bodies.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace wf::log {

enum class Level : std::uint8_t { debug, info, warning, error, none };

struct Field {
  std::string_view key;  ///< a constant: a lower-case word
  std::string value;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  template <class T>
  requires(std::integral<T> && !std::same_as<T, bool>) Field(std::string_view k, T v)
      : key(k), value(std::to_string(v)) {}
};
using Fields = std::initializer_list<Field>;

/// Lines below `level` are dropped; `none` drops all and is no level of a line. The default is `info`.
void set_level(Level level);
void write(Level level, std::string_view message, Fields fields);

inline void debug(std::string_view message, Fields fields = {}) {
  write(Level::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) {
  write(Level::info, message, fields);
}
inline void warning(std::string_view message, Fields fields = {}) {
  write(Level::warning, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) {
  write(Level::error, message, fields);
}

}  // namespace wf::log
