#include "runtime/api/table.hpp"

#include <algorithm>
#include <map>

#include "grammar/text/render.hpp"
#include "runtime/log/text.hpp"

namespace wf::api {
namespace {

/// Whether the column holds a number or nothing in every row but the head.
bool is_numeric(const TableRows& rows, std::size_t column) {
  return std::all_of(rows.begin() + 1, rows.end(), [&](const auto& row) {
    return column >= row.size() || row[column].find_first_not_of("0123456789-") == std::string::npos;
  });
}

/// Cells come from outside: nothing in them may command the terminal.
std::string printable(const std::string& cell) {
  std::string out = cell;
  for (char& c : out) {
    if (is_control(c)) c = ' ';
  }
  return out;
}

}  // namespace

std::string table_text(const TableRows& rows) {
  struct Column {
    std::uint32_t width = 0;
    bool numeric = false;
  };
  std::vector<Column> columns;
  for (const auto& row : rows) {
    columns.resize(std::max(columns.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      columns[i].width = std::max(columns[i].width, text::display_width(printable(row[i])));
    }
  }
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].numeric = is_numeric(rows, i);
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = printable(row[i]);
      const std::string blanks(columns[i].width - text::display_width(cell), ' ');
      if (i > 0) line += "  ";
      line += columns[i].numeric ? blanks + cell : cell + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

namespace {

/// metric → detail → count, of one subject.
using Counts = std::map<std::string, std::map<std::string, std::int64_t>>;

std::int64_t sum(const Counts& counts, const std::string& metric) {
  const auto it = counts.find(metric);
  std::int64_t total = 0;
  if (it == counts.end()) return 0;
  for (const auto& [detail, count] : it->second) total += count;
  return total;
}

std::int64_t one(const Counts& counts, const std::string& metric, const std::string& detail) {
  const auto it = counts.find(metric);
  if (it == counts.end()) return 0;
  const auto found = it->second.find(detail);
  return found == it->second.end() ? 0 : found->second;
}

void add_details(TableRows& rows, const Counts& counts, const std::string& metric, const std::string& label) {
  const auto it = counts.find(metric);
  if (it == counts.end()) return;
  for (const auto& [detail, count] : it->second)
    rows.push_back({"  " + label + detail, std::to_string(count)});
}

std::string workflow_text(const std::string& name, const Counts& counts) {
  const std::int64_t enrolled = sum(counts, "enrolled");
  TableRows rows = {{"workflow", name},
                    {"  enrolled", std::to_string(enrolled)},
                    {"  active", std::to_string(enrolled - sum(counts, "ended"))},
                    {"  completed", std::to_string(one(counts, "ended", "completed"))},
                    {"  goal met", std::to_string(one(counts, "ended", "goal_met"))}};
  if (const auto ended = counts.find("ended"); ended != counts.end()) {
    for (const auto& [reason, count] : ended->second) {
      if (reason != "completed" && reason != "goal_met")
        rows.push_back({"  ended: " + reason, std::to_string(count)});
    }
  }
  add_details(rows, counts, "failed", "failed: ");
  add_details(rows, counts, "not_enrolled", "not enrolled: ");
  add_details(rows, counts, "step", "step ");
  return table_text(rows) + "\n";
}

/// Mails and webhooks: one line each, refusals below.
std::string effects_text(const char* head, const char* done, const std::string& prefix,
                         const std::map<std::string, Counts>& subjects) {
  TableRows rows = {{head, "queued", done, "refused", "retried", "uncertain", "given up"}};
  for (const auto& [subject, counts] : subjects) {
    if (!subject.starts_with(prefix)) continue;
    rows.push_back({subject.substr(prefix.size()), std::to_string(sum(counts, "queued")),
                    std::to_string(sum(counts, done)), std::to_string(sum(counts, "refused")),
                    std::to_string(sum(counts, "retried")), std::to_string(sum(counts, "uncertain")),
                    std::to_string(sum(counts, "dead"))});
    const auto refused = counts.find("refused");
    if (refused == counts.end()) continue;
    for (const auto& [reason, count] : refused->second) {
      rows.push_back({"  refused: " + reason, "", "", std::to_string(count)});
    }
  }
  return rows.size() == 1 ? "" : table_text(rows) + "\n";
}

}  // namespace

std::string report_text(const std::vector<engine::ReportRow>& rows) {
  std::map<std::string, Counts> subjects;
  for (const engine::ReportRow& row : rows) subjects[row.subject][row.metric][row.detail] += row.count;
  constexpr std::string_view kWorkflow = "workflow.";
  std::string out;
  for (const auto& [subject, counts] : subjects) {
    if (subject.starts_with(kWorkflow)) out += workflow_text(subject.substr(kWorkflow.size()), counts);
  }
  out += effects_text("mail", "sent", "email.", subjects);
  out += effects_text("webhook", "called", "webhook.", subjects);
  TableRows others;
  for (const auto& [subject, counts] : subjects) {
    if (subject.starts_with(kWorkflow) || subject.starts_with("email.") || subject.starts_with("webhook."))
      continue;
    for (const auto& [metric, details] : counts) {
      for (const auto& [detail, count] : details) {
        others.push_back({subject, metric + (detail.empty() ? "" : ": " + detail), std::to_string(count)});
      }
    }
  }
  return others.empty() ? out : out + table_text(others);
}

}  // namespace wf::api
