// The server. Each connection is a Session on a strand of its own: read a request, hand it to the handler,
// write the answer, again. The registry of the server owns the sessions; an answer that comes late or from
// another thread reaches its session through a Gate, which knows whether the server is still there.
#include "runtime/http/server.hpp"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>

#include "runtime/http/response.hpp"
#include "runtime/http/target.hpp"
#include "runtime/log/log.hpp"
#include "runtime/log/text.hpp"

namespace wf::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using net::ip::tcp;

constexpr std::size_t kFirstRead = 4096;
constexpr std::size_t kLargeRead = 64u << 10;  ///< what one read may take of a large body
constexpr std::size_t kMaxReserve = 4u << 20;  ///< memory given for a promised body before it arrives
constexpr auto kDrainTime = std::chrono::seconds(3);
constexpr auto kAcceptPause = std::chrono::milliseconds(50);

class Session;

/// The sessions of one server, and whether it still runs.
class Gate {
 public:
  /// False when the server has stopped; then nothing was posted.
  void answer(const std::weak_ptr<Session>& session, Response response);

  bool add(std::shared_ptr<Session> session, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    if (closed_ || sessions_.size() >= limit) return false;
    sessions_.insert(std::move(session));
    return true;
  }

  void remove(const std::shared_ptr<Session>& session) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(session);
    if (sessions_.empty()) empty_.notify_all();
  }

  std::vector<std::shared_ptr<Session>> all() {
    const std::lock_guard lock(mutex_);
    return {sessions_.begin(), sessions_.end()};
  }

  void wait_until_empty(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    empty_.wait_for(lock, limit, [this] { return sessions_.empty(); });
  }

  /// After this no answer touches a session any more. The sessions die with the returned set.
  std::unordered_set<std::shared_ptr<Session>> close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    return std::move(sessions_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable empty_;
  std::unordered_set<std::shared_ptr<Session>> sessions_;
  bool closed_ = false;
};

/// One promised answer. When the handler drops it without answering, the client gets a 500.
class Reply {
 public:
  Reply(std::shared_ptr<Gate> gate, std::weak_ptr<Session> session)
      : gate_(std::move(gate)), session_(std::move(session)) {}
  ~Reply() {
    if (!answered_) gate_->answer(session_, error_response(500, "the request was not answered"));
  }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  void operator()(Response response) {
    if (answered_.exchange(true)) return log::error("a handler answered twice");
    gate_->answer(session_, std::move(response));
  }

 private:
  std::shared_ptr<Gate> gate_;
  std::weak_ptr<Session> session_;
  std::atomic<bool> answered_{false};
};

