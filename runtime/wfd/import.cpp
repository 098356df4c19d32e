// wfd import FILE.csv: records from a CSV file with a header row.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "grammar/text/suggest.hpp"
#include "runtime/api/event_check.hpp"
#include "runtime/api/json.hpp"
#include "runtime/crm/convert.hpp"
#include "runtime/crm/small_file.hpp"
#include "runtime/log/text.hpp"
#include "runtime/wfd/column_map.hpp"
#include "runtime/wfd/commands.hpp"
#include "runtime/wfd/event_sender.hpp"
#include "runtime/wfd/remote.hpp"

namespace wf::wfd {

namespace {

struct ImportArguments {
  RemoteOptions remote;
  SendOptions send;
  std::vector<std::string> named;  ///< [OBJECT] FILE
  std::string file;
  std::string object = "contact";
  std::vector<std::string> mappings;
  std::string marketing;  ///< yes, no, or a column
};

int usage_problem(const std::string& message) {
  std::fprintf(stderr, "wfd: %s\n", message.c_str());
  return kUsage;
}

/// Errors: invalid (no such object).
Result<std::vector<TargetProperty>> properties_of(const value::Value& schema, const std::string& object) {
  std::vector<std::string> names;
  for (const value::Value& declared : api::list_member(schema, "objects")) {
    names.push_back(api::text_member(declared, "name"));
    if (names.back() != object) continue;
    std::vector<TargetProperty> properties;
    for (const value::Value& property : api::list_member(declared, "properties")) {
      properties.push_back({api::text_member(property, "name"), api::text_member(property, "title")});
    }
    return properties;
  }
  const std::string hint = text::did_you_mean(object, names);
  return Error{ErrorCode::invalid, "there is no object `" + object + "`" + (hint.empty() ? "" : "; " + hint)};
}

/// The same row gives the same id, so importing a file twice changes nothing the second time.
std::string with_content_id(const value::Value& event) {
  const std::string content = api::to_json(event);
  const store::DedupeId hash = api::dedupe_id("import", content);
  char id[40];
  std::snprintf(id, sizeof id, "%016llx%016llx", static_cast<unsigned long long>(hash[0]),
                static_cast<unsigned long long>(hash[1]));
  value::Map map = event.as_map();
  map.emplace_back("id", value::Value::text(id));
  map.emplace_back("source", value::Value::text("import"));
  return api::to_json(value::Value::map(std::move(map)));
}

Result<std::vector<std::string>> read_header(crm::CsvReader& reader) {
  auto row = reader.next();
  if (!row) return Error{ErrorCode::invalid, "the file is empty"};
  if (!*row) return row->error();
  std::vector<std::string> header;
  for (const std::string& cell : (*row)->cells) {
    if (!is_utf8(cell)) return Error{ErrorCode::invalid, "the header is not UTF-8"};
    header.push_back(crm::trim(cell));
  }
  return header;
}

Result<void> send_rows(crm::CsvReader& reader, const ColumnMap& columns, const ImportArguments& arguments,
                       const std::string& marketing, EventSender& sender) {
  while (auto row = reader.next()) {
    const auto event =
        *row ? columns.event(**row, arguments.object, marketing) : Result<value::Value>(row->error());
    if (!event) {
      sender.reject(reader.line(), event.error().message);
      continue;
    }
    if (const auto sent = sender.add(reader.line(), with_content_id(*event)); !sent) return sent;
  }
  return sender.flush();
}

int import_file(const ImportArguments& arguments) {
  const auto text = crm::read_file(arguments.file);
  if (!text) return fail({ErrorCode::io, text.error().message});
  crm::CsvReader reader(*text);
  const auto header = read_header(reader);
  if (!header) {
    std::fprintf(stderr, "%s:1: %s\n", arguments.file.c_str(), header.error().message.c_str());
    return kProblems;
  }
  SendOptions options = arguments.send;
  options.url = arguments.remote.url;
  const auto sender = EventSender::create(options);
  if (!sender) return fail(sender.error());
  const auto schema = (*sender)->get("/v1/schema");
  if (!schema) return fail(schema.error());
  const auto properties = properties_of(*schema, arguments.object);
  if (!properties) return usage_problem(properties.error().message);
  std::vector<std::string> mappings = arguments.mappings;
  const bool fixed = arguments.marketing == "yes" || arguments.marketing == "no";
  if (!fixed && !arguments.marketing.empty()) mappings.push_back(arguments.marketing + "=marketing");
  const auto columns = ColumnMap::create(*header, mappings, *properties);
  if (!columns) {
    std::fprintf(stderr, "%s:1: %s\n", arguments.file.c_str(), columns.error().message.c_str());
    return kProblems;
  }
  const auto sent = send_rows(reader, *columns, arguments, fixed ? arguments.marketing : "", **sender);
  const int outcome = print_outcome(**sender, arguments.file, "imported", arguments.remote.json);
  return sent ? outcome : fail(sent.error());
}

}  // namespace

void add_import(CLI::App& app, int& exit) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* command =
      app.add_subcommand("import", "Creates and changes records from a CSV file with a header");
  command->add_option("file", arguments->named, "CSV, UTF-8; what the rows are may stand before it")
      ->required()
      ->expected(1, 2)
      ->type_name("[OBJECT] FILE.csv");
  command->add_option("--object", arguments->object, "What the rows are (contact)")->type_name("OBJECT");
  command
      ->add_option("--map", arguments->mappings,
                   "What columns mean, such as \"E-mail=email,会社名=company_name\"")
      ->delimiter(',')
      ->type_name("COLUMN=PROPERTY");
  command
      ->add_option("--marketing", arguments->marketing,
                   "Marketing status of all: yes, no, or the column of it")
      ->type_name("yes|no|COLUMN");
  command->add_option("--batch", arguments->send.batch, "Rows a request")->check(CLI::Range(1, 10'000));
  command->add_flag("--retry", arguments->send.retry,
                    "When the daemon is away, send again what was not acknowledged");
  add_remote_options(*command, arguments->remote);
  command->callback([arguments, &exit] {
    arguments->file = arguments->named.back();
    if (arguments->named.size() == 2) arguments->object = arguments->named.front();
    exit = import_file(*arguments);
  });
}

}  // namespace wf::wfd
