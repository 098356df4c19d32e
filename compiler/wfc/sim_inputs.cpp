#include "compiler/wfc/sim_inputs.hpp"

#include <algorithm>

#include "compiler/wfc/project.hpp"
#include "grammar/text/suggest.hpp"
#include "runtime/api/event_body.hpp"
#include "runtime/crm/csv.hpp"

namespace wf::wfc {
namespace {

using value::Value;

constexpr std::size_t kMaxDataBytes = std::size_t{1} << 30;

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
    auto text = read_file(path, kMaxDataBytes);
    if (!text) return text.error();
    path_ = path;
    const auto read = api::read_events(std::move(*text), api::BodyFormat::ndjson, [&](api::BodyEvent body) {
      if (!body.event) return refuse(body.line, body.event.error().message);
      auto checked = check_.check(*body.event);
      if (!checked) return refuse(body.line, checked.error().message);
      inputs_.events.push_back({checked->event.occurred_at, std::move(checked->event)});
    });
    if (!read) return read.error();
    return {};
  }

  SimInputs take() {
    std::stable_sort(inputs_.events.begin(), inputs_.events.end(),
                     [](const DatedEvent& a, const DatedEvent& b) { return a.at < b.at; });
    return std::move(inputs_);
  }

 private:
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
        return Error{ErrorCode::invalid, path_ + ":1: `" + cell + "` is no property of " + object_ + " " +
                                             text::did_you_mean(cell, names)};
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
