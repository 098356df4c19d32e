#include "compiler/sema/witness.hpp"

#include <algorithm>

#include "compiler/sema/flow.hpp"
#include "compiler/sema/steps.hpp"
#include "grammar/text/render.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::sema {
namespace {

using bytecode::TriggerKind;
using domain::Abstract;
using domain::Bits;
using domain::Constants;
using domain::Intervals;
using value::Kind;

constexpr Outcomes kNoMatter = kFalse | kUnknown;
/// A Monday; checks with another day in mind have `today`.
constexpr std::int32_t kFirstDay = 20514;  // 2026-03-02
constexpr std::int32_t kFirstMinute = 9 * 60;

/// One value, for the facts and for the events.
struct Chosen {
  Abstract value = Abstract::only_unknown();
  std::string json = "null";
};
using World = std::map<std::uint32_t, Chosen>;  // by property

/// One group of steps on the way, and how time passed behind it.
struct Stage {
  std::vector<Fact> facts;
  Pause pause;
};

std::string quoted(std::string_view text) {
  std::string out;
  text::append_json_string(out, text);
  return out;
}

Abstract single(const value::Value& v, const bytecode::Catalogue& catalogue) {
  if (v.is_unknown()) return Abstract::only_unknown();
  if (auto values = value_of(v, catalogue)) return Abstract::of(std::move(*values));
  return {true, false, {}};
}

/// How a value stands in an event; nothing for kinds that events do not bring.
std::optional<std::string> json_of(const value::Value& v, const Context& context) {
  switch (v.kind()) {
    case Kind::unknown:
      return "null";
    case Kind::boolean:
      return v.as_boolean() ? "true" : "false";
    case Kind::integer:
      return std::to_string(v.as_integer());
    case Kind::decimal:
      return value::format_decimal(v.as_micros());
    case Kind::text:
      return quoted(v.as_text());
    case Kind::date:
      return quoted(value::format_date(v.as_date()));
    case Kind::instant:
      return quoted(value::format_instant(v.as_instant()));
    case Kind::time_of_day:
      return quoted(value::format_time_of_day(v.as_time_of_day()));
    case Kind::enumeration:
      return quoted(context.catalogue().enums[v.aux()].values[v.as_ordinal()]);
    case Kind::resource:
      return quoted(context.schema.names_of(static_cast<ResourceKind>(v.aux()))[v.as_resource()]);
    default:
      return std::nullopt;
  }
}

/// A number of the set: `near` where possible, else an end of one of its parts.
std::optional<std::int64_t> number_in(const Intervals& numbers, std::int64_t near) {
  if (numbers.contains(near)) return near;
  std::optional<std::int64_t> high;
  for (const domain::Interval& part : numbers.parts()) {
    if (part.low != Intervals::kLowest) return part.low;
    if (part.high != Intervals::kHighest) high = part.high;
  }
  return high;
}

std::optional<value::Value> number_value(Kind kind, const Intervals& numbers, std::int32_t today) {
  const bool dated = kind == Kind::date || kind == Kind::instant;
  const std::int64_t near = !dated ? 0 : kind == Kind::date ? today : today * value::kDay;
  const auto n = number_in(numbers, near);
  if (!n) return std::nullopt;
  switch (kind) {
    case Kind::integer:
      return value::Value::integer(*n);
    case Kind::decimal:
      return value::Value::decimal(*n);
    case Kind::date:
      return value::Value::date(static_cast<std::int32_t>(*n));
    case Kind::instant:
      return value::Value::instant(*n);
    case Kind::time_of_day:
      return value::Value::time_of_day(static_cast<std::int32_t>(*n));
    default:
      return std::nullopt;
  }
}

std::optional<value::Value> text_value(bytecode::Format format, const Constants& texts) {
  if (!texts.is_complement()) return value::Value::text(texts.items().front());
  if (format == bytecode::Format::email) return value::Value::text("person@example.com");
  if (format != bytecode::Format::plain) return std::nullopt;
  std::string text = "sample";
  while (!texts.contains(text)) text += 's';
  return value::Value::text(text);
}

/// A known value of the set.
std::optional<value::Value> known_value(const Type& type, const Abstract& allowed, std::int32_t today) {
  if (!allowed.known) return std::nullopt;
  if (const auto* bits = std::get_if<Bits>(&allowed.values)) {
    if (type.kind == Kind::boolean) return value::Value::boolean(bits->first() == 1);
    return value::Value::enumeration(type.aux, bits->first());
  }
  if (const auto* numbers = std::get_if<Intervals>(&allowed.values))
    return number_value(type.kind, *numbers, today);
  const auto* texts = std::get_if<Constants>(&allowed.values);
  if (texts && type.kind == Kind::text) return text_value(type.format, *texts);
  return std::nullopt;
}

/// Tells one path as events.
class Telling {
 public:
  Telling(const Context& context, const Scope& scope, const Flow& at, const WitnessWish& wish)
      : context_(context),
        workflow_(*scope.workflow->workflow),
        object_(context.catalogue().objects[scope.object]),
        terms_(at.ground->terms),
        wish_(wish),
        today_(context.today.value_or(kFirstDay)) {}

