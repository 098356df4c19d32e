#include "runtime/crm/csv.hpp"

#include <algorithm>

namespace wf::crm {

CsvReader::CsvReader(std::string_view text) : text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
}

void CsvReader::skip_line_end() {
  if (at_ == text_.size()) return;
  at_ += starts_crlf() ? 2 : 1;
  ++line_;
}

void CsvReader::skip_to_line_after(std::size_t start) {
  const std::size_t end = text_.find('\n', start);
  at_ = end == text_.npos ? text_.size() : end + 1;
  line_ = row_line_ + 1;
}

std::optional<Result<CsvRow>> CsvReader::next() {
  while (at_ < text_.size() && at_row_end()) skip_line_end();
  if (at_ == text_.size()) return std::nullopt;
  const std::size_t start = at_;
  row_line_ = line_;
  auto row = read_row();
  if (!row) skip_to_line_after(start);
  return row;
}

Result<CsvRow> CsvReader::read_row() {
  CsvRow row{row_line_, {}};
  for (;;) {
    auto cell = read_cell();
    if (!cell) return cell.error();
    row.cells.push_back(std::move(cell).value());
    if (at_row_end()) break;
    ++at_;  // the comma
  }
  skip_line_end();
  return row;
}

Result<std::string> CsvReader::read_cell() {
  if (at_ < text_.size() && text_[at_] == '"') return read_quoted();
  const std::size_t start = at_;
  while (!at_row_end() && text_[at_] != ',') {
    if (text_[at_] == '"')
      return Error{ErrorCode::invalid, "a quote stands inside a cell that is not quoted"};
    ++at_;
  }
  return std::string(text_.substr(start, at_ - start));
}

Result<std::string> CsvReader::read_quoted() {
  std::string cell;
  for (++at_;;) {
    const std::size_t quote = text_.find('"', at_);
    if (quote == text_.npos) return Error{ErrorCode::invalid, "a quote is not closed"};
    const std::string_view part = text_.substr(at_, quote - at_);
    cell += part;
    line_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    at_ = quote + 1;
    if (at_ == text_.size() || text_[at_] != '"') break;
    cell += '"';
    ++at_;
  }
  if (at_row_end() || text_[at_] == ',') return cell;
  return Error{ErrorCode::invalid, "something follows the closing quote of a cell"};
}

std::string_view without_formula_guard(std::string_view cell) {
  constexpr std::string_view kFormula = "=+-@\t\r";
  const bool guarded = cell.size() > 1 && cell[0] == '\'' && kFormula.find(cell[1]) != kFormula.npos;
  return guarded ? cell.substr(1) : cell;
}

}  // namespace wf::crm
