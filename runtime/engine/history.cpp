#include "runtime/engine/history.hpp"

#include "grammar/value/codec.hpp"

namespace wf::engine {

namespace {

constexpr const char* kNames[] = {
    "created",
    "event",
    "property",
    "list_added",
    "list_removed",
    "subscribed",
    "unsubscribed",
    "marketing",
    "enrolled",
    "not_enrolled",
    "step",
    "waiting",
    "deferred",
    "ended",
    "mail_queued",
    "mail_sent",
    "mail_refused",
    "mail_retry",
    "mail_uncertain",
    "task_created",
    "notified",
    "call_made",
    "call_retry",
    "call_failed",
    "error",
    "held",
    "timed_out",
    "exposed",
    "marketing_refused",
    "mail_delayed",
    "notice_sent",
    "notice_failed",
    "audience_refused",
    "deleted",
    "merged",
    "suspended",
};
static_assert(std::size(kNames) == static_cast<std::size_t>(Happening::suspended) + 1);

}  // namespace

const char* to_string(Happening what) {
  return kNames[static_cast<std::size_t>(what)];
}

std::string encode(const std::vector<const HistoryItem*>& items) {
  value::Writer out;
  out.varint(items.size());
  std::int64_t previous = 0;
  for (const HistoryItem* item : items) {
    out.u8(static_cast<std::uint8_t>(item->what));
    out.zigzag(item->at - previous);
    previous = item->at;
    out.varint(item->subject);
    out.varint(item->workflow);
    out.bytes(item->detail);
  }
  return out.take();
}

Result<std::vector<HistoryItem>> decode_history(std::string_view bytes) {
  value::Reader in(bytes);
  std::vector<HistoryItem> items(in.count(5));
  std::int64_t previous = 0;
  for (HistoryItem& item : items) {
    const std::uint8_t what = in.u8();
    if (what >= std::size(kNames)) in.fail();
    item.what = static_cast<Happening>(what);
    item.at = previous += in.zigzag();
    item.subject = static_cast<SymbolId>(in.varint());
    item.workflow = static_cast<SymbolId>(in.varint());
    item.detail = in.bytes();
  }
  if (in.failed() || !in.done()) return Error{ErrorCode::corrupt, "a history entry does not decode"};
  return items;
}

}  // namespace wf::engine
