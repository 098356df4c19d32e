// The webhook channel: a signed POST. A call that ends without a status line may be repeated, because the
// receiver knows it by its key; once there is a final status line, that line is the answer.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "runtime/channels/channel.hpp"
#include "runtime/channels/curl_runner.hpp"
#include "runtime/channels/guard.hpp"
#include "runtime/channels/sign.hpp"
#include "runtime/log/text.hpp"

namespace wf::channels {
namespace {

constexpr std::size_t kMaxAnswer = 1u << 20;
constexpr long kMaxConnectSeconds = 10;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;

struct Target {
  std::string host;  ///< "host:port", the group of the call
  int port = 0;
};

/// nullopt with `why` filled when the URL is not one that a webhook may have.
std::optional<Target> parse_url(const std::string& url, std::string& why) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  auto part = [&](CURLUPart what) {
    char* text = nullptr;
    const bool found = curl_url_get(parsed.get(), what, &text, CURLU_DEFAULT_PORT) == CURLUE_OK;
    std::string out = found ? text : "";
    curl_free(text);
    return out;
  };
  const bool clean = std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!clean || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    why = "not a URL";
    return std::nullopt;
  }
  const std::string scheme = part(CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") why = "the scheme is neither http nor https";
  if (!part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty())
    why = "the URL holds a user or password";
  if (!why.empty()) return std::nullopt;
  const std::string host = ascii_lower(part(CURLUPART_HOST));
  const std::string port = part(CURLUPART_PORT);
  return Target{host + ':' + port, std::stoi(port)};
}

class WebhookTransfer : public Transfer {
 public:
  WebhookTransfer(const WebhookOptions& options, Call call) : options_(options), call_(std::move(call)) {}
  ~WebhookTransfer() override { curl_slist_free_all(headers_); }

  void prepare(CURL* easy) override {
    add_headers();
    curl_easy_setopt(easy, CURLOPT_URL, call_.url.c_str());
    const long seconds = std::max(1, options_.timeout_seconds);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");  // a proxy of the environment would dodge the address check
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, std::min(kMaxConnectSeconds, seconds));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, seconds);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "wf-webhook/1");
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call_.body.data());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &WebhookTransfer::write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &WebhookTransfer::open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  }

  Answer finish(CURL* easy, CURLcode result) override {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200) {
      if (blocked_) return {Outcome::refused, "the address is not public", 0, {}};
      return {Outcome::retry, error_text(result), 0, {}};
    }
    std::string detail = "HTTP " + std::to_string(status);
    if (cut_) {
      detail += ", answer cut after 1 MiB";
    } else if (result != CURLE_OK) {
      detail += ", answer incomplete: " + error_text(result);
    }
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    Answer answer{outcome(status), std::move(detail), static_cast<int>(status), std::move(answer_)};
    if (answer.outcome == Outcome::retry) answer.retry_after = seconds;
    return answer;
  }

  Answer interrupted() override { return {Outcome::retry, "shutting down", 0, {}}; }

 private:
  static Outcome outcome(long status) {
    if (status < 300) return Outcome::delivered;
    return status == 429 || status >= 500 ? Outcome::retry : Outcome::refused;
  }

  void add_headers() {
    auto add = [&](const std::string& line) { headers_ = curl_slist_append(headers_, line.c_str()); };
    const std::int64_t seconds = call_.timestamp / kMicrosPerSecond;
    add("content-type: application/json");
    add("webhook-id: " + call_.key);
    add("webhook-timestamp: " + std::to_string(seconds));
    add("Idempotency-Key: " + call_.key);
    if (!call_.secret.empty()) {
      add("webhook-signature: " + sign_webhook(call_.secret, call_.key, seconds, call_.body));
    }
    add("Expect:");  // no extra round trip before large bodies
  }

  std::string error_text(CURLcode result) const {
    return error_[0] != '\0' ? std::string(error_.data()) : std::string(curl_easy_strerror(result));
  }

  static std::size_t write(char* data, std::size_t size, std::size_t count, void* self_pointer) {
    auto& self = *static_cast<WebhookTransfer*>(self_pointer);
    const std::size_t length = size * count;
    const std::size_t room = kMaxAnswer - self.answer_.size();
    self.answer_.append(data, std::min(room, length));
    self.cut_ = length > room;
    return self.cut_ ? 0 : length;
  }

  /// Sees the very address that is connected to, after name resolution: no second lookup can differ.
  static curl_socket_t open_socket(void* self_pointer, curlsocktype, curl_sockaddr* address) {
    auto& self = *static_cast<WebhookTransfer*>(self_pointer);
    if (!self.options_.allow_private && is_private_address(&address->addr)) {
      self.blocked_ = true;
      return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  const WebhookOptions& options_;
  const Call call_;
  std::string answer_;
  bool cut_ = false;
  bool blocked_ = false;  ///< an address of the host was private
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

class WebhookChannel : public CallChannel {
 public:
  explicit WebhookChannel(WebhookOptions options)
      : options_(std::move(options)), runner_(options_.connections, options_.per_host) {}

  void call(Call call, Done done) override {
    std::string why;
    const auto target = parse_url(call.url, why);
    if (!target) return done({Outcome::refused, why, 0, {}});
    const auto& ports = options_.public_ports;
    if (!options_.allow_private && std::find(ports.begin(), ports.end(), target->port) == ports.end()) {
      return done({Outcome::refused, "the port " + std::to_string(target->port) + " is not allowed", 0, {}});
    }
    if (!is_header_value(call.key)) {
      return done({Outcome::refused, "the key is empty or holds other than visible ASCII", 0, {}});
    }
    if (!call.secret.empty() && !is_signing_secret(call.secret)) {
      return done({Outcome::retry, "the secret starts with whsec_ but is not base64", 0, {}});
    }
    runner_.submit(std::make_unique<WebhookTransfer>(options_, std::move(call)), target->host,
                   std::move(done));
  }

 private:
  static bool is_header_value(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  }

  const WebhookOptions options_;
  CurlRunner runner_;  ///< last: its transfers refer to the options
};

}  // namespace

std::unique_ptr<CallChannel> make_webhook_channel(const WebhookOptions& options) {
  return std::make_unique<WebhookChannel>(options);
}

}  // namespace wf::channels
