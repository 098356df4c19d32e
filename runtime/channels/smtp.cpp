// The SMTP channel: a thread for each connection, because libcurl waits for the reply to a message in a
// blocking way even under its multi interface, and one slow reply would hold up all others.
//
// What decides an outcome is the server's last reply, the command it answered, and whether libcurl had
// already been handed the whole message.
#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <thread>

#include "runtime/channels/channel.hpp"
#include "runtime/channels/quiet_pipe.hpp"

namespace wf::channels {
namespace {

constexpr long kMaxConnectSeconds = 10;
constexpr std::size_t kMaxDetail = 500;
constexpr auto kShutdownGrace = std::chrono::seconds(2);

/// A final reply line, "250 2.0.0 Ok": its code, else 0.
int reply_code(std::string_view line) {
  const bool final_line = line.size() >= 3 && (line.size() == 3 || line[3] != '-');
  if (!final_line ||
      !std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; })) {
    return 0;
  }
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/// One mail through one easy handle.
class SmtpTransfer {
 public:
  SmtpTransfer(const SmtpOptions& options, const Mail& mail, std::string message)
      : options_(options),
        from_('<' + mail.from_address + '>'),
        to_('<' + mail.to_address + '>'),
        message_(std::move(message)) {}
  ~SmtpTransfer() { curl_slist_free_all(recipients_); }

  SmtpTransfer(const SmtpTransfer&) = delete;
  SmtpTransfer& operator=(const SmtpTransfer&) = delete;