struct Shared {
  ServerOptions options;
  Handler handler;
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const Shared& shared) : stream_(std::move(socket)), shared_(shared) {
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
  }

  void start() {
    net::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->wait_for_request(); });
  }

  /// Ends the connection now when it is idle, else after the answer to the running request.
  void finish_soon() {
    net::post(stream_.get_executor(), [self = shared_from_this()] {
      self->closing_ = true;
      if (!self->busy_) self->close();
    });
  }

  void post_answer(Response response) {
    net::post(stream_.get_executor(), [self = shared_from_this(), answer = std::move(response)]() mutable {
      self->write(std::move(answer));
    });
  }

 private:
  using Parser = beast::http::request_parser<beast::http::string_body>;

  void wait_for_request() {
    if (closing_) return close();
    shrink_buffer();
    if (buffer_.size() > 0) return read_head();  // pipelined
    stream_.expires_after(std::chrono::seconds(shared_.options.idle_seconds));
    stream_.async_read_some(buffer_.prepare(kFirstRead),
                            [self = shared_from_this()](error_code error, std::size_t length) {
                              if (error || self->closing_) return self->close();
                              self->buffer_.commit(length);
                              self->read_head();
                            });
  }

  /// A connection that once carried a large body does not keep the memory while it is idle.
  void shrink_buffer() {
    if (buffer_.size() == 0 && buffer_.capacity() > 2 * kFirstRead) {
      buffer_.clear();
      buffer_.shrink_to_fit();
    }
  }

  void read_head() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.options.max_header));
    parser_->body_limit(shared_.options.max_body);
    stream_.expires_after(std::chrono::seconds(shared_.options.request_seconds));
    beast::http::async_read_header(stream_, buffer_, *parser_,
                                   [self = shared_from_this()](error_code error, std::size_t) {
                                     if (error) return self->reject(error);
                                     self->prepare_body();
                                   });
  }

  void prepare_body() {
    if (const auto length = parser_->content_length(); length && !parser_->is_done()) {
      parser_->get().body().reserve(std::min<std::uint64_t>(*length, kMaxReserve));
      if (*length > kFirstRead) buffer_.reserve(kLargeRead);
    }
    const bool expects = beast::iequals(parser_->get()[beast::http::field::expect], "100-continue");
    if (!expects || parser_->is_done() || buffer_.size() > 0) return read_body();
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    net::async_write(stream_, net::buffer(kContinue),
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (error) return self->close();
                       self->read_body();
                     });
  }

  void read_body() {
    if (parser_->is_done()) return handle();
    beast::http::async_read(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->reject(error);
                              self->handle();
                            });
  }

  /// A request that could not be read: an answer when the client broke the rules, none when it went away.
  void reject(error_code problem) {
    using Problem = beast::http::error;
    const bool broke_rules =
        problem.category() == beast::http::make_error_code(Problem::bad_target).category();
    if (!broke_rules || problem == Problem::end_of_stream || problem == Problem::partial_message)
      return close();
    if (problem == Problem::body_limit) return refuse(413, "the body is too large");
    if (problem == Problem::header_limit) return refuse(431, "the header is too large");
    refuse(400, "not a valid HTTP request");
  }

  void refuse(int status, const std::string& message) {
    keep_alive_ = false;
    drain_ = true;
    busy_ = true;
    head_only_ = false;
    write(error_response(status, message));
  }

  void handle() {
    auto message = parser_->release();
    parser_.reset();
    const bool has_host = message.version() < 11 || message.count(beast::http::field::host) == 1;
    Request request;
    if (!has_host || message.version() > 11 || !parse_target(message.target(), request)) {
      return refuse(400, "not a valid request target, host or version");
    }
    stream_.expires_never();
    busy_ = true;
    keep_alive_ = message.keep_alive();
    head_only_ = message.method() == beast::http::verb::head;
    request.method = std::string(message.method_string());
    for (const auto& field : message) {
      request.headers.emplace_back(ascii_lower(field.name_string()), std::string(field.value()));
    }
    request.body = std::move(message.body());
    call_handler(std::move(request));
  }

  void call_handler(Request request) {
    auto reply = std::make_shared<Reply>(shared_.gate, weak_from_this());
    try {
      shared_.handler(std::move(request), [reply](Response response) { (*reply)(std::move(response)); });
    } catch (const std::exception& problem) {
      log::error("a handler failed", {{"reason", problem.what()}});
    }
  }

  void write(Response response) {
    if (closing_) keep_alive_ = false;
    head_ = format_head(response, keep_alive_);
    body_ = std::move(response.body);
    if (head_only_) body_.clear();
    written_ = 0;
    write_some();
  }

  /// Piece by piece, so that a large answer has to make progress instead of ending by a fixed time.
  void write_some() {
    std::array<net::const_buffer, 2> rest = {net::buffer(head_), net::buffer(body_)};
    const std::size_t of_head = std::min(written_, head_.size());
    rest[0] += of_head;
    rest[1] += written_ - of_head;
    stream_.expires_after(std::chrono::seconds(shared_.options.request_seconds));
    stream_.async_write_some(rest, [self = shared_from_this()](error_code error, std::size_t length) {
      if (error) return self->close();
      self->written_ += length;
      if (self->written_ < self->head_.size() + self->body_.size()) return self->write_some();
      self->finish_answer();
    });
  }

  void finish_answer() {
    busy_ = false;
    body_ = {};
    if (keep_alive_ && !closing_) return wait_for_request();
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (!drain_) return close();
    stream_.expires_after(kDrainTime);
    drain();
  }

  /// Closing a socket with unread bytes resets it, and the client would lose the answer that says why.
  void drain() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kLargeRead),
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error || self->closing_) return self->close();
                              self->drain();
                            });
  }

  void close() {
    stream_.close();
    shared_.gate->remove(shared_from_this());
  }

  beast::tcp_stream stream_;
  const Shared& shared_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string head_, body_;
  std::size_t written_ = 0;
  bool busy_ = false;  ///< from the whole request to the end of its answer
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool drain_ = false;
  bool closing_ = false;
};

