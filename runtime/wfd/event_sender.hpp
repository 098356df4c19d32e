// EventSender: events to the daemon in batches, again when the connection breaks, and what became of each.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "grammar/text/result.hpp"
#include "grammar/value/value.hpp"
#include "runtime/http/server.hpp"

namespace wf::wfd {

struct SendOptions {
  std::string url;
  std::size_t batch = 500;
  bool retry = false;       ///< when the daemon cannot be reached, else only when it is busy
  int retry_seconds = 120;  ///< without any progress
};

/// A row or line that was not taken.
struct Rejection {
  std::size_t line = 0;
  std::string reason;
};

class EventSender {
 public:
  /// Errors: invalid (the URL).
  static Result<std::unique_ptr<EventSender>> create(const SendOptions& options);

  /// Adds one event as JSON text without line ends; sends when a batch is full. `line` is its place in the
  /// file. Errors: unavailable (given up: what was not acknowledged may or may not have been taken), invalid.
  Result<void> add(std::size_t line, std::string json);
  Result<void> flush();
  /// A GET that is repeated like a batch.
  Result<value::Value> get(const std::string& target);
  /// Something that was refused before it was sent. Kept in the order of the file only by the caller.
  void reject(std::size_t line, std::string reason);

  std::size_t acknowledged() const { return acknowledged_; }
  const std::vector<Rejection>& rejected() const { return rejected_; }

 private:
  explicit EventSender(const SendOptions& options) : options_(options) {}
  Result<http::ClientResponse> persist(
      const std::function<Result<http::ClientResponse>(http::Client&)>& request);
  Result<void> take_answer(const http::ClientResponse& response);

  const SendOptions options_;
  std::unique_ptr<http::Client> client_;
  std::string body_;
  std::vector<std::size_t> lines_;  // of the events in body_
  std::size_t acknowledged_ = 0;
  std::vector<Rejection> rejected_;
};

/// Says what was refused, by line, and how many were taken; as JSON with `json`. The exit code.
int print_outcome(const EventSender& sender, const std::string& file, const char* taken_member, bool json);

}  // namespace wf::wfd
