// page_check: a SQLite VFS that stands on another one and gives every page of a database a checksum.
//
//   SQLite ─► page_check ─► the file system, or the disk of the simulation
//
// A database that is made through it keeps 8 bytes at the end of each page for a checksum of the rest and of
// the page's number. They are written and verified on the way to and from the file. Frames of the write-ahead
// log carry SQLite's own checksums, which SQLite looks at only when it recovers; here they are verified also
// when a reader reads a frame and when a checkpoint moves it. A database without the 8 bytes works as ever,
// unverified.
#pragma once

#include <cstdint>
#include <string>

struct sqlite3;

namespace wf::store {

inline constexpr int kPageChecksumSize = 8;
/// PRAGMA application_id of a database with checksums.
inline constexpr std::uint32_t kPageChecksumMark = 0x77666331;

/// The VFS on `below` ("": the file system), registered when first asked for; it lives as long as the
/// process and looks `below` up whenever it opens a file. "" when there is no VFS of that name. Any thread.
std::string page_check_vfs(const std::string& below);

/// The name of a database that is to be made, for VACUUM INTO: its first page, which tells of checksums, may
/// be written last. `path` is absolute.
std::string uri_of_new_file(const std::string& path, bool checked);
/// Whether the pages of the main database carry checksums. Known once something was read or written.
bool has_page_checksums(sqlite3* db);
/// What was found damaged in the file of the main database or in its log; "": nothing. A read of it has
/// failed with SQLITE_IOERR_DATA.
std::string found_damage(sqlite3* db);

}  // namespace wf::store
