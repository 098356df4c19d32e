#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "runtime/channels/channel.hpp"
#include "runtime/channels/key_name.hpp"

namespace wf::channels {
namespace {

/// A file descriptor, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Answer failed(const std::string& what) {
  return {Outcome::retry, "cannot " + what + ": " + std::strerror(errno), 0, {}};
}

class FolderChannel : public MailChannel {
 public:
  explicit FolderChannel(std::string folder) : folder_(std::move(folder)) {}

  void send(Mail mail, Done done) override { done(deliver(mail)); }
  bool idempotent() const override { return true; }

 private:
  Answer deliver(const Mail& mail) {
    const auto message = format_mail(mail);
    if (!message) return {Outcome::refused, message.error().message, 0, {}};
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) return {Outcome::retry, "cannot create " + folder_ + ": " + error.message(), 0, {}};
    const std::string path = folder_ + '/' + key_name(mail.key) + ".eml";
    const bool present = ::access(path.c_str(), F_OK) == 0;
    const Answer stored = present ? Answer{Outcome::delivered, {}, 0, {}} : store(path, *message);
    return stored.outcome == Outcome::delivered ? sync_folder(path) : stored;
  }

  Answer store(const std::string& path, const std::string& message) {
    static std::atomic<std::uint64_t> counter{0};
    const std::string temporary =
        folder_ + "/.mail." + std::to_string(::getpid()) + '.' + std::to_string(counter++) + ".tmp";
    Answer answer = write_synced(temporary, message);
    // link(2), not rename(2): a file that is there already must stay as it is.
    if (answer.outcome == Outcome::delivered && ::link(temporary.c_str(), path.c_str()) != 0 &&
        errno != EEXIST) {
      answer = failed("create " + path);
    }
    ::unlink(temporary.c_str());
    return answer;
  }

  Answer sync_folder(const std::string& path) {
    const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0) return failed("sync " + folder_);
    return {Outcome::delivered, path, 0, {}};
  }

  static Answer write_synced(const std::string& path, const std::string& message) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return failed("create " + path);
    if (!write_all(file.get(), message)) return failed("write " + path);
    if (::fsync(file.get()) != 0) return failed("sync " + path);
    return {Outcome::delivered, {}, 0, {}};
  }

  std::string folder_;
};

}  // namespace

std::unique_ptr<MailChannel> make_folder_channel(const std::string& folder) {
  return std::make_unique<FolderChannel>(folder);
}

}  // namespace wf::channels