  std::optional<text::Witness> run(const Path& path) {
    std::vector<Stage> stages{{at_beginning(path), {}}};
    for (const Instant* i = path.history.get(); i != nullptr; i = i->earlier.get()) {
      if (i->vague || i->pause.kind == Pause::Kind::other) return std::nullopt;
      stages.push_back({i->facts, i->pause});
    }
    std::reverse(stages.begin(), stages.end());
    for (const Trigger& trigger : workflow_.triggers) {
      for (const Path& start : enrolled(trigger, stages[0])) {
        if (auto witness = tell(trigger, start, stages)) return witness;
      }
    }
    return std::nullopt;
  }

 private:
  static bool at_creation(const Trigger& trigger) {
    return trigger.head.kind == TriggerKind::created || trigger.head.kind == TriggerKind::condition;
  }

  Paths with_headers(Paths paths) {
    for (const auto* header : {&workflow_.unless, &workflow_.cancel}) {
      if (*header) paths = assume(terms_, paths, **header, kNoMatter);
    }
    return paths;
  }

  /// The cases of the first group in which the trigger fires.
  Paths enrolled(const Trigger& trigger, const Stage& stage) {
    // What else enrols would do so before.
    if (workflow_.triggers.size() > 1 && !at_creation(trigger)) return {};
    Path path;
    path.facts = stage.facts;
    Paths paths = with_headers({path});
    const bool tests =
        trigger.head.kind == TriggerKind::condition || trigger.head.kind == TriggerKind::becomes;
    if (tests && trigger.condition) paths = assume(terms_, paths, *trigger.condition, kTrue);
    if (trigger.guard) paths = assume(terms_, paths, *trigger.guard, kTrue);
    return paths;
  }

  // ---- values ----

  Expr property(std::uint32_t index) const {
    Expr e = make(ExprOp::property, object_.properties[index].type, {});
    e.a = index;
    return e;
  }

  bool choose(const bytecode::Property& declared, const Abstract& allowed, Chosen& out) const {
    const bytecode::Catalogue& catalogue = context_.catalogue();
    auto v = known_value(declared.type, allowed, today_);
    if (!v && !allowed.unknown) return false;
    const value::Value value = v.value_or(value::Value());
    const auto json = json_of(value, context_);
    if (!json || declared.type.kind == Kind::ref) return false;
    out = {single(value, catalogue), *json};
    return true;
  }

  Chosen initial(const bytecode::Property& declared) const {
    return {single(declared.initial, context_.catalogue()),
            json_of(declared.initial, context_).value_or("null")};
  }

  World new_world() const {
    World world;
    for (std::uint32_t i = 0; i < object_.properties.size(); ++i) {
      world[i] = initial(object_.properties[i]);
      // A contact without an address gets no mails.
      const bool address =
          object_.properties[i].unique && object_.properties[i].type.format == bytecode::Format::email;
      if (address) {
        const value::Value v = value::Value::text("person@example.com");
        world[i] = {single(v, context_.catalogue()), *json_of(v, context_)};
      }
    }
    return world;
  }

  /// A new record is in no list and has no tag; nothing was counted before the first event.
  void assume_new(Path& path, TermId term) const {
    const ExprOp op = terms_[term].expr.op;
    const bool marked = op == ExprOp::in_list || op == ExprOp::has_tag;
    if ((marked && is_new_) || (op == ExprOp::occurred_since && !eventful_))
      set_fact(terms_, path, term, Abstract::of(Bits::one(2, 0)), {});
    if (op == ExprOp::count && !eventful_) set_fact(terms_, path, term, Abstract::of(Intervals::one(0)), {});
    if (op == ExprOp::last_event && !eventful_) set_fact(terms_, path, term, Abstract::only_unknown(), {});
  }

