#include "runtime/wfd/remote.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>

#include "grammar/text/render.hpp"
#include "runtime/api/json.hpp"
#include "runtime/log/text.hpp"
#include "runtime/wfd/commands.hpp"

namespace wf::wfd {

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Whether the column holds a number or nothing in every row but the head.
bool is_numeric(const Rows& rows, std::size_t column) {
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

void add_remote_options(CLI::App& command, RemoteOptions& options) {
  command.add_option("--url", options.url, "The daemon")->type_name("URL")->envname("WFD_URL");
  const std::map<std::string, bool> formats = {{"text", false}, {"json", true}};
  command.add_option("--format", options.json, "text or json")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("FORMAT");
}

int fail(const Error& error) {
  std::fprintf(stderr, "wfd: %s\n", error.message.c_str());
  return error.code == ErrorCode::not_found ? kProblems : kFailed;
}

Result<Answer> get(http::Client& client, const std::string& target) {
  auto response = client.request("GET", target);
  if (!response) return response.error();
  auto body = api::parse_json(response->body);
  if (!body) return Error{ErrorCode::invalid, "the answer is not from a daemon of this program"};
  if (response->status == 200) return Answer{std::move(*body), std::move(response->body)};
  const std::string message = api::text_member(*body, "error");
  const ErrorCode code = response->status == 404 ? ErrorCode::not_found : ErrorCode::unavailable;
  return Error{code, message.empty() ? "the daemon answered " + std::to_string(response->status) : message};
}

int show(const RemoteOptions& options, const std::string& target, void (*print)(const value::Value& body)) {
  auto client = http::make_client(options.url);
  if (!client) return fail(client.error());
  const auto answer = get(**client, target);
  if (!answer) return fail(answer.error());
  if (options.json) {
    std::fputs(answer->text.c_str(), stdout);
  } else {
    print(answer->body);
  }
  return kOk;
}

std::string encode_segment(const std::string& text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~@:+=";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != kPlain.npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

void print_table(const Rows& rows) {
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
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = printable(row[i]);
      const std::string blanks(columns[i].width - text::display_width(cell), ' ');
      if (i > 0) line += "  ";
      line += columns[i].numeric ? blanks + cell : cell + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::printf("%s\n", line.c_str());
  }
}

}  // namespace wf::wfd
