// wfd report: what workflows and mails have come to.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

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

using Rows = std::vector<std::vector<std::string>>;

void add_details(Rows& rows, const Counts& counts, const std::string& metric, const std::string& label) {
  const auto it = counts.find(metric);
  if (it == counts.end()) return;
  for (const auto& [detail, count] : it->second)
    rows.push_back({"  " + label + detail, std::to_string(count)});
}

void print_workflow(const std::string& name, const Counts& counts) {
  const std::int64_t enrolled = sum(counts, "enrolled");
  Rows rows = {{"workflow", name},
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
  add_details(rows, counts, "not_enrolled", "not enrolled: ");
  add_details(rows, counts, "step", "step ");
  print_table(rows);
  std::printf("\n");
}

/// Mails and webhooks: one line each, refusals below.
void print_effects(const char* head, const char* done, const std::string& prefix,
                   const std::map<std::string, Counts>& subjects) {
  Rows rows = {{head, "queued", done, "refused", "retried", "uncertain", "given up"}};
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
  if (rows.size() == 1) return;
  print_table(rows);
  std::printf("\n");
}

void print(const value::Value& body) {
  std::map<std::string, Counts> subjects;
  for (const value::Value& row : api::list_member(body, "rows")) {
    subjects[api::text_member(row, "subject")][api::text_member(row, "metric")]
            [api::text_member(row, "detail")] += api::integer_member(row, "count");
  }
  constexpr std::string_view kWorkflow = "workflow.";
  for (const auto& [subject, counts] : subjects) {
    if (subject.starts_with(kWorkflow)) print_workflow(subject.substr(kWorkflow.size()), counts);
  }
  print_effects("mail", "sent", "email.", subjects);
  print_effects("webhook", "called", "webhook.", subjects);
  Rows others;
  for (const auto& [subject, counts] : subjects) {
    if (subject.starts_with(kWorkflow) || subject.starts_with("email.") || subject.starts_with("webhook."))
      continue;
    for (const auto& [metric, details] : counts) {
      for (const auto& [detail, count] : details) {
        others.push_back({subject, metric + (detail.empty() ? "" : ": " + detail), std::to_string(count)});
      }
    }
  }
  print_table(others);
}

}  // namespace

void add_report(CLI::App& app, int& exit) {
  auto options = std::make_shared<RemoteOptions>();
  CLI::App* command = app.add_subcommand("report", "Shows what workflows, mails and webhooks have come to");
  add_remote_options(*command, *options);
  command->callback([options, &exit] { exit = show(*options, "/v1/report", print); });
}

}  // namespace wf::wfd
