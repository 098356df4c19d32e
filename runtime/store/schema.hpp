// schema: the tables of journal.db and state.db, and the version that guards them.
//
// `shard` is the unit of ownership: one SQLite store is one unit, number 0. Record keys carry the record's
// own shard in their top bits. Unsigned 64-bit numbers are stored through to_sql(), so they sort as they do
// in memory.
#pragma once

#include "runtime/store/sqlite.hpp"

namespace wf::store {

extern const char* const kJournalSchema;
extern const char* const kStateSchema;

/// Creates the tables in a new file; checks the version of an old one and that the file is in order: all of
/// it up to 64 MiB, beyond that only what opening touches. Errors: unsupported (a newer version), corrupt,
/// full, io.
Result<void> prepare_schema(Connection& writer, const char* schema);

}  // namespace wf::store
