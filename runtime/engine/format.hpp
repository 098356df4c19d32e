// format: what a store says of the programs that can read what the engine has stored in it.
//
// The store's own formats (runtime/store/schema.hpp) are about files and tables; this one is about the bytes
// that the engine keeps in rows, frames and meta. A program that writes something which the one before cannot
// read raises it.
#pragma once

#include <cstdint>

#include "grammar/text/result.hpp"
#include "runtime/store/store.hpp"

namespace wf::engine {

/// 4: the first that is noted; with it, rows of records keep what was judged and pinned.
inline constexpr std::uint64_t kEngineFormat = 4;

/// Whether a program that knows formats up to `known` can read this store. Errors: unsupported (it cannot;
/// the message names who wrote it), corrupt, and those of reading.
Result<void> check_engine_format(store::Store& store, std::uint64_t known = kEngineFormat);

/// What the frame has to say so that programs before this one refuse the store: nothing when it says so
/// already. Errors: those of reading.
Result<void> note_engine_format(store::Store& store, store::Frame& frame);

}  // namespace wf::engine
