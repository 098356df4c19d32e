// A scripted server on loopback: each connection gets a thread that runs a function over the socket.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace wf::test {

/// One accepted connection, as the script sees it.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}

  bool say(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// The next line without its end; "" at the end of the stream.
  std::string line() {
    const std::string found = until("\r\n");
    return found.substr(0, found.size() - std::min<std::size_t>(2, found.size()));
  }

  /// Everything up to and with `mark`; "" when the stream ends before.
  std::string until(std::string_view mark) {
    std::size_t end = 0;
    while ((end = buffer_.find(mark)) == std::string::npos) {
      char chunk[4096];
      const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
      if (got <= 0) return {};
      buffer_.append(chunk, static_cast<std::size_t>(got));
    }
    std::string found = buffer_.substr(0, end + mark.size());
    buffer_.erase(0, found.size());
    return found;
  }

 private:
  int fd_;
  std::string buffer_;
};

class ScriptServer {
 public:
  using Script = std::function<void(Peer&)>;

  explicit ScriptServer(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    ::listen(listener_, 128);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }

  ~ScriptServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
  }
  ScriptServer(const ScriptServer&) = delete;
  ScriptServer& operator=(const ScriptServer&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  int most_at_once() const { return most_at_once_; }

 private:
  void accept() {
    while (true) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      ++connections_;
      {
        const std::lock_guard lock(mutex_);
        open_.insert(fd);
        most_at_once_ = std::max<int>(most_at_once_, static_cast<int>(open_.size()));
      }
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) {
    Peer peer(fd);
    script_(peer);
    const std::lock_guard lock(mutex_);
    open_.erase(fd);
    ::close(fd);
  }

  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> threads_;  ///< only the acceptor adds
  std::mutex mutex_;
  std::set<int> open_;  ///< guarded by mutex_
  std::atomic<int> connections_{0}, most_at_once_{0};
};

}  // namespace wf::test