  void prepare(CURL* easy) {
    recipients_ = curl_slist_append(nullptr, to_.c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_URL, options_.url.c_str());
    const long seconds = std::max(1, options_.timeout_seconds);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, std::min(kMaxConnectSeconds, seconds));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, seconds);
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from_.c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients_);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message_.size()));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &SmtpTransfer::read);
    curl_easy_setopt(easy, CURLOPT_READDATA, this);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &SmtpTransfer::reply);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, &SmtpTransfer::trace);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, this);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    secure(easy);
  }

  Answer finish(CURLcode result) const {
    if (result == CURLE_OK) return {Outcome::delivered, detail_, code_, {}};
    if (code_ == 354 && all_read_) {
      return {Outcome::uncertain, "no answer after the message: " + error_text(result), 0, {}};
    }
    if (code_ < 400) return {Outcome::retry, error_text(result), 0, {}};
    return {about_message() && code_ >= 500 ? Outcome::refused : Outcome::retry, detail_, code_, {}};
  }

 private:
  void secure(CURL* easy) {
    if (!options_.user.empty()) {
      curl_easy_setopt(easy, CURLOPT_USERNAME, options_.user.c_str());
      curl_easy_setopt(easy, CURLOPT_PASSWORD, options_.password.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     static_cast<long>(options_.require_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    // Opportunistic TLS to a relay with its own certificate is still better than the plain text that it
    // replaces. A password is only given to a proven server.
    const bool opportunistic =
        !options_.require_tls && options_.user.empty() && !options_.url.starts_with("smtps:");
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, opportunistic ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, opportunistic ? 0L : 2L);
  }

  /// A refusal of this mail, not of the session: wrong passwords or a closed server must not lose mails.
  bool about_message() const {
    const bool authentication = code_ == 530 || code_ == 534 || code_ == 535 || code_ == 538;
    return !authentication && (answered_ == "MAIL" || answered_ == "RCPT" || answered_ == "DATA");
  }

  std::string error_text(CURLcode result) const {
    return error_[0] != '\0' ? std::string(error_.data()) : std::string(curl_easy_strerror(result));
  }

  static std::size_t read(char* buffer, std::size_t size, std::size_t count, void* self_pointer) {
    auto& self = *static_cast<SmtpTransfer*>(self_pointer);
    const std::size_t length = std::min(size * count, self.message_.size() - self.sent_);
    std::memcpy(buffer, self.message_.data() + self.sent_, length);
    self.sent_ += length;
    // From here on libcurl may finish the message at any moment.
    self.all_read_ = self.sent_ == self.message_.size();
    return length;
  }

  static std::size_t reply(char* text, std::size_t size, std::size_t count, void* self_pointer) {
    auto& self = *static_cast<SmtpTransfer*>(self_pointer);
    std::string_view line(text, size * count);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    const int code = reply_code(line);
    // libcurl says QUIT after a failure; that reply is not the one that matters.
    if (code != 0 && self.verb_ != "QUIT") {
      self.code_ = code;
      self.answered_ = self.verb_;
      self.detail_ = line.substr(0, kMaxDetail);
    }
    return size * count;
  }

  /// Only the verb is kept: the lines may hold passwords.
  static int trace(CURL*, curl_infotype type, char* data, std::size_t size, void* self_pointer) {
    if (type == CURLINFO_HEADER_OUT && size >= 4) {
      static_cast<SmtpTransfer*>(self_pointer)->verb_.assign(data, 4);
    }
    return 0;
  }

  const SmtpOptions& options_;
  const std::string from_, to_;
  const std::string message_;
  std::size_t sent_ = 0;
  bool all_read_ = false;
  std::string verb_;      ///< the last command
  std::string answered_;  ///< the command of the last reply
  int code_ = 0;          ///< of the last reply
  std::string detail_;    ///< the last line of the last reply
  curl_slist* recipients_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

struct Job {
  std::unique_ptr<SmtpTransfer> transfer;
  Done done;
};

class SmtpChannel : public MailChannel {
 public:
  explicit SmtpChannel(SmtpOptions options) : options_(std::move(options)) {
    static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
    WF_ASSERT(global == CURLE_OK);
  }

  ~SmtpChannel() override {
    std::deque<Job> unstarted;
    {
      std::unique_lock lock(mutex_);
      stopping_ = true;
      unstarted.swap(queue_);
    }
    changed_.notify_all();
    for (Job& job : unstarted) job.done(stopped(Outcome::retry));
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kShutdownGrace, [this] { return busy_ == 0; });
      cut_ = true;
      // Wakes whoever still waits for the server.
      for (const int fd : sockets_) ::shutdown(fd, busy_ > 0 ? SHUT_RDWR : SHUT_RD);
    }
    changed_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  void send(Mail mail, Done done) override {
    auto message = format_mail(mail);
    if (!message) return done({Outcome::refused, message.error().message, 0, {}});
    Job job{std::make_unique<SmtpTransfer>(options_, mail, std::move(*message)), std::move(done)};
    {
      const std::lock_guard lock(mutex_);
      if (!stopping_) {
        queue_.push_back(std::move(job));
        add_worker_if_useful();
      }
    }
    if (job.transfer != nullptr) return job.done(stopped(Outcome::retry));
    changed_.notify_one();
  }
  bool idempotent() const override { return false; }

 private:
  static Answer stopped(Outcome outcome) { return {outcome, "shutting down", 0, {}}; }

  void add_worker_if_useful() {
    const std::size_t idle = workers_.size() - busy_;
    const auto most = static_cast<std::size_t>(std::max(1, options_.connections));
    if (idle >= queue_.size() || workers_.size() >= most) return;
    workers_.emplace_back([this] { work(); });
  }

  /// A worker has one easy handle, and so one connection, which it keeps between mails.
  void work() {
    block_sigpipe();
    CURL* easy = curl_easy_init();
    WF_ASSERT(easy != nullptr);
    while (auto job = next()) {
      curl_easy_reset(easy);
      track_sockets(easy);
      job->transfer->prepare(easy);
      Answer answer = job->transfer->finish(curl_easy_perform(easy));
      job->done(leave(std::move(answer)));
    }
    wait_for_cut();
    curl_easy_cleanup(easy);
  }

  /// nullopt when the channel ends.
  std::optional<Job> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return std::nullopt;
    ++busy_;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    return job;
  }

  /// Counts the transfer as over, and names the true reason when it was cut by the end of the channel.
  Answer leave(Answer answer) {
    const std::lock_guard lock(mutex_);
    --busy_;
    if (stopping_) changed_.notify_all();
    return cut_ && answer.status == 0 ? stopped(answer.outcome) : answer;
  }

  /// When libcurl closes a connection it says QUIT and waits for the reply; once the sockets are shut for
  /// reading, a silent server cannot hold up the end.
  void wait_for_cut() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return cut_; });
  }

  void track_sockets(CURL* easy) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &SmtpChannel::open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &SmtpChannel::close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
  }

  static curl_socket_t open_socket(void* self_pointer, curlsocktype, curl_sockaddr* address) {
    auto& self = *static_cast<SmtpChannel*>(self_pointer);
    const std::lock_guard lock(self.mutex_);
    if (self.cut_) return CURL_SOCKET_BAD;
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd >= 0) self.sockets_.insert(fd);
    return fd;
  }

  static int close_socket(void* self_pointer, curl_socket_t fd) {
    auto& self = *static_cast<SmtpChannel*>(self_pointer);
    const std::lock_guard lock(self.mutex_);
    self.sockets_.erase(fd);
    return ::close(fd);
  }

  const SmtpOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> queue_;             ///< guarded by mutex_, as all below
  std::vector<std::thread> workers_;  ///< grows while there is more work than idle workers
  std::set<int> sockets_;             ///< all that libcurl holds for us
  std::size_t busy_ = 0;
  bool stopping_ = false;
  bool cut_ = false;  ///< the grace is over: no transfer may go on
};

}  // namespace

std::unique_ptr<MailChannel> make_smtp_channel(const SmtpOptions& options) {
  return std::make_unique<SmtpChannel>(options);
}

}  // namespace wf::channels
