#include "compiler/schema/holidays.hpp"

#include <libical/ical.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "grammar/value/calendar.hpp"
#include "runtime/bytecode/catalogue.hpp"

namespace wf::schema {
namespace {

struct Line {
  std::size_t begin = 0, end = 0;
};

/// The lines that read `wanted`, whatever their case.
std::vector<Line> lines_reading(std::string_view text, std::string_view wanted) {
  std::vector<Line> found;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.remove_suffix(1);
    const bool same = std::equal(line.begin(), line.end(), wanted.begin(), wanted.end(), [](char a, char b) {
      return std::toupper(static_cast<unsigned char>(a)) == b;
    });
    if (same) found.push_back({begin, begin + line.size()});
    begin = end + 1;
  }
  return found;
}

std::optional<std::int32_t> day_of(const icaltimetype& time) {
  return value::to_days(time.year, static_cast<std::uint32_t>(time.month),
                        static_cast<std::uint32_t>(time.day));
}

struct Freed {
  void operator()(icalcomponent* c) const { icalcomponent_free(c); }
  void operator()(icalrecur_iterator* i) const { icalrecur_iterator_free(i); }
};

/// Thrown with what is wrong with the event at hand; caught where its place is known.
struct BadEvent {
  std::string message;
};

/// One event: the days on which it starts and how many it lasts.
class EventReader {
 public:
  EventReader(icalcomponent* event, const std::string& zone) : event_(event), zone_(zone) {}

  bool is_cancelled() const { return icalcomponent_get_status(event_) == ICAL_STATUS_CANCELLED; }

  /// The event and the start of the occurrence that this one replaces.
  std::optional<std::pair<std::string, std::int32_t>> replaces() const {
    const icalproperty* id = first(ICAL_RECURRENCEID_PROPERTY);
    if (!id) return std::nullopt;
    return std::pair(uid(), midnight(id, icalproperty_get_recurrenceid(id)));
  }

  /// Appends its days; gives the last one, or nothing when it goes on for ever.
  std::optional<std::int32_t> read(const std::set<std::pair<std::string, std::int32_t>>& replaced,
                                   std::vector<std::int32_t>& days) {
    check_errors();
    const icalproperty* property = first(ICAL_DTSTART_PROPERTY);
    if (!property) throw BadEvent{"the event has no DTSTART"};
    start_ = icalproperty_get_dtstart(property);
    const std::int32_t start = midnight(property, start_);
    const std::int32_t length = length_of(property, start);
    std::set<std::int32_t> starts{start};
    const bool endless = repeat(property, starts);
    add_dates(starts);
    for (auto it = starts.begin(); it != starts.end();) {
      const bool moved = !replaces() && replaced.contains({uid(), *it});
      it = moved ? starts.erase(it) : std::next(it);
    }
    std::int32_t last = start;
    for (const std::int32_t first_day : starts) {
      for (std::int32_t day = first_day; day < first_day + length; ++day) days.push_back(day);
      last = first_day + length - 1;
      if (days.size() > kMaxHolidays) {
        throw BadEvent{"more than " + std::to_string(kMaxHolidays) + " closed days"};
      }
    }
    if (endless) return std::nullopt;
    return last;
  }

 private:
  icalproperty* first(icalproperty_kind kind) const { return icalcomponent_get_first_property(event_, kind); }
  template <class Visit>
  void each(icalproperty_kind kind, Visit visit) {
    for (icalproperty* p = first(kind); p; p = icalcomponent_get_next_property(event_, kind)) visit(p);
  }
  std::string uid() const {
    const char* uid = icalcomponent_get_uid(event_);
    return uid ? uid : "";
  }

  void check_errors() {
    if (icalproperty* error = first(ICAL_XLICERROR_PROPERTY)) {
      const char* text = icalproperty_get_xlicerror(error);
      throw BadEvent{std::string("the event cannot be read: ") + (text ? text : "malformed")};
    }
  }

  /// The local day that begins then.
  std::int32_t midnight(const icalproperty* property, const icaltimetype& time) const {
    const auto day = day_of(time);
    if (!day) throw BadEvent{"a date that does not exist"};
    if (time.is_date) return *day;
    const auto minutes = time.hour * 60 + time.minute;
    const std::int64_t instant = value::to_instant(*day, minutes, zone_of(property, time));
    if (time.second != 0 || value::local_minutes(instant, zone_) != 0) {
      throw BadEvent{"the event covers part of a day; a holiday closes whole days"};
    }
    return value::local_date(instant, zone_);
  }

  std::string zone_of(const icalproperty* property, const icaltimetype& time) const {
    if (icaltime_is_utc(time)) return "UTC";
    icalparameter* tzid =
        icalproperty_get_first_parameter(const_cast<icalproperty*>(property), ICAL_TZID_PARAMETER);
    if (!tzid) return zone_;
    const std::string name = icalparameter_get_tzid(tzid);
    if (!value::zone_exists(name)) throw BadEvent{"there is no zone `" + name + "`"};
    return name;
  }

