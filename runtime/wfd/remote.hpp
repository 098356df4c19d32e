// Remote: what the client commands share: the address of the daemon, requests to it, and how output looks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "grammar/text/result.hpp"
#include "grammar/value/value.hpp"
#include "runtime/http/server.hpp"

namespace CLI {
class App;
}

namespace wf::wfd {

struct RemoteOptions {
  std::string url = "http://127.0.0.1:8080";
  bool json = false;
};
/// --url and --format.
void add_remote_options(CLI::App& command, RemoteOptions& options);

/// Prints "wfd: MESSAGE" to stderr; gives the exit code.
int fail(const Error& error);

/// What the daemon answered to a GET. Errors: unavailable, invalid (no daemon there), not_found (with its
/// message).
struct Answer {
  value::Value body;
  std::string text;  ///< as it came
};
Result<Answer> get(http::Client& client, const std::string& target);
/// The same for a POST of JSON.
Result<Answer> post(http::Client& client, const std::string& target, const std::string& body);

/// One POST of a JSON body; errors as of get.
Result<Answer> post(const RemoteOptions& options, const std::string& target, const value::Value& body);

/// One GET, printed: as it came with --format json, else by `print`.
int show(const RemoteOptions& options, const std::string& target, void (*print)(const value::Value& body));

/// One POST of JSON, printed like show().
int send(const RemoteOptions& options, const std::string& target, value::Map body,
         void (*print)(const value::Value& body));
/// Has the daemon carry out an operation and prints what it answered; what is refused goes to stderr.
int operate(const RemoteOptions& options, const std::string& name, value::Map body);

/// A segment of a path, percent-encoded.
std::string encode_segment(const std::string& text);

/// Columns as wide as their cells need; numbers to the right. The first row is the head.
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace wf::wfd
