// The blocking client: each call runs an I/O context of its own thread until the answer is there or time is
// up.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <optional>

#include "runtime/http/server.hpp"
#include "runtime/log/text.hpp"

namespace wf::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using net::ip::tcp;

constexpr std::size_t kMaxHeader = 256u << 10;

Error unavailable(const std::string& what, error_code error) {
  const bool timeout = error == beast::error::timeout;
  return {ErrorCode::unavailable, what + ": " + (timeout ? "no answer in time" : error.message())};
}

bool is_visible(std::string_view text) {
  for (const char c : text) {
    if (c <= 0x20 || c > 0x7E) return false;
  }
  return !text.empty();
}

class BeastClient : public Client {
 public:
  BeastClient(std::string host, std::string port, int timeout_seconds)
      : host_(std::move(host)), port_(std::move(port)), timeout_(timeout_seconds), stream_(io_) {}

  Result<ClientResponse> request(const std::string& method, const std::string& target,
                                 const std::string& body, const std::string& content_type) override {
    if (!is_visible(method) || !is_visible(target) ||
        std::any_of(content_type.begin(), content_type.end(), is_control)) {
      return Error{ErrorCode::invalid,
                   "the method, target or content type holds spaces or control characters"};
    }
    stream_.expires_after(timeout_);
    if (!is_reusable()) {
      if (const auto connected = connect(); !connected) return connected.error();
    }
    if (const auto sent = send(method, target, body, content_type); !sent) {
      disconnect();
      return sent.error();
    }
    return receive(method == "HEAD");
  }

 private:
  /// Runs what was just started to its end; the stream's expiry bounds it.
  void run() {
    io_.restart();
    io_.run();
  }

  void disconnect() {
    stream_.close();
    buffer_.clear();
    connected_ = false;
  }

  /// False when the other side has closed the kept connection, or has sent what nobody asked for.
  bool is_reusable() {
    if (!connected_) return false;
    error_code error;
    stream_.socket().non_blocking(true, error);
    char byte = 0;
    stream_.socket().receive(net::buffer(&byte, 1), tcp::socket::message_peek, error);
    const bool quiet = error == net::error::would_block && buffer_.size() == 0;
    if (!quiet) disconnect();
    return quiet;
  }

  Result<void> connect() {
    const std::string where = "cannot connect to " + host_ + " port " + port_;
    error_code error;
    const auto endpoints = tcp::resolver(io_).resolve(host_, port_, error);
    if (error) return unavailable(where, error);
    stream_.async_connect(endpoints, [&](error_code result, const tcp::endpoint&) { error = result; });
    run();
    if (error) {
      disconnect();
      return unavailable(where, error);
    }
    stream_.socket().set_option(tcp::no_delay(true), error);
    connected_ = true;
    return {};
  }

  Result<void> send(const std::string& method, const std::string& target, const std::string& body,
                    const std::string& content_type) {
    namespace http = beast::http;
    http::request<http::span_body<const char>> request;
    request.version(11);
    request.method_string(method);
    request.target(target);
    const bool v6 = host_.find(':') != std::string::npos;
    request.set(http::field::host, (v6 ? '[' + host_ + ']' : host_) + ':' + port_);
    if (!body.empty()) request.set(http::field::content_type, content_type);
    request.body() = {body.data(), body.size()};
    request.prepare_payload();
    error_code error;
    http::async_write(stream_, request, [&](error_code result, std::size_t) { error = result; });
    run();
    if (error) return unavailable("the connection broke before the answer", error);
    return {};
  }

  Result<ClientResponse> receive(bool head_only) {
    namespace http = beast::http;
    std::optional<http::response_parser<http::string_body>> parser;
    error_code error;
    do {  // 1xx answers come before the one that counts
      parser.emplace();
      parser->skip(head_only);
      parser->body_limit(boost::none);
      parser->header_limit(kMaxHeader);
      http::async_read(stream_, buffer_, *parser, [&](error_code result, std::size_t) { error = result; });
      run();
    } while (!error && parser->get().result_int() < 200);
    if (error) {
      disconnect();
      const bool gone = error == http::error::end_of_stream || error == http::error::partial_message;
      if (gone || error.category() != http::make_error_code(http::error::bad_version).category()) {
        return unavailable("the connection broke before the answer", error);
      }
      return Error{ErrorCode::invalid, "the answer is not valid HTTP: " + error.message()};
    }
    const bool keep = parser->keep_alive();
    ClientResponse response = take(parser->release());
    if (!keep) disconnect();
    return response;
  }

  static ClientResponse take(beast::http::response<beast::http::string_body> message) {
    ClientResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      response.headers.emplace_back(ascii_lower(field.name_string()), std::string(field.value()));
    }
    response.body = std::move(message.body());
    return response;
  }

  const std::string host_, port_;
  const std::chrono::seconds timeout_;
  net::io_context io_{1};
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  bool connected_ = false;
};

/// "host:port" or "[v6]:port" split; false when it is neither.
bool split_authority(std::string_view text, std::string& host, std::string& port) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string_view name = text.substr(0, colon);
  port = text.substr(colon + 1);
  if (name.starts_with('[') && name.ends_with(']')) {
    name = name.substr(1, name.size() - 2);
  } else if (name.find(':') != std::string_view::npos) {
    return false;
  }
  host = name;
  unsigned number = 0;
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), number);
  return problem == std::errc() && end == port.data() + port.size() && number >= 1 && number <= 65535 &&
         is_visible(host) && host.find_first_of("/?#@") == std::string::npos;
}

}  // namespace

Result<std::unique_ptr<Client>> make_client(const std::string& url, int timeout_seconds) {
  constexpr std::string_view kScheme = "http://";
  std::string_view rest = url;
  std::string host, port;
  const bool scheme = rest.starts_with(kScheme);
  if (scheme) rest.remove_prefix(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (!scheme || !split_authority(rest, host, port)) {
    return Error{ErrorCode::invalid, "the address must be http://host:port, not " + url};
  }
  return std::unique_ptr<Client>(std::make_unique<BeastClient>(host, port, timeout_seconds));
}

}  // namespace wf::http