  /// Changes the world so that the facts hold in it; the properties that they are about go to `touched`.
  bool settle(const std::vector<Fact>& facts, World& world, std::vector<std::uint32_t>& touched) {
    for (const Fact& fact : facts) {
      const Expr& e = terms_[fact.term].expr;
      if (e.op != ExprOp::property) continue;
      touched.push_back(e.a);
      if (within(world[e.a].value, fact.value)) continue;
      if (object_.properties[e.a].owned || !choose(object_.properties[e.a], fact.value, world[e.a]))
        return false;
    }
    return holds(facts, world);
  }

  bool holds(const std::vector<Fact>& facts, const World& world) {
    Path path;
    for (const Fact& fact : facts) {
      assume_new(path, fact.term);
      const std::vector<PropertyRef> reads = terms_[fact.term].reads;
      for (const PropertyRef& read : reads) {
        if (read.object != terms_.object()) continue;
        if (const auto term = terms_.find(property(read.property)))
          set_fact(terms_, path, *term, world.at(read.property).value, {});
      }
    }
    return std::all_of(facts.begin(), facts.end(), [&](const Fact& fact) {
      const Expr e = terms_[fact.term].expr;
      return within(evaluate(terms_, path, e), fact.value);
    });
  }

  // ---- events ----

  void add_event(const std::string& type, const std::string& data) {
    std::string event =
        "{\"type\":" + quoted(type) + ",\"object\":" + quoted(object_.name) +
        ",\"subject\":\"witness\",\"time\":" + quoted(value::format_instant(now_, context_.zone()));
    out_.events.push_back(event + ",\"data\":{" + data + "}}");
  }

  bool add_event(const EventMatch& match) {
    if (match.where) return false;
    eventful_ = true;
    const bytecode::EventType& type = context_.catalogue().events[match.event];
    std::string data;
    for (std::uint32_t i = 0; i < type.parameters.size(); ++i) {
      const auto json = parameter(match, i);
      if (!json) return false;
      if (*json != "null") data += (data.empty() ? "" : ",") + quoted(type.parameters[i].name) + ":" + *json;
    }
    add_event(type.name, data);
    return true;
  }

  std::optional<std::string> parameter(const EventMatch& match, std::uint32_t index) const {
    for (const auto& filter : match.filters) {
      if (filter.parameter == index) return json_of(filter.value, context_);
    }
    const Type& type = context_.catalogue().events[match.event].parameters[index].type;
    if (type.nullable) return "null";
    if (type.kind == Kind::resource) {
      const auto& names = context_.schema.names_of(static_cast<ResourceKind>(type.aux));
      return names.empty() ? std::nullopt : std::optional(quoted(names.front()));
    }
    const auto v = known_value(type, Abstract::of(values_of(type, context_.catalogue())), today_);
    return v ? json_of(*v, context_) : std::nullopt;
  }

  bool set_properties(const std::vector<std::uint32_t>& properties, const World& was, const World& is) {
    std::string data;
    for (const std::uint32_t i : properties) {
      const bytecode::Property& declared = object_.properties[i];
      const bool same = was.at(i).json == is.at(i).json;
      if (declared.immutable || declared.owned || declared.hidden) {
        if (same) continue;
        return false;
      }
      data += (data.empty() ? "" : ",") + quoted(declared.name) + ":" + is.at(i).json;
    }
    if (!data.empty()) add_event("record.set", data);
    return true;
  }

  // ---- the way ----

  std::optional<text::Witness> tell(const Trigger& trigger, const Path& start,
                                    const std::vector<Stage>& stages) {
    out_ = {};
    is_new_ = true;
    eventful_ = trigger.head.kind == TriggerKind::event;
    out_.object = object_.name;
    now_ = value::to_instant(today_, kFirstMinute, context_.zone());
    out_.at = value::format_instant(now_, context_.zone());
    World world = new_world();
    std::vector<std::uint32_t> touched;
    std::vector<Fact> early = start.facts;
    for (std::size_t i = 1; i < stages.size(); ++i) add_lasting(stages[i].facts, early);
    if (!settle(early, world, touched) || !begin(trigger, world)) return std::nullopt;
    for (std::size_t i = 1; i < stages.size(); ++i) {
      if (!pass(stages[i - 1].pause, stages[i], world, i + 1 == stages.size())) return std::nullopt;
    }
    if (wish_.after) {
      now_ += value::kHour;
      if (!add_event(*wish_.after)) return std::nullopt;
    }
    // Events are told for the times at which nothing holds a group back.
    const bool held_back = !workflow_.windows.empty() || !context_.quiet.empty();
    if (held_back && !out_.events.empty()) return std::nullopt;
    show_property(world);
    out_.shows.insert(out_.shows.end(), wish_.shows.begin(), wish_.shows.end());
    return out_;
  }

