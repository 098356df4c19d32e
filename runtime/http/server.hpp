// HTTP/1.1 server on Boost.Beast: knows paths and bytes, not meanings.
//
// Asynchronous on one or more I/O threads; a slow client holds a socket, never a thread. A handler may answer
// later, from any thread, exactly once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grammar/text/result.hpp"

namespace wf::http {

struct Request {
  std::string method;                                        ///< "GET"
  std::string path;                                          ///< without the query, percent-decoded
  std::vector<std::pair<std::string, std::string>> query;    ///< decoded
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;

  std::string_view header(std::string_view lower_name) const;  ///< "" when absent
  std::string_view parameter(std::string_view name) const;     ///< "" when absent
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

using Respond = std::function<void(Response)>;
using Handler = std::function<void(Request, Respond)>;

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: any free port
  std::size_t max_body = 64u << 20;
  std::size_t max_header = 16u << 10;
  int idle_seconds = 60;     ///< a connection without a request is closed after this
  int request_seconds = 30;  ///< a request must have arrived whole within this
  std::size_t max_connections = 10'000;
  int threads = 1;
};

class Server {
 public:
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;  ///< the bound port
  /// Stops accepting, lets running requests finish for at most `grace_ms`, then closes everything and joins.
  virtual void stop(int grace_ms) = 0;
};

/// Binds and starts. Error `io` with the address when it cannot be bound.
Result<std::unique_ptr<Server>> start_server(const ServerOptions& options, Handler handler);

struct ClientResponse {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};
/// Blocking client for the `wfd` commands and tests: keeps one connection open between calls. One thread
/// only.
class Client {
 public:
  virtual ~Client() = default;
  /// Errors: unavailable (no connection, broken before the answer), invalid (not HTTP).
  virtual Result<ClientResponse> request(const std::string& method, const std::string& target,
                                         const std::string& body = {},
                                         const std::string& content_type = "application/json") = 0;
};
/// `url` is http://host:port. Error `invalid` when it is not.
Result<std::unique_ptr<Client>> make_client(const std::string& url, int timeout_seconds = 30);

}  // namespace wf::http
