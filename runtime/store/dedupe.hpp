// dedupe: the ids of consumed inputs in the tables, as sorted runs with a filter each.
//
// A fold writes its ids as one run; eight runs of like size become one. "Never seen", the common answer,
// comes from the filters in memory (10 bits an id); only a hit reads the tables.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "runtime/store/frame.hpp"
#include "runtime/store/sqlite.hpp"

namespace wf::store {

/// A Bloom filter with about 1 % false hits, one cache line per question.
class IdFilter {
 public:
  explicit IdFilter(std::span<const DedupeId> ids);
  /// Refuses other sizes than those of bytes().
  static std::shared_ptr<const IdFilter> parse(std::string_view bytes);

  bool maybe(const DedupeId& id) const;
  std::string_view bytes() const;

 private:
  IdFilter() = default;
  std::vector<std::uint64_t> words_;
};

struct DedupeRun {
  std::int64_t number = 0;
  std::uint64_t ids = 0;
  std::int64_t newest = 0;                 ///< none of the ids was accepted later; microseconds
  std::shared_ptr<const IdFilter> filter;  ///< none: memory is used up, the tables must be asked
};

/// Oldest first.
using DedupeRuns = std::vector<DedupeRun>;

inline constexpr std::size_t kFilterMemory = 64u << 20;

/// Forgets the filters of the oldest runs until the rest fits.
void bound_filters(DedupeRuns& runs, std::size_t bytes = kFilterMemory);

/// The fold's side: works on the fold's connection, inside its transaction.
class DedupeWriter {
 public:
  Result<void> prepare(Connection& writer);
  /// All runs with their filters.
  Result<DedupeRuns> read_runs();
  /// Adds the ids as a run to the tables and to `runs`, merges runs, and drops those with nothing after
  /// `expired`.
  Result<void> add(DedupeRuns& runs, std::vector<DedupeId> ids, std::int64_t newest, std::int64_t expired);

 private:
  Result<void> write_run(DedupeRuns& runs, std::vector<DedupeId> ids, std::int64_t newest);
  Result<void> remove_run(std::int64_t number);
  Result<void> collect(std::int64_t number, std::vector<DedupeId>& ids);
  Result<bool> merge_once(DedupeRuns& runs);
  Result<void> expire(DedupeRuns& runs, std::int64_t expired);

  Connection* writer_ = nullptr;
  std::int64_t next_number_ =
      1;  // never used twice: a reader may still know the run that had a number before
  Statement put_run_, put_chunk_, delete_run_, delete_chunks_, read_chunks_;
};

/// The reader's side: engine's thread, reader connection.
class DedupeReader {
 public:
  Result<void> prepare(Connection& reader);
  /// For each id: is it in the tables? `runs` are those of some moment after the last id left the memory.
  /// Inside one transaction of the connection: otherwise a fold could merge a run away between the list and
  /// the look into it.
  Result<std::vector<bool>> contains(const DedupeRuns& runs, std::span<const DedupeId> ids);

 private:
  Result<std::vector<std::int64_t>> run_numbers();
  Result<bool> in_run(std::int64_t number, const DedupeId& id);

  Statement list_, find_;
};

}  // namespace wf::store
