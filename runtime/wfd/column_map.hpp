// ColumnMap: which column of a CSV file means what.
#pragma once

#include <string>
#include <vector>

#include "grammar/text/result.hpp"
#include "grammar/value/value.hpp"
#include "runtime/crm/csv.hpp"

namespace wf::wfd {

/// A property as GET /v1/schema tells it.
struct TargetProperty {
  std::string name, title;
};

class ColumnMap {
 public:
  /// `mappings` are "COLUMN=TARGET" texts: a property, `id` (the record's id), `marketing`, or `-` (left
  /// out). Other columns mean the property with their name or title. Errors: invalid (all that is wrong, a
  /// line each).
  static Result<ColumnMap> create(const std::vector<std::string>& header,
                                  const std::vector<std::string>& mappings,
                                  const std::vector<TargetProperty>& properties);

  /// The event that a row means: a record.upsert. Empty cells leave their property as it is. Errors: invalid
  /// (another number of cells than the header, text that is not UTF-8).
  Result<value::Value> event(const crm::CsvRow& row, const std::string& object,
                             const std::string& marketing) const;

 private:
  std::vector<std::string> targets_;  // by column
};

}  // namespace wf::wfd
