#include "runtime/store/log_format.hpp"

#include <sqlite3.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

namespace wf::store {

static_assert(std::endian::native == std::endian::little, "SQLite sums a log in the machine's byte order");

namespace {

std::uint32_t number(std::string_view bytes, std::size_t at) {
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return n;
}

void put_number(std::string& bytes, std::size_t at, std::uint32_t n) {
  for (std::size_t i = 4; i-- > 0; n >>= 8) bytes[at + i] = static_cast<char>(n & 0xff);
}

constexpr std::size_t kHeaderPageSize = 8, kHeaderNumber = 12, kHeaderSalt = 16, kHeaderSummed = 24;
constexpr std::size_t kDatabaseHeader = 100, kReserved = 20;
constexpr std::size_t kFramePage = 0, kFrameCommit = 4, kFrameSalt = 8, kSalt = 8;

bool valid_header(std::string_view header) {
  return add_to({}, header.substr(0, kHeaderSummed)) == stored_sum(header);
}

/// A file of a VFS, read only.
class LogFile {
 public:
  LogFile() = default;
  ~LogFile() {
    if (file_ && file_->pMethods) file_->pMethods->xClose(file_);
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// False: there is none, or nothing in it.
  Result<bool> open(const std::string& path, const std::string& vfs_name) {
    sqlite3_vfs* vfs = sqlite3_vfs_find(vfs_name.empty() ? nullptr : vfs_name.c_str());
    if (vfs == nullptr) return Error{ErrorCode::io, "there is no VFS " + vfs_name};
    std::vector<char> full(static_cast<std::size_t>(vfs->mxPathname) + 1);
    if (vfs->xFullPathname(vfs, path.c_str(), vfs->mxPathname, full.data()) != SQLITE_OK) return false;
    int exists = 0;
    if (vfs->xAccess(vfs, full.data(), SQLITE_ACCESS_EXISTS, &exists) != SQLITE_OK || exists == 0)
      return false;
    memory_.resize(static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1);
    file_ = reinterpret_cast<sqlite3_file*>(memory_.data());
    file_->pMethods = nullptr;
    // VFSs look for parameters behind the name: a name of SQLite's own making has none.
    name_.reset(const_cast<char*>(sqlite3_create_filename(full.data(), "", "", 0, nullptr)));
    const int opened =
        vfs->xOpen(vfs, name_.get(), file_, SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, nullptr);
    sqlite3_int64 size = 0;
    if (opened != SQLITE_OK || file_->pMethods->xFileSize(file_, &size) != SQLITE_OK)
      return Error{ErrorCode::io, "cannot open " + path};
    size_ = static_cast<std::uint64_t>(size);
    return size_ > 0;
  }

  std::uint64_t size() const { return size_; }
  /// SQLite fills the last sector with copies of the last frame and syncs no further.
  bool is_padded() const {
    return (file_->pMethods->xDeviceCharacteristics(file_) & SQLITE_IOCAP_POWERSAFE_OVERWRITE) == 0;
  }
  Result<std::string> read(std::uint64_t offset, std::size_t size) const {
    std::string out(size, '\0');
    if (file_->pMethods->xRead(file_, out.data(), static_cast<int>(size),
                               static_cast<sqlite3_int64>(offset)) != SQLITE_OK)
      return Error{ErrorCode::io, "cannot read the write-ahead log"};
    return out;
  }

 private:
  struct FreeName {
    void operator()(char* name) const { sqlite3_free_filename(name); }
  };
  std::vector<std::max_align_t> memory_;
  sqlite3_file* file_ = nullptr;
  std::unique_ptr<char, FreeName> name_;
  std::uint64_t size_ = 0;
};

/// A header that was being replaced when power failed: a start of the next one, then the rest of the one
/// before. Everything in the log was in the database by then. Some damage to a header looks the same.
bool is_half_replaced(std::string_view header, std::string_view salt_of_frames) {
  std::string before(header);
  before.replace(kHeaderSalt, kSalt, salt_of_frames);
  const std::uint32_t old_salt = number(before, kHeaderSalt), salt = number(header, kHeaderSalt);
  if (salt == old_salt) {
    put_number(before, kHeaderNumber, number(header, kHeaderNumber) - 1);
    return valid_header(before);
  }
  std::string mixed(before);
  std::string next(before);
  put_number(next, kHeaderSalt, old_salt + 1);
  for (std::size_t i = 0; i < 4; ++i) {
    mixed[kHeaderSalt + i] = next[kHeaderSalt + i];
    if (number(mixed, kHeaderSalt) == salt) return true;
  }
  return false;
}

struct Frame {
  std::string header, page;
  bool commits() const { return number(header, kFrameCommit) != 0; }
  bool repeats(const Frame& other) const {
    return header.substr(0, kLogSummed) == other.header.substr(0, kLogSummed) && page == other.page;
  }
};

/// Has the database every page as the transactions of the log left it? Then nothing is lost with the log.
Result<bool> is_in_database(const std::string& path, const std::string& vfs, const LogFile& log,
                            std::size_t page_size, std::string_view salt) {
  LogFile database;
  Result<bool> there = database.open(path, vfs);
  if (!there) return there.error();
  if (!*there || database.size() < kDatabaseHeader) return false;
  Result<std::string> header = database.read(0, kDatabaseHeader);
  if (!header) return header.error();
  const std::size_t compared = page_size - static_cast<std::uint8_t>((*header)[kReserved]);
  std::map<std::uint32_t, std::uint64_t> changed, committed;  // where the log has a page last
  for (std::uint64_t at = kLogHeader; at + kLogFrameHeader + page_size <= log.size();
       at += kLogFrameHeader + page_size) {
    Result<std::string> frame = log.read(at, kLogFrameHeader);
    if (!frame) return frame.error();
    if (frame->substr(kFrameSalt, kSalt) != salt) break;
    changed[number(*frame, kFramePage)] = at + kLogFrameHeader;
    if (number(*frame, kFrameCommit) != 0) committed = changed;
  }
  for (const auto& [page, at] : committed) {
    const std::uint64_t place = std::uint64_t{page - 1} * page_size;
    if (page == 0 || place + page_size > database.size()) return false;
    Result<std::string> logged = log.read(at, compared), kept = database.read(place, compared);
    if (!logged) return logged.error();
    if (!kept) return kept.error();
    if (*logged != *kept) return false;
  }
  return true;
}

/// True when a transaction that ends behind the first unsound frame is followed by a frame of another. In a
/// padded log the end of the padding is synced with the next transaction only.
Result<bool> goes_on_behind_a_break(const LogFile& log, std::string_view header, std::string_view salt,
                                    bool broken) {
  const std::size_t page_size = number(header, kHeaderPageSize);
  const std::uint64_t frame_size = page_size + kLogFrameHeader;
  const int synced_after = log.is_padded() ? 2 : 1;
  int followed = 0;
  Frame before;
  LogSum sum = stored_sum(header);
  for (std::uint64_t at = kLogHeader; at + frame_size <= log.size(); at += frame_size) {
    Result<std::string> bytes = log.read(at, frame_size);
    if (!bytes) return bytes.error();
    Frame frame{bytes->substr(0, kLogFrameHeader), bytes->substr(kLogFrameHeader)};
    const LogSum should =
        add_to(add_to(sum, std::string_view(frame.header).substr(0, kLogSummed)), frame.page);
    sum = stored_sum(frame.header);
    const bool sound = frame.header.substr(kFrameSalt, kSalt) == salt && sum == should;
    const bool first_of_another = !before.header.empty() && before.commits() && !frame.repeats(before);
    if (broken && sound && first_of_another && ++followed == synced_after) return true;
    broken |= !sound;
    before = std::move(frame);
  }
  return false;
}

bool is_page_size(std::uint32_t size) {
  return size >= 512 && size <= 65536 && std::has_single_bit(size);
}

}  // namespace

LogSum add_to(LogSum sum, std::string_view bytes) {
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    std::array<std::uint32_t, 2> words;
    std::memcpy(words.data(), bytes.data() + at, 8);
    sum.first += words[0] + sum.second;
    sum.second += words[1] + sum.first;
  }
  return sum;
}

LogSum stored_sum(std::string_view header) {
  return {number(header, header.size() - 8), number(header, header.size() - 4)};
}

Result<void> check_log(const std::string& path, const std::string& vfs) {
  LogFile log;
  Result<bool> there = log.open(path + "-wal", vfs);
  if (!there) return there.error();
  if (!*there || log.size() < kLogHeader + kLogFrameHeader) return {};
  Result<std::string> header = log.read(0, kLogHeader);
  if (!header) return header.error();
  const bool sound = valid_header(*header);
  if (!is_page_size(number(*header, kHeaderPageSize))) put_number(*header, kHeaderPageSize, 4096);
  std::string salt = header->substr(kHeaderSalt, kSalt);
  if (!sound) {
    Result<std::string> frame = log.read(kLogHeader, kLogFrameHeader);
    if (!frame) return frame.error();
    salt = frame->substr(kFrameSalt, kSalt);
    if (is_half_replaced(*header, salt)) {
      Result<bool> kept = is_in_database(path, vfs, log, number(*header, kHeaderPageSize), salt);
      if (!kept) return kept.error();
      if (*kept) return {};
    }
  }
  Result<bool> damaged = goes_on_behind_a_break(log, *header, salt, !sound);
  if (!damaged) return damaged.error();
  if (*damaged)
    return Error{ErrorCode::corrupt, "its write-ahead log is damaged: there are transactions behind it"};
  return {};
}

}  // namespace wf::store
