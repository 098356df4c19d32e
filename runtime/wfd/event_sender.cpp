#include "runtime/wfd/event_sender.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "runtime/api/json.hpp"
#include "runtime/wfd/commands.hpp"

namespace wf::wfd {

namespace {

using Timer = std::chrono::steady_clock;

constexpr std::size_t kBatchBytes = 8u << 20;
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{1000};

bool is_busy(int status) {
  return status == 429 || status == 503 || status == 507;
}

}  // namespace

Result<std::unique_ptr<EventSender>> EventSender::create(const SendOptions& options) {
  std::unique_ptr<EventSender> sender(new EventSender(options));
  auto client = http::make_client(options.url);
  if (!client) return client.error();
  sender->client_ = std::move(*client);
  return sender;
}

Result<void> EventSender::add(std::size_t line, std::string json) {
  lines_.push_back(line);
  body_ += json;
  body_ += '\n';
  return lines_.size() >= options_.batch || body_.size() >= kBatchBytes ? flush() : Result<void>();
}

void EventSender::reject(std::size_t line, std::string reason) {
  rejected_.push_back({line, std::move(reason)});
}

/// Repeats `request` while the daemon is busy or, when asked to, away.
Result<http::ClientResponse> EventSender::persist(
    const std::function<Result<http::ClientResponse>(http::Client&)>& request) {
  const auto give_up = Timer::now() + std::chrono::seconds(options_.retry_seconds);
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    auto response = request(*client_);
    const bool away = !response && response.error().code == ErrorCode::unavailable;
    const bool busy = response && is_busy(response->status) && (options_.retry || response->status == 429);
    if (!busy && !(away && options_.retry)) return response;
    if (Timer::now() + pause > give_up) return response;
    std::this_thread::sleep_for(pause);
  }
}

Result<void> EventSender::flush() {
  if (lines_.empty()) return {};
  const auto response = persist([this](http::Client& client) {
    return client.request("POST", "/v1/events", body_, "application/x-ndjson");
  });
  if (!response) return response.error();
  if (const auto taken = take_answer(*response); !taken) return taken;
  body_.clear();
  lines_.clear();
  return {};
}

Result<void> EventSender::take_answer(const http::ClientResponse& response) {
  const auto body = api::parse_json(response.body);
  const value::Value* accepted = body ? api::member(*body, "accepted") : nullptr;
  if (accepted == nullptr) {
    const std::string reason = body ? api::text_member(*body, "error") : "";
    return Error{ErrorCode::unavailable, "the daemon answered " + std::to_string(response.status) +
                                             (reason.empty() ? "" : ": " + reason)};
  }
  acknowledged_ += static_cast<std::size_t>(api::integer_member(*body, "accepted"));
  for (const value::Value& item : api::list_member(*body, "rejected")) {
    const auto index = static_cast<std::size_t>(api::integer_member(item, "index"));
    rejected_.push_back({index < lines_.size() ? lines_[index] : 0, api::text_member(item, "reason")});
  }
  return {};
}

Result<value::Value> EventSender::get(const std::string& target) {
  const auto response = persist([&](http::Client& client) { return client.request("GET", target); });
  if (!response) return response.error();
  if (response->status != 200) {
    return Error{ErrorCode::unavailable, "the daemon answered " + std::to_string(response->status)};
  }
  return api::parse_json(response->body);
}

int print_outcome(const EventSender& sender, const std::string& file, const char* taken_member, bool json) {
  std::vector<Rejection> rejected = sender.rejected();
  std::stable_sort(rejected.begin(), rejected.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  value::List items;
  for (const Rejection& rejection : rejected) {
    items.push_back(
        value::Value::map({{"line", value::Value::integer(static_cast<std::int64_t>(rejection.line))},
                           {"reason", value::Value::text(rejection.reason)}}));
    if (!json) std::fprintf(stderr, "%s:%zu: %s\n", file.c_str(), rejection.line, rejection.reason.c_str());
  }
  const auto taken = static_cast<std::int64_t>(sender.acknowledged());
  if (json) {
    const auto body = value::Value::map(
        {{taken_member, value::Value::integer(taken)}, {"rejected", value::Value::list(std::move(items))}});
    std::printf("%s\n", api::to_json(body).c_str());
  } else {
    std::printf("%s %lld, rejected %zu\n", taken_member, static_cast<long long>(taken), rejected.size());
  }
  return rejected.empty() ? kOk : kProblems;
}

}  // namespace wf::wfd
