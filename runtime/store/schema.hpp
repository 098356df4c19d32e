// schema: the tables of journal.db and state.db, and the format that guards them.
//
// `shard` is the unit of ownership: one SQLite store is one unit, number 0. Record keys carry the record's
// own shard in their top bits. Unsigned 64-bit numbers are stored through to_sql(), so they sort as they do
// in memory.
#pragma once

#include "runtime/store/sqlite.hpp"

namespace wf::store {

// Formats: 1, the first; 2, pages carry checksums. The newest is kNewestFormat of store.hpp.
inline constexpr int kPageChecksumFormat = 2;

struct Schema {
  const char* file;
  const char* table;  ///< one that only this file has
  const char* tables;
};
extern const Schema kJournalSchema;
extern const Schema kStateSchema;

/// Whether a new file of this format has page checksums.
inline Connection::Pages pages_of(int format) {
  return format >= kPageChecksumFormat ? Connection::Pages::checked : Connection::Pages::unchecked;
}

/// Creates the tables of `format` in a new file; checks the format of an old one and that the file is in
/// order: all of it up to 64 MiB, beyond that only what opening touches. Errors: unsupported (a newer
/// format), corrupt, full, io.
Result<void> prepare_schema(Connection& writer, const Schema& schema, int format);
/// Only whether it is this file, of a format that is known. Errors: unsupported, corrupt, io.
Result<void> check_format(Connection& file, const Schema& schema, int format);

}  // namespace wf::store
