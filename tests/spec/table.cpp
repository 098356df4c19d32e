// Evaluation tables: conditions over one contact.
#include <sstream>

#include "../support/process.hpp"
#include "compiler/wfc/virtual_run.hpp"
#include "grammar/text/render.hpp"
#include "grammar/value/calendar.hpp"
#include "project.hpp"

namespace wf::test {
namespace {

constexpr const char* kArrow = " → ";

struct Row {
  std::string condition, value;
};

std::string trim(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<Row> rows_of(const Block& block) {
  std::vector<Row> rows;
  std::istringstream in(block.body);
  for (std::string line; std::getline(in, line);) {
    const std::size_t arrow = line.find(kArrow);
    if (arrow == std::string::npos) return {};
    rows.push_back({trim(line.substr(0, arrow)), trim(line.substr(arrow + std::string(kArrow).size()))});
  }
  return rows;
}

/// Each row is the condition of a segment.
std::string source_of(const std::vector<Row>& rows) {
  std::string source;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    source += "segment row_" + std::to_string(i) + " on contact {\n" + rows[i].condition + "\n}\n";
  }
  return source;
}

/// `{lead_score: 12, firstname: Taro}`.
value::Map record_of(const std::string& braces) {
  value::Map record;
  std::istringstream in(braces.substr(1, braces.size() - 2));
  for (std::string field; std::getline(in, field, ',');) {
    const std::size_t colon = field.find(": ");
    record.emplace_back(trim(field.substr(0, colon)), value::Value::text(trim(field.substr(colon + 2))));
  }
  return record;
}

engine::InputEvent contact(const Block& block) {
  engine::InputEvent event;
  event.kind = engine::InputKind::upsert;
  event.object = "contact";
  event.subject = "id:it";
  event.properties = record_of(block.value("record").value_or("{}"));
  return event;
}

std::string text_of(const value::Value& v) {
  if (v.kind() == value::Kind::unknown) return "unknown";
  return v.as_boolean() ? "true" : "false";
}

}  // namespace

std::vector<std::string> wrong_rows(const Block& block) {
  const std::vector<Row> rows = rows_of(block);
  if (rows.empty()) return {"each line needs the form `CONDITION → VALUE`"};
  const auto now = value::parse_instant(block.value("now").value_or("2026-03-02T00:00:00Z"));
  if (!now) return {"`now` is no instant"};
  const auto prelude = read_file(WF_SOURCE_DIR "/docs/language/prelude.wf");
  const auto compiled = compiler::compile({{"prelude.wf", prelude}, {"rows.wf", source_of(rows)}}, {});
  if (!compiled.program) {
    std::string report;
    for (const auto& finding : compiled.diagnostics.all()) {
      report += text::render_text(finding, compiled.sources);
    }
    return {report};
  }
  auto run = wfc::VirtualRun::create(bytecode::write_bundle(*compiled.program), *now);
  if (!run) return {run.error().message};
  (*run)->accept(contact(block));
  if (const auto settled = (*run)->settle(); !settled) return {settled.error().message};
  const auto key = (*run)->engine().find("contact", "id:it");
  if (!key || !*key)
    return {"the contact of the table could not be made: are its values of the right types?"};
  std::vector<std::string> wrong;
  for (const auto& segment : compiled.program->catalogue.segments) {
    if (!segment.name.starts_with("row_")) continue;
    const Row& row = rows[std::stoul(segment.name.substr(4))];
    const auto v = (*run)->engine().evaluate(*compiled.program, segment.condition, **key, *now);
    const std::string got = v ? text_of(*v) : v.error().message;
    if (got != row.value) wrong.push_back(row.condition + kArrow + got + ", expected " + row.value);
  }
  return wrong;
}

}  // namespace wf::test