  std::int32_t length_of(const icalproperty* start_property, std::int32_t start) const {
    std::int32_t end = start + 1;
    if (const icalproperty* property = first(ICAL_DTEND_PROPERTY)) {
      end = midnight(property, icalproperty_get_dtend(property));
    } else if (const icalproperty* duration = first(ICAL_DURATION_PROPERTY)) {
      const icaltimetype time = icaltime_add(start_, icalproperty_get_duration(duration));
      end = midnight(start_property, time);
    } else if (!start_.is_date) {
      throw BadEvent{"the event covers part of a day; a holiday closes whole days"};
    }
    if (end - start > static_cast<std::int32_t>(kMaxHolidays)) throw BadEvent{"the event lasts for decades"};
    if (end <= start) throw BadEvent{"the event ends before it begins"};
    return end - start;
  }

  /// Adds the starts that its rules give; true when one goes on for ever.
  bool repeat(const icalproperty* start_property, std::set<std::int32_t>& starts) {
    bool endless = false;
    each(ICAL_RRULE_PROPERTY, [&](icalproperty* property) {
      const icalrecurrencetype rule = icalproperty_get_rrule(property);
      if (rule.freq == ICAL_NO_RECURRENCE || rule.freq < ICAL_DAILY_RECURRENCE) {
        throw BadEvent{"an RRULE that does not count days, weeks, months or years"};
      }
      endless = endless || (rule.count == 0 && icaltime_is_null_time(rule.until));
      const std::unique_ptr<icalrecur_iterator, Freed> at(icalrecur_iterator_new(rule, start_));
      if (!at) throw BadEvent{"an RRULE that cannot be followed"};
      for (icaltimetype next = icalrecur_iterator_next(at.get());
           !icaltime_is_null_time(next) && next.year <= kLastHolidayYear && starts.size() <= kMaxHolidays;
           next = icalrecur_iterator_next(at.get())) {
        starts.insert(midnight(start_property, next));
      }
    });
    return endless;
  }

  void add_dates(std::set<std::int32_t>& starts) {
    each(ICAL_RDATE_PROPERTY, [&](icalproperty* property) {
      const icaldatetimeperiodtype date = icalproperty_get_rdate(property);
      const bool period = icaltime_is_null_time(date.time);
      starts.insert(midnight(property, period ? date.period.start : date.time));
    });
    each(ICAL_EXDATE_PROPERTY, [&](icalproperty* property) {
      starts.erase(midnight(property, icalproperty_get_exdate(property)));
    });
  }

  icalcomponent* event_;
  const std::string& zone_;
  icaltimetype start_{};
};

class FileReader {
 public:
  FileReader(std::string_view ics, const std::string& zone)
      : ics_(ics), zone_(zone), places_(lines_reading(ics, "BEGIN:VEVENT")) {}

  std::variant<Holidays, HolidayProblem> read() {
    icalerror_set_errors_are_fatal(0);
    const std::unique_ptr<icalcomponent, Freed> root(icalparser_parse_string(std::string(ics_).c_str()));
    const bool whole =
        root && icalcomponent_isa(root.get()) != ICAL_NO_COMPONENT &&
        !lines_reading(ics_, "BEGIN:VCALENDAR").empty() &&
        lines_reading(ics_, "BEGIN:VCALENDAR").size() == lines_reading(ics_, "END:VCALENDAR").size() &&
        places_.size() == lines_reading(ics_, "END:VEVENT").size();
    if (!whole) return HolidayProblem{0, first_line(), "this is not a whole iCalendar file"};
    collect(root.get());
    if (events_.empty()) return HolidayProblem{0, first_line(), "there is no event in this file"};
    std::size_t at = 0;
    try {
      std::set<std::pair<std::string, std::int32_t>> replaced;
      for (at = 0; at < events_.size(); ++at) {
        if (const auto one = EventReader(events_[at], zone_).replaces()) replaced.insert(*one);
      }
      for (at = 0; at < events_.size(); ++at) read(events_[at], replaced);
    } catch (const BadEvent& bad) {
      const Line place = at < places_.size() ? places_[at] : Line{0, first_line()};
      return HolidayProblem{place.begin, place.end, bad.message};
    }
    return finish();
  }

 private:
  void collect(icalcomponent* component) {
    if (icalcomponent_isa(component) == ICAL_VEVENT_COMPONENT) events_.push_back(component);
    for (icalcomponent* inner = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT); inner;
         inner = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT)) {
      collect(inner);
    }
  }

  void read(icalcomponent* component, const std::set<std::pair<std::string, std::int32_t>>& replaced) {
    EventReader event(component, zone_);
    if (event.is_cancelled()) return;
    const auto last = event.read(replaced, found_.days);
    if (!last) return;
    const value::Civil civil = value::from_days(*last);
    last_year_ = std::max(last_year_.value_or(civil.year), civil.year);
  }

  Holidays finish() {
    std::sort(found_.days.begin(), found_.days.end());
    found_.days.erase(std::unique(found_.days.begin(), found_.days.end()), found_.days.end());
    const auto end = last_year_ ? value::to_days(*last_year_, 12, 31) : std::nullopt;
    found_.known_until = end.value_or(bytecode::Calendar::kEndless);
    return std::move(found_);
  }

  std::size_t first_line() const { return std::min(ics_.find('\n'), ics_.size()); }

  std::string_view ics_;
  const std::string& zone_;
  std::vector<Line> places_;
  std::vector<icalcomponent*> events_;
  Holidays found_;
  std::optional<std::int32_t> last_year_;
};

}  // namespace

std::variant<Holidays, HolidayProblem> read_holidays(std::string_view ics, const std::string& zone) {
  return FileReader(ics, zone).read();
}

}  // namespace wf::schema
