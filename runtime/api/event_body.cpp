#include "runtime/api/event_body.hpp"

#include "runtime/api/json.hpp"
#include "runtime/crm/convert.hpp"
#include "runtime/log/text.hpp"

namespace wf::api {

using value::Kind;
using value::Value;

namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::size_t kLongestLine = 1 << 20;

struct ContentType {
  const char* name;
  BodyFormat format;
};
constexpr ContentType kContentTypes[] = {
    {"", BodyFormat::json},
    {"application/json", BodyFormat::json},
    {"application/x-ndjson", BodyFormat::ndjson},
    {"application/ndjson", BodyFormat::ndjson},
    {"application/jsonl", BodyFormat::ndjson},
    {"application/cloudevents+json", BodyFormat::cloud_event},
    {"application/cloudevents-batch+json", BodyFormat::cloud_events},
};

void read_lines(JsonReader& reader, std::string_view text, const std::function<void(BodyEvent)>& take) {
  std::size_t index = 0, line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view content = text.substr(at, end - at);
    ++line;
    at = end + 1;
    if (content.find_first_not_of(kBlank) == content.npos) continue;
    if (content.size() > kLongestLine) {
      take({index++, line, Error{ErrorCode::limit, "the line is longer than 1 MiB"}});
      continue;
    }
    take({index++, line, reader.read(content)});
  }
}

/// More than one object, each on a line of its own.
bool looks_like_lines(std::string_view text) {
  if (text[text.find_first_not_of(kBlank)] != '{') return false;
  const std::size_t first_end = text.find('\n');
  if (first_end == text.npos) return false;
  const std::size_t second = text.find_first_not_of(kBlank, first_end);
  return second != text.npos && text[second] == '{';
}

}  // namespace

std::optional<BodyFormat> body_format(std::string_view content_type) {
  const std::string name = ascii_lower(crm::trim(content_type.substr(0, content_type.find(';'))));
  for (const ContentType& known : kContentTypes) {
    if (name == known.name) return known.format;
  }
  return std::nullopt;
}

Result<void> read_events(std::string body, BodyFormat format, const std::function<void(BodyEvent)>& take) {
  const std::size_t size = body.size();
  body.append(JsonReader::kPadding, '\0');
  std::string_view text = std::string_view(body).substr(0, size);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.find_first_not_of(kBlank) == text.npos) return Error{ErrorCode::invalid, "the body is empty"};
  JsonReader reader;
  if (format == BodyFormat::ndjson || (format == BodyFormat::json && looks_like_lines(text))) {
    read_lines(reader, text, take);
    return {};
  }
  auto whole = reader.read(text);
  if (!whole) return whole.error();
  if (format == BodyFormat::cloud_events && whole->kind() != Kind::list) {
    return Error{ErrorCode::invalid, "a batch of CloudEvents is an array"};
  }
  if (whole->kind() != Kind::list || format == BodyFormat::cloud_event) {
    take({0, 0, std::move(whole)});
    return {};
  }
  for (std::size_t i = 0; i < whole->as_list().size(); ++i) take({i, 0, whole->as_list()[i]});
  return {};
}

}  // namespace wf::api
