#include "runtime/wfd/column_map.hpp"

#include <algorithm>
#include <set>

#include "grammar/text/suggest.hpp"
#include "runtime/crm/convert.hpp"
#include "runtime/log/text.hpp"

namespace wf::wfd {

namespace {

constexpr const char* kId = "id";
constexpr const char* kMarketing = "marketing";
constexpr const char* kNothing = "-";

std::string not_found(const std::string& what, const std::string& name,
                      const std::vector<std::string>& known) {
  const std::string hint = text::did_you_mean(name, known);
  return "there is no " + what + " `" + name + "`" + (hint.empty() ? "" : "; " + hint) + "\n";
}

std::vector<std::string> known_targets(const std::vector<TargetProperty>& properties) {
  std::vector<std::string> known = {kId, kMarketing, kNothing};
  for (const TargetProperty& property : properties) known.push_back(property.name);
  return known;
}

/// The property a column means by its own name; "" for none.
std::string target_by_name(const std::string& column, const std::vector<TargetProperty>& properties) {
  const std::string folded = text::fold(column);
  for (const TargetProperty& property : properties) {
    if (text::fold(property.name) == folded) return property.name;
  }
  for (const TargetProperty& property : properties) {
    if (!property.title.empty() && text::fold(property.title) == folded) return property.name;
  }
  return folded == kMarketing || folded == kId ? folded : "";
}

}  // namespace

Result<ColumnMap> ColumnMap::create(const std::vector<std::string>& header,
                                    const std::vector<std::string>& mappings,
                                    const std::vector<TargetProperty>& properties) {
  ColumnMap map;
  map.targets_.resize(header.size());
  std::string wrong;
  const std::vector<std::string> known = known_targets(properties);
  for (const std::string& mapping : mappings) {
    const std::size_t equals = mapping.rfind('=');
    const std::string column = crm::trim(mapping.substr(0, equals));
    const std::string target = equals == std::string::npos ? "" : crm::trim(mapping.substr(equals + 1));
    const auto at = std::find(header.begin(), header.end(), column);
    if (at == header.end()) {
      wrong += not_found("column", column, header);
    } else if (std::find(known.begin(), known.end(), target) == known.end()) {
      wrong += not_found("property", target, known);
    } else {
      map.targets_[static_cast<std::size_t>(at - header.begin())] = target;
    }
  }
  std::set<std::string> used;
  for (std::size_t i = 0; i < header.size(); ++i) {
    std::string& target = map.targets_[i];
    if (target.empty()) target = target_by_name(header[i], properties);
    if (target.empty()) {
      wrong += "column `" + header[i] + "`: " + not_found("property", header[i], known);
    } else if (target != kNothing && !used.insert(target).second) {
      wrong += "column `" + header[i] + "`: `" + target + "` is taken by another column\n";
    }
  }
  if (wrong.empty()) return map;
  wrong.pop_back();
  return Error{ErrorCode::invalid,
               wrong + "\n(--map \"COLUMN=property\" says what a column means, \"COLUMN=-\" leaves it out)"};
}

Result<value::Value> ColumnMap::event(const crm::CsvRow& row, const std::string& object,
                                      const std::string& marketing) const {
  if (row.cells.size() != targets_.size()) {
    return Error{ErrorCode::invalid, "the row has " + std::to_string(row.cells.size()) +
                                         " cells, the header has " + std::to_string(targets_.size())};
  }
  using value::Value;
  value::Map event{{"type", Value::text("record.upsert")}, {"object", Value::text(object)}};
  value::Map data;
  Value status = marketing.empty() ? Value() : Value::text(marketing);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (!is_utf8(row.cells[i])) return Error{ErrorCode::invalid, "the text is not UTF-8"};
    const std::string cell = crm::trim(crm::without_formula_guard(row.cells[i]));
    if (cell.empty() || targets_[i] == kNothing) continue;
    if (targets_[i] == kId) {
      event.emplace_back("subject", Value::text(cell));
    } else if (targets_[i] == kMarketing) {
      status = Value::text(cell);
    } else {
      data.emplace_back(targets_[i], Value::text(cell));
    }
  }
  event.emplace_back("data", Value::map(std::move(data)));
  if (!status.is_unknown()) event.emplace_back("marketing", status);
  return Value::map(std::move(event));
}

}  // namespace wf::wfd