  /// What cannot be written later has to be so from the beginning.
  void add_lasting(const std::vector<Fact>& facts, std::vector<Fact>& early) const {
    for (const Fact& fact : facts) {
      const Expr& e = terms_[fact.term].expr;
      if (e.op == ExprOp::property && object_.properties[e.a].immutable) early.push_back(fact);
    }
  }

  /// The timeline has the names of enums as events have.
  void show_property(const World& world) {
    if (wish_.property == kNone || object_.properties[wish_.property].type.kind != Kind::enumeration) return;
    const std::string& json = world.at(wish_.property).json;
    if (json.size() > 2 && json.front() == '"')
      out_.shows.push_back(object_.properties[wish_.property].name + " = " + json.substr(1, json.size() - 2));
  }

  /// The record, and what enrols it.
  bool begin(const Trigger& trigger, const World& world) {
    World created = world;
    const std::uint32_t changed = trigger.head.property;
    const bool by_change =
        trigger.head.kind == TriggerKind::changes || trigger.head.kind == TriggerKind::becomes;
    if (by_change && !choose_other(changed, world, created[changed])) return false;
    for (const auto& [i, chosen] : created) {
      const bytecode::Property& declared = object_.properties[i];
      const Chosen first = initial(declared);
      if (chosen.json == first.json) continue;
      // What has a default is known from the beginning.
      if (declared.owned || declared.hidden || chosen.json == "null") return false;
      out_.record.emplace_back(declared.name, chosen.json);
    }
    if (at_creation(trigger)) return true;
    now_ += value::kMinute;
    if (by_change) return set_properties({changed}, created, world);
    if (trigger.head.kind == TriggerKind::event) return trigger.head.times <= 1 && add_event(trigger.match);
    if (trigger.head.kind != TriggerKind::list_added) return false;
    add_event("list.add", "\"list\":" + quoted(context_.catalogue().lists[trigger.head.list].name));
    return true;
  }

  /// A value from which it changes to that of the world.
  bool choose_other(std::uint32_t index, const World& world, Chosen& out) const {
    const bytecode::Property& declared = object_.properties[index];
    const Chosen& then = world.at(index);
    out = initial(declared);
    if (out.json != then.json) return true;
    Abstract others = Abstract::of(values_of(declared.type, context_.catalogue()));
    if (then.value.known) others.values = difference(others.values, then.value.values);
    return choose(declared, std::move(others).normal(), out);
  }

  /// Time passes, and the world becomes what the next group of steps meets.
  bool pass(const Pause& pause, const Stage& next, World& world, bool last) {
    is_new_ = false;
    const bool event = pause.kind == Pause::Kind::happened;
    eventful_ = eventful_ || event;
    if (!event && pause.length > 0 && pause.length < 3 * value::kMinute) return false;
    const std::int64_t began = now_;
    now_ += value::kMinute;
    if (last && wish_.before && !add_event(*wish_.before)) return false;
    Path path;
    path.facts = next.facts;
    const World was = world;
    bool settled = false;
    std::vector<std::uint32_t> touched;
    for (const Path& one : with_headers({path})) {
      world = was;
      touched.clear();
      settled = settle(one.facts, world, touched);
      if (settled) break;
    }
    if (!settled || (pause.length > 0 || event ? !set_properties(touched, was, world) : false)) return false;
    if (event) {
      now_ += value::kMinute;
      return pause.event && add_event(*pause.event);
    }
    now_ = began + pause.length;
    return true;
  }

  const Context& context_;
  const Workflow& workflow_;
  const bytecode::Object& object_;
  Terms& terms_;
  const WitnessWish& wish_;
  const std::int32_t today_;
  text::Witness out_;
  std::int64_t now_ = 0;
  bool is_new_ = true;     ///< no step has run yet
  bool eventful_ = false;  ///< something has happened that may be counted
};

}  // namespace

std::optional<text::Witness> find_witness(const Context& context, const Scope& scope, const Flow& at,
                                          WitnessWish wish) {
  const bool told = at.ground && at.reachable() && !at.uncertain && !at.untold && scope.workflow &&
                    scope.workflow->workflow && scope.workflow->campaign == kNone;
  if (!told) return std::nullopt;
  for (const Path& path : at.paths) {
    if (path.vague) continue;
    if (auto witness = Telling(context, scope, at, wish).run(path)) return witness;
  }
  return std::nullopt;
}

std::string step_line(const Context& context, Span step) {
  return "· " + label_of(context.sources, step);
}

}  // namespace wf::sema
