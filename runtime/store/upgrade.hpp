// upgrade: the formats of a store in a folder, and the step to the newest one.
//
// A program opens every store up to its own format and leaves the format as it is, so that the program before
// can go on with the store. What a newer format adds is used once finalize() has raised it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "grammar/text/result.hpp"
#include "runtime/store/store.hpp"

namespace wf::store {

/// The lower one of the two files, which differ after a finalize() that was interrupted. Errors: not_found
/// (no store there), unsupported (newer than `known`), corrupt, io.
Result<int> format_of(const std::filesystem::path& directory, int known = kNewestFormat);

struct FinalizeOptions {
  /// The folder for a copy of the store as it was; "": none is made. One from an attempt before stays when
  /// that attempt has changed a file already, else it is made anew.
  std::filesystem::path copy;
  /// Called with what comes next; an error ends the upgrade there. May be none.
  std::function<Result<void>(const std::string& step)> before;
};

/// Bytes that finalize() needs free in `directory`, with the copy when that lies there too.
std::uint64_t space_to_finalize(const std::filesystem::path& directory, bool with_copy);

/// Raises the store to the newest format: from then on only programs that know it open the store. Nobody may
/// use it meanwhile. Each file is written anew beside the old one, verified, and takes its name; after a
/// crash at any point the store opens, and another call does the rest. Nothing happens to a store of the
/// newest format. Errors: as of format_of, conflict (somebody uses it), full.
Result<void> finalize(const std::filesystem::path& directory, const FinalizeOptions& options = {});

}  // namespace wf::store
