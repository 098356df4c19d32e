#include "runtime/log/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

#include "runtime/log/text.hpp"

namespace wf::log {
namespace {

spdlog::logger& logger() {
  // Never destroyed: threads that outlive main() may still write.
  static auto& instance = *[] {
    auto made = new spdlog::logger("wf", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    return made;
  }();
  return instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  static constexpr spdlog::level::level_enum kLevels[] = {
      spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err, spdlog::level::off};
  return kLevels[static_cast<std::size_t>(level)];
}

/// C1 controls, which terminals obey, and the line and paragraph separators.
bool is_wide_control(std::string_view sequence) {
  return (sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0) || sequence == "\u2028" ||
         sequence == "\u2029";
}

void append_escaped(std::string& out, std::string_view text, bool quoted) {
  static constexpr char kHex[] = "0123456789abcdef";
  auto append_hex = [&](unsigned char c) { out += {'\\', 'x', kHex[c >> 4], kHex[c & 15]}; };
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const std::string_view sequence = text.substr(i, std::max<std::size_t>(1, utf8_length(text, i)));
    const bool malformed = c < 0 && sequence.size() == 1;
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (quoted && c == '"')) {
      out += {'\\', c};
    } else if (is_control(c) || malformed || is_wide_control(sequence)) {
      for (const char byte : sequence) append_hex(static_cast<unsigned char>(byte));
    } else {
      out += sequence;
    }
    i += sequence.size();
  }
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" =\"") != std::string_view::npos;
}

}  // namespace

void set_level(Level level) {
  logger().set_level(to_spdlog(level));
}

void write(Level level, std::string_view message, Fields fields) {
  const auto spd_level = to_spdlog(level);
  if (!logger().should_log(spd_level)) return;
  std::string line;
  append_escaped(line, message, false);
  for (const Field& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    const bool quoted = needs_quotes(field.value);
    if (quoted) line += '"';
    append_escaped(line, field.value, quoted);
    if (quoted) line += '"';
  }
  logger().log(spd_level, spdlog::string_view_t(line));
}

}  // namespace wf::log
