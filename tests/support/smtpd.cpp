#include "tests/support/smtpd.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace wf::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kProgram = "/usr/sbin/smtpd";
constexpr const char* kRecipientUser = "nobody";  // smtpd delivers nothing as root
constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kPause = std::chrono::milliseconds(20);

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free loopback port");
  return ntohs(address.sin_port);
}

bool can_connect(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// In the child, between fork and exec: only system calls. smtpd's socket and spool have fixed places.
void enter_own_namespace() {
  const bool ready = ::unshare(CLONE_NEWNS) == 0 &&
                     ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                     ::mount("none", "/run", "tmpfs", 0, "mode=755") == 0 &&
                     ::mount("none", "/var/spool", "tmpfs", 0, "mode=755") == 0;
  if (ready) return;
  constexpr char kMessage[] = "cannot make a mount namespace for smtpd: CAP_SYS_ADMIN is needed\n";
  (void)!::write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
  ::_exit(126);
}

}  // namespace

Smtpd::Smtpd() {
  if (::access(kProgram, X_OK) != 0) {
    throw std::runtime_error(std::string(kProgram) + " is missing: install the package opensmtpd");
  }
  if (::geteuid() != 0) throw std::runtime_error("smtpd can only be started by root");
  std::string pattern = (fs::temp_directory_path() / "smtpd-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot create " + pattern);
  folder_ = pattern;
  port_ = free_port();
  write_configuration();
  start();
  wait_until_listening();
}

Smtpd::~Smtpd() {
  end();
}

void Smtpd::end() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Smtpd::write_configuration() {
  const passwd* user = ::getpwnam(kRecipientUser);
  const fs::path mails = folder_ / "mails";
  fs::create_directory(mails);
  fs::permissions(folder_, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
  if (user == nullptr || ::chown(mails.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("cannot give the maildir to nobody");
  }
  std::ofstream file(folder_ / "smtpd.conf");
  file << "listen on 127.0.0.1 port " << port_ << "\n"
       << "action \"keep\" maildir \"" << (mails / "box").string() << "\" user " << kRecipientUser
       << " virtual { \"@\" = " << kRecipientUser << " }\n"
       << "match from any for any action \"keep\"\n";
  file.close();
  fs::permissions(folder_ / "smtpd.conf", fs::perms::owner_read);
}

void Smtpd::start() {
  const std::string configuration = (folder_ / "smtpd.conf").string();
  const std::string log = (folder_ / "log").string();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  enter_own_namespace();
  ::execl(kProgram, "smtpd", "-d", "-f", configuration.c_str(), nullptr);
  ::_exit(127);
}

void Smtpd::wait_until_listening() {
  for (const auto late = Clock::now() + kPatience; Clock::now() < late; std::this_thread::sleep_for(kPause)) {
    if (can_connect(port_)) return;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      break;
    }
  }
  const std::string said = output();
  end();
  throw std::runtime_error("smtpd does not listen: " + said);
}

std::string Smtpd::output() const {
  return read_file(folder_ / "log");
}

std::vector<std::string> Smtpd::mails(std::size_t count) const {
  std::vector<std::string> found;
  for (const auto late = Clock::now() + kPatience; Clock::now() < late; std::this_thread::sleep_for(kPause)) {
    found.clear();
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder_ / "mails" / "box" / "new", absent)) {
      found.push_back(read_file(entry.path()));
    }
    if (found.size() >= count) break;
  }
  return found;
}

}  // namespace wf::test
