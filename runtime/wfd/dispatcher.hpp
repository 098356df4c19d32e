// Dispatcher: gives deliveries of the engine to the channels, and their answers back.
//
// Threads of its own call the channels, because a channel may take its time; the engine never waits for one.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/api/clock.hpp"
#include "runtime/channels/channel.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/wfd/secrets.hpp"

namespace wf::wfd {

class Dispatcher {
 public:
  using Answered = std::function<void(engine::EffectAnswer)>;

  /// `answered` is called once per delivery, on any thread. `clock` must outlive the dispatcher. Nothing is
  /// delivered before start() or by other than deliver_next().
  Dispatcher(std::unique_ptr<channels::MailChannel> mail, std::unique_ptr<channels::CallChannel> call,
             Secrets secrets, const api::Clock& clock, Answered answered);
  ~Dispatcher();

  /// From now on threads of its own deliver.
  void start();
  /// Gives one delivery to its channel, if any waits. False when none did. For a caller that has not called
  /// start().
  bool deliver_next();
  /// One thread.
  void give(std::vector<engine::Delivery> deliveries);
  /// How many more deliveries may be handed over now: bounds memory.
  std::size_t room() const;
  /// Something was handed over and is not answered. Any thread.
  bool busy() const;
  /// What fails at the moment, for the status. Any thread.
  value::Map health() const;
  /// Answers what was not started with `retry`, waits for the rest for as long as the channels allow.
  void stop();

 private:
  struct Failure {
    std::string detail;
    std::int64_t since = 0;
    std::uint64_t times = 0;
  };
  void run();
  void deliver(const engine::Delivery& delivery);
  void send(const engine::Delivery& delivery, const engine::MailDelivery& mail);
  void call(const engine::Delivery& delivery, const engine::CallDelivery& call);
  void settle(const std::string& target, engine::EffectAnswer answer);
  void note(const std::string& target, bool failed, const std::string& detail);

  Secrets secrets_;
  const api::Clock& clock_;
  const Answered answered_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<engine::Delivery> queue_;
  std::map<std::string, Failure> failures_;
  std::size_t handed_over_ = 0;  // and not answered
  bool stopping_ = false;
  // Destroyed before the members above: a channel answers what it still has on destruction.
  std::unique_ptr<channels::MailChannel> mail_;
  std::unique_ptr<channels::CallChannel> call_;
  std::vector<std::thread> threads_;
};

}  // namespace wf::wfd
