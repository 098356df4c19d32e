// A real mail server for tests: OpenSMTPD on a free loopback port, every mail for anyone into one maildir.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace wf::test {

class Smtpd {
 public:
  /// Starts `smtpd` in a mount namespace of its own, so that it meets neither the machine's mail server nor
  /// another test. Throws std::runtime_error, saying what is missing, when the package opensmtpd is not
  /// installed, the process is not root, or the server does not answer within 10 seconds.
  Smtpd();
  /// Ends the server and removes its folders.
  ~Smtpd();
  Smtpd(const Smtpd&) = delete;
  Smtpd& operator=(const Smtpd&) = delete;

  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }
  /// The mails that have been delivered, after waiting at most 10 seconds for `count` of them.
  std::vector<std::string> mails(std::size_t count) const;

 private:
  void write_configuration();
  void start();
  void wait_until_listening();
  void end();
  std::string output() const;

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  int pid_ = -1;
};

}  // namespace wf::test
