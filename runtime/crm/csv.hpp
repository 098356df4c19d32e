// CSV as of RFC 4180, with or without a byte order mark, lines ending in LF or CRLF. Cells are bytes: whether
// they are UTF-8 is for the caller to check.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/text/result.hpp"

namespace wf::crm {

struct CsvRow {
  std::size_t line = 0;  ///< 1-based line on which the row starts
  std::vector<std::string> cells;
};

/// Reads rows one after another. `text` must outlive it.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);

  /// The next row that is not blank; nothing at the end. Error `invalid` for a row that cannot be read (a
  /// quote that is not closed or not alone); reading goes on with the line after the one on which that row
  /// starts.
  std::optional<Result<CsvRow>> next();
  /// Line on which the row of the last next() starts.
  std::size_t line() const { return row_line_; }

 private:
  Result<CsvRow> read_row();
  Result<std::string> read_cell();
  Result<std::string> read_quoted();
  bool at_row_end() const { return at_ == text_.size() || text_[at_] == '\n' || starts_crlf(); }
  bool starts_crlf() const { return text_.substr(at_, 2) == "\r\n"; }
  void skip_line_end();
  void skip_to_line_after(std::size_t start);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t row_line_ = 1;
};

/// A cell that a spreadsheet would take for a formula is written with `'` in front; this takes it off again.
std::string_view without_formula_guard(std::string_view cell);

}  // namespace wf::crm
