#include "runtime/engine/format.hpp"

#include <string>

#include "grammar/value/codec.hpp"

namespace wf::engine {

namespace {

constexpr const char* kMeta = "format";
constexpr const char* kWrittenBy = "wf " WF_VERSION;

struct Note {
  std::uint64_t min_reader = 0;  ///< 0: from before it was noted
  std::string written_by;
};

Result<Note> read_note(store::Store& store) {
  auto bytes = store.meta(kMeta);
  if (!bytes) return bytes.error();
  Note note;
  if (!*bytes) return note;
  value::Reader in(**bytes);
  note.min_reader = in.varint();
  note.written_by = in.bytes();
  // What follows is of newer programs.
  if (in.failed()) return Error{ErrorCode::corrupt, "the store does not say who can read it"};
  return note;
}

}  // namespace

Result<void> check_engine_format(store::Store& store, std::uint64_t known) {
  const auto note = read_note(store);
  if (!note) return note.error();
  if (note->min_reader <= known) return {};
  return Error{ErrorCode::unsupported,
               note->written_by + " has written to the store in the engine's format " +
                   std::to_string(note->min_reader) + ", and this program knows up to " +
                   std::to_string(known) + ": use a newer one, or restore a copy from before"};
}

Result<void> note_engine_format(store::Store& store, store::Frame& frame) {
  const auto note = read_note(store);
  if (!note) return note.error();
  if (note->min_reader >= kEngineFormat) return {};
  value::Writer out;
  out.varint(kEngineFormat);
  out.bytes(kWrittenBy);
  frame.meta.push_back({kMeta, out.take()});
  return {};
}

}  // namespace wf::engine
