#include "runtime/bytecode/checker.hpp"

#include "grammar/value/calendar.hpp"
#include "runtime/bytecode/templates.hpp"

namespace wf::bytecode::verifier {

using value::Kind;

namespace {

// Years 1 to 9999: arithmetic of the calendar stays far from its limits.
constexpr std::int64_t kFirstDay = -719162, kLastDay = 2932896;

}  // namespace

bool fits(Kind want, Kind have) {
  if (have == Kind::unknown || want == have) return true;
  const auto number = [](Kind k) { return k == Kind::integer || k == Kind::decimal; };
  return number(want) && number(have);
}

void Checker::zone(const std::string& name) {
  require(value::zone_exists(name), "no such time zone `" + name + "`");
}

void Checker::weekly(const value::WeeklyWindow& hours) {
  require(hours.days >= 1 && hours.days <= 0x7f, "a window needs weekdays");
  const bool times = hours.from >= 0 && hours.from < 24 * 60 && hours.to >= 0 && hours.to <= 24 * 60;
  require(times, "hours that do not exist");
}

void Checker::type(const Type& t) {
  require(t.kind != Kind::unknown && t.kind != Kind::list && t.kind != Kind::map, "a type that nothing has");
  require(t.format == Format::plain || t.kind == Kind::text, "a format of something that is not text");
  switch (t.kind) {
    case Kind::enumeration:
      index(t.aux, catalogue().enums.size(), "enum");
      break;
    case Kind::ref:
      object(t.aux);
      break;
    case Kind::resource:
      require(t.aux < kResourceKinds, "no such kind of resource");
      break;
    default:
      require(t.aux == 0, "a type with a detail that it cannot have");
  }
}

void Checker::constant(const value::Value& v) {
  switch (v.kind()) {
    case Kind::enumeration:
      if (index(v.aux(), catalogue().enums.size(), "enum")) {
        index(v.as_ordinal(), catalogue().enums[v.aux()].values.size(), "value of the enum");
      }
      break;
    case Kind::resource: {
      if (!require(v.aux() < kResourceKinds, "no such kind of resource")) break;
      const std::size_t count = v.aux() == static_cast<std::uint32_t>(ResourceKind::workflow)
                                    ? program_.workflows.size()
                                    : catalogue().resource_count(static_cast<ResourceKind>(v.aux()));
      index(v.as_resource(), count, "resource");
      break;
    }
    case Kind::date:
      require(v.as_date() >= kFirstDay && v.as_date() <= kLastDay, "a date outside the years 1 to 9999");
      break;
    case Kind::instant:
      require(v.as_instant() >= kFirstDay * value::kDay && v.as_instant() <= (kLastDay + 1) * value::kDay,
              "an instant outside the years 1 to 9999");
      break;
    case Kind::time_of_day:
      require(v.as_time_of_day() >= 0 && v.as_time_of_day() <= 24 * 60, "a time of day that does not exist");
      break;
    case Kind::ref:
    case Kind::list:
    case Kind::map:
      require(false, "a constant of a kind that programs do not hold");
      break;
    default:
      break;
  }
}

void Checker::constant_of(const Type& t, const value::Value& v) {
  constant(v);
  require(fits(t.kind, v.kind()), "a value that does not fit its type");
  if (v.kind() == Kind::enumeration || v.kind() == Kind::resource) {
    require(v.aux() == t.aux, "a value of another enum or kind of resource");
  }
}

void Checker::text_template(const Template& t, std::size_t arguments) {
  for (const TemplateRead& read : t.reads) {
    require(!read.path.empty(), "a template that reads a value without a name");
    require(read.source != PlaceholderSource::argument || read.argument < arguments,
            "a template reads an argument that is not there");
  }
  const auto problem = CompiledTemplate(t).problem();
  if (problem) require(false, "a template that cannot be read: " + *problem);
}

bool Checker::function(std::uint32_t f, FunctionKind kind, std::uint32_t object, std::uint32_t event) {
  if (!index(f, program_.functions.size(), "function")) return false;
  const Function& function = program_.functions[f];
  return require(function.kind == kind, "a function of the wrong kind") &&
         require(function.object == object, "a function over another object") &&
         require(function.event == kNone || function.event == event, "a function that reads another event");
}

void Checker::match(const EventMatch& m, std::uint32_t object) {
  if (!index(m.event, catalogue().events.size(), "event")) return;
  const auto& parameters = catalogue().events[m.event].parameters;
  for (const auto& filter : m.filters) {
    if (!index(filter.parameter, parameters.size(), "field of the event")) continue;
    constant_of(parameters[filter.parameter].type, filter.value);
  }
  optional_function(m.where, object, m.event);
}

}  // namespace wf::bytecode::verifier
