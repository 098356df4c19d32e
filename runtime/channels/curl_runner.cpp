#include "runtime/channels/curl_runner.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "runtime/channels/quiet_pipe.hpp"

namespace wf::channels {
namespace {

constexpr auto kShutdownGrace = std::chrono::seconds(2);
constexpr int kPollMilliseconds = 1000;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct Job {
  std::unique_ptr<Transfer> transfer;
  std::string group;
  Done done;
};

struct Group {
  std::deque<Job> waiting;
  int running = 0;
  bool in_turn = false;  ///< listed in the queue of groups that may start a transfer
};

CURLM* make_multi(int connections) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* multi = curl_multi_init();
  WF_ASSERT(global == CURLE_OK && multi != nullptr);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(connections));
  return multi;
}

}  // namespace

class CurlRunner::Loop {
 public:
  Loop(int connections, int per_group)
      : connections_(static_cast<std::size_t>(std::max(1, connections))),
        per_group_(std::max(1, per_group)),
        multi_(make_multi(std::max(1, connections))),
        thread_([this] { run(); }) {}

  ~Loop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      curl_multi_wakeup(multi_);
    }
    thread_.join();
  }

  void submit(Job job) {
    {
      const std::lock_guard lock(mutex_);
      if (!closed_) {
        inbox_.push_back(std::move(job));
        curl_multi_wakeup(multi_);
        return;
      }
    }
    answer_stopped(job);
  }

 private:
  struct Running {
    Job job;
    Easy easy;
  };

  void run() {
    block_sigpipe();
    while (take_inbox()) {
      start_some();
      drive();
    }
    shut_down();
    idle_.clear();
    curl_multi_cleanup(multi_);
  }

  /// False when the runner is to stop.
  bool take_inbox() {
    std::deque<Job> arrived;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return false;
      arrived.swap(inbox_);
    }
    for (Job& job : arrived) {
      Group& group = groups_[job.group];
      const std::string name = job.group;
      group.waiting.push_back(std::move(job));
      offer(name, group);
    }
    return true;
  }

  void offer(const std::string& name, Group& group) {
    if (group.in_turn || group.waiting.empty() || group.running >= per_group_) return;
    group.in_turn = true;
    turns_.push_back(name);
  }

  void start_some() {
    while (running_.size() < connections_ && !turns_.empty()) {
      const std::string name = std::move(turns_.front());
      turns_.pop_front();
      Group& group = groups_.at(name);
      group.in_turn = false;
      Job job = std::move(group.waiting.front());
      group.waiting.pop_front();
      ++group.running;
      offer(name, group);
      start(std::move(job));
    }
  }

  void start(Job job) {
    Easy easy = take_handle();
    CURL* handle = easy.get();
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    job.transfer->prepare(handle);
    running_.emplace(handle, Running{std::move(job), std::move(easy)});
    WF_ASSERT(curl_multi_add_handle(multi_, handle) == CURLM_OK);
  }

  Easy take_handle() {
    if (idle_.empty()) {
      Easy made(curl_easy_init());
      WF_ASSERT(made != nullptr);
      return made;
    }
    Easy easy = std::move(idle_.back());
    idle_.pop_back();
    curl_easy_reset(easy.get());
    return easy;
  }

  /// Moves bytes, waits for more, and answers what has ended.
  void drive() {
    int active = 0;
    curl_multi_perform(multi_, &active);
    if (!finish_ended()) curl_multi_poll(multi_, nullptr, 0, kPollMilliseconds, nullptr);
  }

  bool finish_ended() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode result = message->data.result;
      finish(message->easy_handle, result);
      any = true;
    }
    return any;
  }

  void finish(CURL* handle, CURLcode result) {
    Running ended = remove(handle);
    Answer answer = ended.job.transfer->finish(handle, result);
    idle_.push_back(std::move(ended.easy));
    const auto group = groups_.find(ended.job.group);
    --group->second.running;
    offer(group->first, group->second);
    if (group->second.running == 0 && group->second.waiting.empty()) groups_.erase(group);
    ended.job.done(std::move(answer));
  }

  Running remove(CURL* handle) {
    const auto found = running_.find(handle);
    Running ended = std::move(found->second);
    running_.erase(found);
    curl_multi_remove_handle(multi_, handle);
    return ended;
  }

  void shut_down() {
    std::deque<Job> unstarted;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      unstarted.swap(inbox_);
    }
    for (auto& [name, group] : groups_) {
      for (Job& job : group.waiting) unstarted.push_back(std::move(job));
      group.waiting.clear();
    }
    for (Job& job : unstarted) answer_stopped(job);
    const auto deadline = std::chrono::steady_clock::now() + kShutdownGrace;
    while (!running_.empty() && std::chrono::steady_clock::now() < deadline) {
      int active = 0;
      curl_multi_perform(multi_, &active);
      if (!finish_ended()) curl_multi_poll(multi_, nullptr, 0, kPollMilliseconds / 20, nullptr);
    }
    while (!running_.empty()) {
      Running ended = remove(running_.begin()->first);
      ended.job.done(ended.job.transfer->interrupted());
    }
  }

  static void answer_stopped(Job& job) { job.done({Outcome::retry, "shutting down", 0, {}}); }

  const std::size_t connections_;
  const int per_group_;
  CURLM* multi_;

  std::mutex mutex_;
  std::deque<Job> inbox_;  ///< guarded by mutex_
  bool stopping_ = false;  ///< guarded by mutex_
  bool closed_ = false;    ///< guarded by mutex_; nothing more is taken from the inbox

  std::unordered_map<std::string, Group> groups_;
  std::deque<std::string> turns_;
  std::unordered_map<CURL*, Running> running_;
  std::vector<Easy> idle_;
  std::thread thread_;  ///< last: it uses everything above
};

CurlRunner::CurlRunner(int connections, int per_group)
    : loop_(std::make_unique<Loop>(connections, per_group)) {}
CurlRunner::~CurlRunner() = default;

void CurlRunner::submit(std::unique_ptr<Transfer> transfer, std::string group, Done done) {
  loop_->submit({std::move(transfer), std::move(group), std::move(done)});
}

}  // namespace wf::channels
