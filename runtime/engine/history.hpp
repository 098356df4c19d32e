// History: what happened to a record, as told by its timeline and by `wfc test --trace`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/text/result.hpp"
#include "runtime/engine/symbols.hpp"

namespace wf::engine {

// DO NOT CHANGE the order: the numbers are stored.
enum class Happening : std::uint8_t {
  created,   ///< the record
  event,     ///< subject: the event; detail: its fields
  property,  ///< subject: property:…; detail: the new value
  list_added,
  list_removed,  ///< subject: the list or tag
  subscribed,
  unsubscribed,    ///< subject: the topic
  marketing,       ///< detail: yes / no
  enrolled,        ///< subject: the workflow; detail: why
  not_enrolled,    ///< detail: the reason
  step,            ///< detail: the step
  waiting,         ///< detail: until when
  deferred,        ///< detail: until when the window is closed
  ended,           ///< detail: the reason
  mail_queued,     ///< subject: the e-mail
  mail_sent,       ///< detail: the key
  mail_refused,    ///< detail: the reason
  mail_retry,      ///< detail: what the server said
  mail_uncertain,  ///< handed over before a crash, the answer is unknown: held
  task_created,    ///< detail: title · assignee
  notified,        ///< subject: the message; detail: addressee
  call_made,       ///< subject: the webhook; detail: status
  call_retry,
  call_failed,
  error,              ///< detail: what went wrong
  held,               ///< would have gone on late: waits for a person; detail: when it was due
  timed_out,          ///< a wait ended at once; detail: why (not_sent)
  exposed,            ///< subject: the experiment; detail: the arm
  marketing_refused,  ///< detail: the reason
  mail_delayed,       ///< subject: the e-mail; detail: until when, why
  notice_sent,        ///< a mail to a person; subject: the message; detail: addressee
  notice_failed,
  audience_refused,  ///< subject: the audience; detail: the reason
  deleted,           ///< the record
  merged,            ///< detail: with which other record, or into which
  suspended,         ///< was to go on, but the workflow is paused
};
const char* to_string(Happening what);

struct HistoryItem {
  Happening what = Happening::event;
  std::int64_t at = 0;
  SymbolId subject = 0;   ///< 0: none
  SymbolId workflow = 0;  ///< whose doing it was; 0: from outside
  std::string detail;
};

std::string encode(const std::vector<const HistoryItem*>& items);
/// Errors: corrupt.
Result<std::vector<HistoryItem>> decode_history(std::string_view bytes);

}  // namespace wf::engine
