// Result<T>: what a function returns when the world can fail it (files, network, store).
// Mistakes in source files are Diagnostics instead; broken invariants are WF_ASSERT.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace wf {

enum class ErrorCode : std::uint8_t {
  invalid,      ///< the input is malformed
  not_found,    ///< no such file, record or resource
  conflict,     ///< another owner, a stale epoch, a duplicate
  io,           ///< reading or writing failed
  full,         ///< disk or quota exhausted
  corrupt,      ///< stored data failed a check
  unavailable,  ///< the other side cannot be reached now; try again later
  unsupported,  ///< a newer format or a feature that this build lacks
  limit,        ///< a size, depth or count limit was exceeded
};

const char* to_string(ErrorCode code);

struct [[nodiscard]] Error {
  ErrorCode code;
  std::string message;  ///< lower case, stands alone, no final full stop
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const { return error_; }

 private:
  Error error_{ErrorCode::invalid, {}};
  bool ok_ = true;
};

}  // namespace wf

/// An invariant of the program itself; stays on in release builds.
#define WF_ASSERT(condition)                                                                 \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: assertion failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
