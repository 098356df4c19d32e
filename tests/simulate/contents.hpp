// The whole content of a store as text, to compare two of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/store/store.hpp"

namespace wf::simulate {

/// A broken promise: ends the run of a seed.
struct Violation {
  std::string what;
  std::optional<ErrorCode> code = {};  ///< of the call that failed
};

template <class T>
T must(Result<T> result, const char* doing) {
  if (!result) throw Violation{std::string(doing) + ": " + result.error().message, result.error().code};
  return std::move(result).value();
}
inline void must(const Result<void>& result, const char* doing) {
  if (!result) throw Violation{std::string(doing) + ": " + result.error().message, result.error().code};
}

/// What is asked for by name, because a store does not list it.
struct Names {
  std::vector<store::DedupeId> ids;
  std::vector<std::pair<std::uint32_t, std::string>> identities;
  std::vector<std::pair<std::uint32_t, store::Key>> links;
  std::vector<std::string> meta;
};

/// A line each, in an order that depends on the content only. Throws Violation when a read fails.
std::vector<std::string> contents(store::Store& store, const Names& names);
/// The first lines that differ; "" when there are none.
std::string difference(const std::vector<std::string>& left, const std::vector<std::string>& right);

}  // namespace wf::simulate