void Gate::answer(const std::weak_ptr<Session>& session, Response response) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  if (const auto alive = session.lock()) alive->post_answer(std::move(response));
}

class BeastServer : public Server {
 public:
  BeastServer(ServerOptions options, Handler handler)
      : shared_{std::move(options), std::move(handler)},
        io_(std::make_unique<net::io_context>(std::max(1, shared_.options.threads))),
        acceptor_(std::make_unique<tcp::acceptor>(net::make_strand(*io_))),
        pause_(std::make_unique<net::steady_timer>(acceptor_->get_executor())) {}
  ~BeastServer() override { stop(0); }

  Result<void> listen() {
    error_code error;
    const auto address = net::ip::make_address(shared_.options.address, error);
    const tcp::endpoint endpoint(address, shared_.options.port);
    if (!error) acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(net::socket_base::max_listen_connections, error);
    if (error) {
      return Error{ErrorCode::io, "cannot listen on " + shared_.options.address + " port " +
                                      std::to_string(shared_.options.port) + ": " + error.message()};
    }
    port_ = acceptor_->local_endpoint().port();
    accept();
    // While handlers run there may be no other work, and their answers still need the threads.
    work_.emplace(io_->get_executor());
    for (int i = 0; i < std::max(1, shared_.options.threads); ++i) {
      threads_.emplace_back([this] { io_->run(); });
    }
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void stop(int grace_ms) override {
    if (!io_) return;
    net::post(acceptor_->get_executor(), [this] {
      error_code ignored;
      acceptor_->close(ignored);
      pause_->cancel();
    });
    for (const auto& session : shared_.gate->all()) session->finish_soon();
    if (!threads_.empty()) shared_.gate->wait_until_empty(std::chrono::milliseconds(std::max(0, grace_ms)));
    io_->stop();
    for (auto& thread : threads_) thread.join();
    shared_.gate->close().clear();
    work_.reset();
    pause_.reset();
    acceptor_.reset();
    io_.reset();
  }

 private:
  void accept() {
    acceptor_->async_accept(net::make_strand(*io_), [this](error_code error, tcp::socket socket) {
      if (!acceptor_->is_open()) return;
      if (error) return accept_later(error);
      auto session = std::make_shared<Session>(std::move(socket), shared_);
      // Over the limit the connection is dropped at once, which costs less than an answer.
      if (shared_.gate->add(session, shared_.options.max_connections)) session->start();
      accept();
    });
  }

  /// Out of descriptors, most likely: trying again at once would only burn the processor.
  void accept_later(error_code error) {
    log::warning("cannot accept a connection", {{"reason", error.message()}});
    pause_->expires_after(kAcceptPause);
    pause_->async_wait([this](error_code cancelled) {
      if (!cancelled && acceptor_->is_open()) accept();
    });
  }

  Shared shared_;
  std::unique_ptr<net::io_context> io_;
  std::optional<net::executor_work_guard<net::io_context::executor_type>> work_;
  std::unique_ptr<tcp::acceptor> acceptor_;
  std::unique_ptr<net::steady_timer> pause_;
  std::vector<std::thread> threads_;
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<Server>> start_server(const ServerOptions& options, Handler handler) {
  auto server = std::make_unique<BeastServer>(options, std::move(handler));
  if (const auto listening = server->listen(); !listening) return listening.error();
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace wf::http
