// wfd report: what workflows and mails have come to.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "runtime/api/json.hpp"
#include "runtime/api/table.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

void print(const value::Value& body) {
  std::vector<engine::ReportRow> rows;
  for (const value::Value& row : api::list_member(body, "rows")) {
    rows.push_back({api::text_member(row, "subject"), api::text_member(row, "metric"),
                    api::text_member(row, "detail"), api::integer_member(row, "count")});
  }
  std::fputs(api::report_text(rows).c_str(), stdout);
}

}  // namespace

void add_report(CLI::App& app, int& exit) {
  auto options = std::make_shared<RemoteOptions>();
  CLI::App* command = app.add_subcommand("report", "Shows what workflows, mails and webhooks have come to");
  add_remote_options(*command, *options);
  command->callback([options, &exit] { exit = show(*options, "/v1/report", print); });
}

}  // namespace wf::wfd
