#include "compiler/wfc/timeline.hpp"

#include <cstdio>

#include "grammar/value/calendar.hpp"

namespace wf::wfc {

using engine::Happening;

namespace {

std::string behind_dot(const std::string& name, int dots) {
  std::size_t from = 0;
  for (; dots > 0; --dots) from = name.find('.', from) + 1;
  return name.substr(from);
}

std::string with_detail(const std::string& text, const char* between, const std::string& detail) {
  return detail.empty() ? text : text + between + detail;
}

/// A detail that is an instant, in the zone of the reader; of several lines the first.
std::string local_detail(const std::string& detail, const std::string& zone) {
  if (const auto at = value::parse_instant(detail)) return instant_text(*at, zone);
  const std::size_t end = detail.find('\n');
  return end == detail.npos ? detail : detail.substr(0, end) + " …";
}

std::string mail_text(const Observation& o, const std::string& subject) {
  const auto* mail = o.delivery ? std::get_if<engine::MailDelivery>(&o.delivery->what) : nullptr;
  return "sent " + subject + (mail ? " “" + mail->subject + "”" : "");
}

}  // namespace

std::string instant_text(std::int64_t at, const std::string& zone) {
  static constexpr const char* kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  const std::int32_t date = value::local_date(at, zone);
  const value::Civil local = value::to_local(at, zone);
  char seconds[4] = "";
  if (local.second != 0) std::snprintf(seconds, sizeof seconds, ":%02u", local.second % 60);
  return std::string(kDays[value::weekday(date)]) + " " + value::format_date(date) + " " +
         value::format_time_of_day(value::local_minutes(at, zone)) + seconds;
}

std::string happening_text(const Observation& o, const std::string& subject, const std::string& zone) {
  const std::string& detail = o.item.detail;
  switch (o.item.what) {
    case Happening::created:
      return "created";
    case Happening::event:
      return with_detail(behind_dot(subject, 1), "  ", detail);
    case Happening::property:
      return behind_dot(subject, 2) + " = " + local_detail(detail, zone);
    case Happening::list_added:
      return "added to " + subject;
    case Happening::list_removed:
      return "removed from " + subject;
    case Happening::subscribed:
      return "subscribed to " + subject;
    case Happening::unsubscribed:
      return "unsubscribed from " + subject;
    case Happening::marketing:
      return "marketing " + detail;
    case Happening::enrolled:
      return with_detail("enrolled in " + subject, ": ", detail);
    case Happening::not_enrolled:
      return with_detail("not enrolled in " + subject, ": ", detail);
    case Happening::step:
      return with_detail("· ", "", detail);
    case Happening::waiting:
      return "waits until " + local_detail(detail, zone);
    case Happening::deferred:
      return "held back until " + local_detail(detail, zone);
    case Happening::ended:
      return with_detail("left " + subject, ": ", detail);
    case Happening::mail_queued:
      return "queued " + subject;
    case Happening::mail_sent:
      return mail_text(o, subject);
    case Happening::mail_refused:
      return with_detail("refused " + subject, ": ", detail);
    case Happening::mail_retry:
      return with_detail("tries " + subject + " again later", ": ", detail);
    case Happening::mail_uncertain:
      return "holds " + subject + ", perhaps sent";
    case Happening::task_created:
      return with_detail("task ", "", detail);
    case Happening::notified:
      return with_detail("notified", " ", detail) + " using " + subject;
    case Happening::call_made:
      return with_detail("called " + subject, ": ", detail);
    case Happening::call_retry:
      return with_detail("calls " + subject + " again later", ": ", detail);
    case Happening::call_failed:
      return with_detail("gave up calling " + subject, ": ",
                         detail.starts_with("given up: ") ? detail.substr(10) : detail);
    case Happening::error:
      return with_detail("error", ": ", detail);
    case Happening::held:
      return "late in " + subject + ": waits for a person, was due " + local_detail(detail, zone);
    case Happening::timed_out:
      return with_detail("waits no longer in " + subject, ": ", detail);
    case Happening::exposed:
      return "sees " + detail + " of " + subject;
    case Happening::marketing_refused:
      return with_detail("refused marketing", ": ", detail);
    case Happening::mail_delayed:
      return with_detail("delayed " + subject, ": ", detail);
    case Happening::notice_sent:
      return with_detail("sent " + subject + " to", " ", detail);
    case Happening::notice_failed:
      return with_detail("cannot send " + subject + " to", " ", detail);
    case Happening::audience_refused:
      return with_detail("refused " + subject, ": ", detail);
    case Happening::deleted:
      return "deleted";
    case Happening::merged:
      return "merged " + detail;
    case Happening::suspended:
      return "waits for the end of the pause";
  }
  WF_ASSERT(false);
  return {};
}

}  // namespace wf::wfc
