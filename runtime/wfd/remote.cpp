#include "runtime/wfd/remote.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

#include "runtime/api/json.hpp"
#include "runtime/api/table.hpp"
#include "runtime/wfd/commands.hpp"

namespace wf::wfd {

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

namespace {

Result<Answer> answer_of(Result<http::ClientResponse> response) {
  if (!response) return response.error();
  auto body = api::parse_json(response->body);
  if (!body) return Error{ErrorCode::invalid, "the answer is not from a daemon of this program"};
  if (response->status == 200) return Answer{std::move(*body), std::move(response->body)};
  const std::string message = api::text_member(*body, "error");
  const bool problem = response->status == 404 || response->status == 409;
  return Error{problem ? ErrorCode::not_found : ErrorCode::unavailable,
               message.empty() ? "the daemon answered " + std::to_string(response->status) : message};
}

}  // namespace

Result<Answer> get(http::Client& client, const std::string& target) {
  return answer_of(client.request("GET", target));
}

Result<Answer> post(const RemoteOptions& options, const std::string& target, const value::Value& body) {
  auto client = http::make_client(options.url);
  if (!client) return client.error();
  return answer_of((*client)->request("POST", target, api::to_json(body)));
}

int send(const RemoteOptions& options, const std::string& target, value::Map body,
         void (*print)(const value::Value& body)) {
  const auto answer = post(options, target, value::Value::map(std::move(body)));
  if (!answer) return fail(answer.error());
  if (options.json) {
    std::fputs(answer->text.c_str(), stdout);
  } else {
    print(answer->body);
  }
  return kOk;
}

Result<Answer> post(http::Client& client, const std::string& target, const std::string& body) {
  return answer_of(client.request("POST", target, body));
}

int operate(const RemoteOptions& options, const std::string& name, value::Map body) {
  return send(
      options, "/v1/operations/" + encode_segment(name), std::move(body),
      [](const value::Value& answer) { std::printf("%s\n", api::text_member(answer, "text").c_str()); });
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

void print_table(const api::TableRows& rows) {
  std::fputs(api::table_text(rows).c_str(), stdout);
}

}  // namespace wf::wfd
