#include "compiler/wfc/sim_inputs.hpp"

#include <algorithm>
#include <iterator>

#include "compiler/wfc/project.hpp"
#include "grammar/text/parallel.hpp"
#include "grammar/text/suggest.hpp"
#include "runtime/api/event_body.hpp"
#include "runtime/crm/csv.hpp"

namespace wf::wfc {
namespace {

using value::Value;

constexpr std::size_t kMaxDataBytes = std::size_t{1} << 30;
/// What one thread reads at a time.
constexpr std::size_t kPartBytes = std::size_t{1} << 20;

class Reader {
 public:
  Reader(const bytecode::Program& program, const std::string& object)
      : catalogue_(program.catalogue), object_(object), check_(program) {}

  Result<void> read_records(const std::string& path) {
    const auto text = read_file(path, kMaxDataBytes);
    if (!text) return text.error();
    path_ = path;
    crm::CsvReader reader(*text);
    std::vector<std::string> columns;
    while (auto row = reader.next()) {
      if (!*row) {
        refuse(reader.line(), row->error().message);
      } else if (columns.empty()) {
        auto header = read_header((*row)->cells);
        if (!header) return header.error();
        columns = std::move(*header);
      } else if ((*row)->cells.size() != columns.size()) {
        refuse((*row)->line, "expected " + std::to_string(columns.size()) + " cells, got " +
                                 std::to_string((*row)->cells.size()));
      } else {
        read_record(**row, columns);
      }
    }
    return {};
  }

  Result<void> read_events(const std::string& path) {
    const auto text = read_file(path, kMaxDataBytes);
    if (!text) return text.error();
    path_ = path;
    std::vector<EventPart> parts = parts_of(*text);
    text::in_parallel(parts.size(), std::thread::hardware_concurrency(), 1,
                      [&](unsigned, std::size_t begin, std::size_t end) {
                        for (std::size_t i = begin; i < end; ++i) read_part(parts[i]);
                      });
    for (EventPart& part : parts) {
      if (!part.read) return part.read.error();
      for (const auto& [line, reason] : part.refused) refuse(line, reason);
      std::move(part.events.begin(), part.events.end(), std::back_inserter(inputs_.events));
    }
    return {};
  }

  SimInputs take() {
    const auto earlier = [](const DatedEvent& a, const DatedEvent& b) { return a.at < b.at; };
    auto& events = inputs_.events;
    if (!std::is_sorted(events.begin(), events.end(), earlier)) {
      std::stable_sort(events.begin(), events.end(), earlier);
    }
    return std::move(inputs_);
  }

 private:
  /// Some of the lines of a file of events.
  struct EventPart {
    std::string_view text;
    std::size_t lines_before = 0;
    std::vector<DatedEvent> events;
    std::vector<std::pair<std::size_t, std::string>> refused;  ///< line and reason
    Result<void> read = {};
  };

  static std::vector<EventPart> parts_of(std::string_view text) {
    std::vector<EventPart> parts;
    std::size_t lines = 0;
    while (!text.empty()) {
      std::size_t end = text.size() <= kPartBytes ? text.npos : text.find('\n', kPartBytes);
      end = end == text.npos ? text.size() : end + 1;
      EventPart& part = parts.emplace_back();
      part.text = text.substr(0, end);
      part.lines_before = lines;
      lines += static_cast<std::size_t>(std::count(part.text.begin(), part.text.end(), '\n'));
      text.remove_prefix(end);
    }
    return parts;
  }

  void read_part(EventPart& part) const {
    const auto take = [&](api::BodyEvent body) {
      const auto refuse = [&](const Error& error) {
        part.refused.emplace_back(part.lines_before + body.line, error.message);
      };
      if (!body.event) return refuse(body.event.error());
      auto checked = check_.check(*body.event);
      if (!checked) return refuse(checked.error());
      part.events.push_back({checked->event.occurred_at, std::move(checked->event)});
    };
    part.read = api::read_events(std::string(part.text), api::BodyFormat::ndjson, take);
  }

  void refuse(std::size_t line, const std::string& reason) {
    inputs_.refused.push_back(path_ + ":" + std::to_string(line) + ": " + reason);
  }

  Result<std::vector<std::string>> read_header(const std::vector<std::string>& cells) const {
    const std::uint32_t object = catalogue_.find_object(object_);
    if (object == bytecode::kNone) {
      return Error{ErrorCode::invalid, "there is no object `" + object_ + "`"};
    }
    std::vector<std::string> names{"marketing", "id"}, columns;
    for (const auto& property : catalogue_.objects[object].properties) {
      if (!property.hidden) names.push_back(property.name);
    }
    for (const std::string& cell : cells) {
      std::string column = cell;
      for (const auto& property : catalogue_.objects[object].properties) {
        if (!property.title.empty() && property.title == cell) column = property.name;
      }
      if (std::find(names.begin(), names.end(), column) == names.end()) {
        const std::string hint = text::did_you_mean(cell, names);
        return Error{ErrorCode::invalid, path_ + ":1: `" + cell + "` is no property of " + object_ +
                                             (hint.empty() ? "" : ": " + hint)};
      }
      columns.push_back(column);
    }
    return columns;
  }

  void read_record(const crm::CsvRow& row, const std::vector<std::string>& columns) {
    value::Map data, event{{"type", Value::text("record.upsert")}, {"object", Value::text(object_)}};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (row.cells[i].empty()) continue;
      if (columns[i] == "id") {
        event.emplace_back("subject", Value::text(row.cells[i]));
      } else if (columns[i] == "marketing") {
        event.emplace_back("marketing", Value::boolean(row.cells[i] == "yes" || row.cells[i] == "true"));
      } else {
        data.emplace_back(columns[i], Value::text(crm::without_formula_guard(row.cells[i])));
      }
    }
    event.emplace_back("data", Value::map(std::move(data)));
    auto checked = check_.check(Value::map(std::move(event)));
    if (!checked) return refuse(row.line, checked.error().message);
    inputs_.records.push_back(std::move(checked->event));
  }

  const bytecode::Catalogue& catalogue_;
  const std::string& object_;
  api::EventCheck check_;
  std::string path_;
  SimInputs inputs_;
};

}  // namespace

Result<SimInputs> read_sim_inputs(const bytecode::Program& program, const std::string& object,
                                  const std::string& records, const std::string& events) {
  Reader reader(program, object);
  if (!records.empty()) {
    if (const auto read = reader.read_records(records); !read) return read.error();
  }
  if (!events.empty()) {
    if (const auto read = reader.read_events(events); !read) return read.error();
  }
  return reader.take();
}

}  // namespace wf::wfc
