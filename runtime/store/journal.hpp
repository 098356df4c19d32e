// Journal: journal.db, the append-only list of frames. A frame that write() has answered is durable.
//
// Threads: write() and last() from any thread; everything else from the engine's thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "runtime/store/frame.hpp"
#include "runtime/store/sqlite.hpp"
#include "runtime/store/store.hpp"

namespace wf::store {

enum class FrameKind : std::uint8_t { inputs = 1, redo = 2 };  // on disk: do not change

struct JournalRow {
  Seq seq = 0;
  FrameKind kind = FrameKind::redo;
  InputSeq first_input = 0;  ///< 0 in a redo frame
  InputSeq last_input = 0;
  std::string_view body;  ///< valid while the row is visited
};

class Journal {
 public:
  /// Creates the file when absent. Errors as Connection::open and prepare_schema.
  Result<void> open(const std::filesystem::path& path, const OpenOptions& options);
  Result<std::int64_t> epoch();
  /// From now on only this epoch may write.
  Result<void> own(std::int64_t epoch);

  /// Appends one frame; frames of several threads share a commit. Sets row.seq. On an error nothing is
  /// appended. Errors: full, io, corrupt, conflict (another epoch owns the journal).
  Result<void> write(JournalRow& row);
  /// The newest durable frame.
  Seq last() const;
  /// The first damage that reading met.
  const std::optional<Error>& damage() const { return reader_.damage(); }

  /// Visits all frames after `after` in order until a visit fails. Errors: corrupt (a gap), the visit's, io.
  Result<void> visit(Seq after, const std::function<Result<void>(const JournalRow&)>& visitor);
  Result<InputSeq> last_input();
  /// `limit` inputs after `after`, in order, and the rest of the frame of the last one. Errors: corrupt, io.
  Result<std::vector<Input>> inputs(InputSeq after, std::size_t limit);
  /// Reads only the entry, not the frame. Errors: corrupt, io.
  Result<HistoryPart> history(HistoryRef ref);

 private:
  struct Waiting {
    JournalRow* row;
    bool done = false;
    Result<void> result;
  };

  void lead(std::unique_lock<std::mutex>& lock);
  Result<void> commit(const std::vector<Waiting*>& group, Seq first);
  Result<void> insert(const std::vector<Waiting*>& group, Seq first);

  Connection writer_;  // used by the leading writer only
  Statement begin_, insert_, commit_;
  std::int64_t epoch_ = 0;
  Connection reader_;
  Statement frames_, inputs_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Waiting*> waiting_;
  bool led_ = false;
  Seq last_ = 0;
};

}  // namespace wf::store
