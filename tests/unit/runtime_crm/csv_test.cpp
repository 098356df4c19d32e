#include "runtime/crm/csv.hpp"

#include <catch2/catch.hpp>

using wf::crm::CsvReader;
using Cells = std::vector<std::string>;

namespace {

/// All rows that can be read; lines of the others go to `broken`.
std::vector<Cells> rows_of(std::string_view text, std::vector<std::size_t>* broken = nullptr) {
  std::vector<Cells> rows;
  CsvReader reader(text);
  while (auto row = reader.next()) {
    if (*row) {
      rows.push_back((*row)->cells);
    } else if (broken != nullptr) {
      broken->push_back(reader.line());
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("cells are separated by commas and rows by LF or CRLF") {
  CHECK(rows_of("a,b\r\nc,d\n") == std::vector<Cells>{{"a", "b"}, {"c", "d"}});
  CHECK(rows_of("a,b") == std::vector<Cells>{{"a", "b"}});
  CHECK(rows_of("a,,\n,b,") == std::vector<Cells>{{"a", "", ""}, {"", "b", ""}});
  CHECK(rows_of("").empty());
  CHECK(rows_of("\r\n\n").empty());
}

TEST_CASE("a byte order mark is no part of the first cell") {
  CHECK(rows_of("\xEF\xBB\xBF"
                "email\n") == std::vector<Cells>{{"email"}});
}

TEST_CASE("quoted cells hold commas, quotes and line ends") {
  CHECK(rows_of("\"a,b\",\"say \"\"hi\"\"\"\n") == std::vector<Cells>{{"a,b", "say \"hi\""}});
  CHECK(rows_of("\"one\r\ntwo\",x\nnext,y\n") == std::vector<Cells>{{"one\r\ntwo", "x"}, {"next", "y"}});
  CHECK(rows_of("\"\",\"\"\n") == std::vector<Cells>{{"", ""}});
}

TEST_CASE("a row knows the line it starts on") {
  CsvReader reader("h\n\"a\nb\nc\"\n\nlast\n");
  CHECK(reader.next().value()->line == 1);
  CHECK(reader.next().value()->line == 2);
  CHECK(reader.next().value()->line == 6);
  CHECK_FALSE(reader.next().has_value());
}

TEST_CASE("a broken row is reported with its line and the next ones are read") {
  std::vector<std::size_t> broken;
  const auto rows = rows_of("h,i\na\"b,c\nd,e\n\"x\"y,z\nf,g\n", &broken);
  CHECK(rows == std::vector<Cells>{{"h", "i"}, {"d", "e"}, {"f", "g"}});
  CHECK(broken == std::vector<std::size_t>{2, 4});
}

TEST_CASE("a quote that is never closed costs one line, not the rest of the file") {
  std::vector<std::size_t> broken;
  const auto rows = rows_of("h\n\"open,1\nb\nc\n", &broken);
  CHECK(rows == std::vector<Cells>{{"h"}, {"b"}, {"c"}});
  CHECK(broken == std::vector<std::size_t>{2});
}

TEST_CASE("the guard of spreadsheet formulas comes off, other apostrophes stay") {
  using wf::crm::without_formula_guard;
  CHECK(without_formula_guard("'=1+1") == "=1+1");
  CHECK(without_formula_guard("'-5") == "-5");
  CHECK(without_formula_guard("'tis") == "'tis");
  CHECK(without_formula_guard("'") == "'");
  CHECK(without_formula_guard("=1") == "=1");
}
