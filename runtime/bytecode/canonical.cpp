#include "runtime/bytecode/canonical.hpp"

#include <map>
#include <set>

#include "runtime/bytecode/canonical_parts.hpp"
#include "runtime/bytecode/listing.hpp"
#include "runtime/bytecode/sha256.hpp"

namespace wf::bytecode {

using namespace canonical;

namespace {

OperandKind operand_kind(Opcode op) {
  return opcodes()[static_cast<std::size_t>(op)].operand;
}

std::string object_name(const Catalogue& c, std::uint32_t object) {
  return object == kNone ? "-" : c.objects[object].name;
}

/// Writes code. Each function is written once, in the order in which it is met; what is mentioned by name is
/// gathered and described at the end.
class Writer {
 public:
  enum class Depth { names, whole };
  Writer(const Program& program, Depth depth) : p_(program), c_(program.catalogue), depth_(depth) {}

  /// Words [begin, end) of a function; jumps count from `begin`.
  void code(const Function& f, std::uint32_t begin, std::uint32_t end);
  /// The function's number here; its code follows at the end.
  std::string function(std::uint32_t index);
  void line(const std::string& name, const std::string& text) { out_ += name + " " + text + "\n"; }
  std::string match(const EventMatch& m);
  std::string property(std::uint32_t object, std::uint32_t property);
  std::string list(std::uint32_t index) { return "list." + c_.lists[index].name; }
  std::string reenroll(const Reenroll& r);
  std::string edge(const RelatedEdge& e);
  void running(const Workflow& w);
  void entry(const Workflow& w);
  std::string take();

 private:
  struct Range {
    const Function& f;
    std::uint32_t begin, end;
  };
  std::string operand(const Range& range, Opcode op, std::uint32_t n);
  std::string table_entry(const Range& range, OperandKind kind, std::uint32_t n);
  static std::string place(const Range& range, std::uint32_t word);
  std::string constant(const value::Value& v);
  std::string moment(const Moment& m);
  static std::string window(const Window& w);
  std::string wait(const Range& range, const Wait& w);
  std::string send(const Send& s);
  std::string call(std::uint32_t index);
  std::string relation(const Relation& r);
  std::string counter(const Counter& c);
  std::string hops(const std::vector<Hop>& path);
  std::string calendar(std::uint32_t index);
  std::string resource(ResourceKind kind, std::uint32_t index);
  void trigger(std::uint32_t object, const Trigger& t);
  void mention_order(std::uint32_t enum_type);

  const Program& p_;
  const Catalogue& c_;
  const Depth depth_;
  std::string out_;
  std::map<std::uint32_t, std::size_t> functions_, calls_;
  std::vector<std::uint32_t> queue_;
  std::set<std::string> mentions_;
};

// ---- code
// -------------------------------------------------------------------------------------------------------

std::string Writer::function(std::uint32_t index) {
  if (index == kNone) return "-";
  const auto [it, added] = functions_.try_emplace(index, functions_.size());
  if (added) queue_.push_back(index);
  return "fn" + std::to_string(it->second);
}

std::string Writer::take() {
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    const Function& f = p_.functions[queue_[i]];
    out_ += "fn" + std::to_string(i) + " " + number(f.kind) + " on " + object_name(c_, f.object);
    out_ += " locals " + number(f.locals) + "\n";
    code(f, f.begin, f.end);
  }
  if (depth_ == Depth::whole) {
    for (const std::string& mention : mentions_) out_ += mention + "\n";
  }
  return std::move(out_);
}

void Writer::code(const Function& f, std::uint32_t begin, std::uint32_t end) {
  const Range range{f, begin, end};
  for (std::uint32_t at = begin; at < end; ++at) {
    const Opcode op = opcode_of(p_.code[at]);
    out_ += opcodes()[static_cast<std::size_t>(op)].name;
    out_ += ' ';
    out_ += operand(range, op, operand_of(p_.code[at]));
    out_ += '\n';
  }
}

std::string Writer::place(const Range& range, std::uint32_t word) {
  if (word == kNone) return "-";
  if (word < range.begin) return "before";
  return word < range.end ? std::to_string(word - range.begin) : "behind";
}

std::string Writer::operand(const Range& range, Opcode op, std::uint32_t n) {
  const OperandKind kind = operand_kind(op);
  switch (kind) {
    case OperandKind::none:
    case OperandKind::step:  // how a step is written does not matter
      return "";
    case OperandKind::jump:
      return place(range, n);
    case OperandKind::local:
    case OperandKind::count:
    case OperandKind::outcome:
    case OperandKind::marketing:
      return std::to_string(n);
    case OperandKind::reason:
      return to_string(static_cast<EndReason>(n));
    case OperandKind::property:
      return property(range.f.object, n);
    case OperandKind::parameter: {
      const EventType& event = c_.events[range.f.event];
      return event.name + "." + event.parameters[n].name + " " + type_text(c_, event.parameters[n].type);
    }
    default:
      return table_entry(range, kind, n);
  }
}

std::string Writer::table_entry(const Range& range, OperandKind kind, std::uint32_t n) {
  switch (kind) {
    case OperandKind::constant:
      return constant(p_.constants[n]);
    case OperandKind::field:
      return property(p_.fields[n].object, p_.fields[n].property);
    case OperandKind::counter:
      return counter(p_.counters[n]);
    case OperandKind::list:
      return list(n);
    case OperandKind::topic:
      return "topic." + c_.topics[n].name;
    case OperandKind::moment:
      return moment(p_.moments[n]);
    case OperandKind::window:
      return window(p_.windows[n]);
    case OperandKind::wait:
      return wait(range, p_.waits[n]);
    case OperandKind::send:
      return send(p_.sends[n]);
    case OperandKind::task: {
      const Task& t = p_.tasks[n];
      return number(t.has_due) + number(t.has_about) + " #" + number(t.label);
    }
    case OperandKind::notify: {
      const Notify& notify = p_.notifies[n];
      return resource(ResourceKind::message, notify.message) + " " + number(notify.arguments) +
             number(notify.by_mail) + number(notify.in_app);
    }
    case OperandKind::call:
      return call(n);
    case OperandKind::workflow:
      return workflow_label(p_.workflows[n].name);
    case OperandKind::audience:
      return resource(ResourceKind::audience, n);
    case OperandKind::experiment:
      return resource(ResourceKind::experiment, n);
    case OperandKind::relation:
      return relation(p_.relations[n]);
    case OperandKind::collect: {
      const Collect& collect = p_.collects[n];
      return "#" + number(collect.first) + " " + number(collect.count) + " " +
             relation(p_.relations[collect.relation]);
    }
    case OperandKind::create: {
      const Create& create = p_.creates[n];
      std::string text = object_name(c_, create.object) + " (";
      for (const std::uint32_t at : create.properties) text += property(create.object, at) + ", ";
      return text + ") #" + number(create.label);
    }
    case OperandKind::rotation: {
      std::string text = quoted(p_.rotations[n].key);
      for (const std::uint32_t user : p_.rotations[n].users) text += " " + resource(ResourceKind::user, user);
      return text;
    }
    default:
      return std::to_string(n);
  }
}

std::string Writer::constant(const value::Value& v) {
  if (v.kind() == value::Kind::resource) {
    const auto kind = static_cast<ResourceKind>(v.aux());
    if (kind != ResourceKind::workflow && kind != ResourceKind::sequence)
      return resource(kind, v.as_resource());
  }
  if (v.kind() == value::Kind::text) return quoted(v.as_text());
  if (v.kind() == value::Kind::enumeration) mention_order(v.aux());
  return describe(p_, v);
}

/// Values of an ordered type are compared by their places.
void Writer::mention_order(std::uint32_t enum_type) {
  const EnumType& e = c_.enums[enum_type];
  if (!e.ordered) return;
  std::string text = "ordered " + e.name;
  for (const std::string& name : e.values) text += " " + name;
  mentions_.insert(std::move(text));
}

std::string Writer::property(std::uint32_t object, std::uint32_t index) {
  const Property& p = c_.objects[object].properties[index];
  const std::string name = c_.objects[object].name + "." + p.name;
  std::string text = "property " + name + " " + type_text(c_, p.type) + (p.immutable ? " immutable" : "");
  if (p.minimum) text += " from " + number(*p.minimum);
  if (p.maximum) text += " to " + number(*p.maximum);
  mentions_.insert(std::move(text));
  if (p.type.kind == value::Kind::enumeration) mention_order(p.type.aux);
  return name;
}

std::string Writer::resource(ResourceKind kind, std::uint32_t index) {
  if (index == kNone) return "-";
  const std::string text = resource_text(p_, kind, index);
  mentions_.insert(text);
  if (kind == ResourceKind::team) {
    for (const std::uint32_t user : c_.teams[index].members) (void)resource(ResourceKind::user, user);
  } else if (kind == ResourceKind::audience) {
    const Audience& audience = c_.audiences[index];
    (void)resource(ResourceKind::webhook, audience.webhook);
    if (audience.call != kNone) (void)call(audience.call);
  }
  return std::string(to_string(kind)) + "." + c_.resource_name(kind, index);
}

// ---- tables
// -----------------------------------------------------------------------------------------------------

std::string Writer::calendar(std::uint32_t index) {
  return index == kNone ? "-" : resource(ResourceKind::calendar, index);
}

std::string Writer::moment(const Moment& m) {
  const value::Schedule& s = m.recurs;
  std::string text = number(m.has_anchor) + number(m.dynamic_zone) + " " + quoted(m.zone) + " ";
  text += number(m.offset) + " " + number(m.offset_months) + " " + number(m.offset_days) + " ";
  text += number(m.at) + " " + number(m.next_weekday) + " " + calendar(m.calendar) + " ";
  text += number(m.business_days) + " " + number(m.business) + " every " + number(s.every);
  for (const std::int64_t n : {std::int64_t{s.weekdays}, std::int64_t{s.nth}, std::int64_t{s.day},
                               std::int64_t{s.month}, std::int64_t{s.at}})
    text += " " + number(n);
  return text;
}

std::string Writer::window(const Window& w) {
  std::string text;
  for (const Opening& o : w.all)
    text += hours_text({o.hours}) + " " + number(o.dynamic_zone) + quoted(o.zone);
  return text;
}

std::string Writer::match(const EventMatch& m) {
  if (m.event == kNone) return "-";
  const EventType& event = c_.events[m.event];
  std::string text = event.name + " (";
  for (const auto& filter : m.filters)
    text += event.parameters[filter.parameter].name + " = " + constant(filter.value) + ", ";
  return text + ") " + function(m.where);
}

std::string Writer::wait(const Range& range, const Wait& w) {
  std::string text = number(w.kind) + " again " + place(range, w.recompute) + " (";
  for (const std::uint32_t anchor : w.anchors) text += property(range.f.object, anchor) + ", ";
  text += ") " + match(w.match) + " sent #" + number(w.sent);
  if (w.call != kNone)
    text += " of call " + std::to_string(calls_.try_emplace(w.call, calls_.size()).first->second);
  return text;
}

std::string Writer::send(const Send& s) {
  std::string text = resource(ResourceKind::email, s.email) + " " + number(s.mail_class) + " " +
                     name_of(c_.topics, s.topic) + " " + number(s.arguments) + " #" + number(s.label);
  if (s.own_subject && depth_ == Depth::whole) text += " subject " + template_text(s.subject);
  return text;
}

std::string Writer::call(std::uint32_t index) {
  const Call& c = p_.calls[index];
  std::string text = std::to_string(calls_.try_emplace(index, calls_.size()).first->second) + " ";
  text += resource(ResourceKind::webhook, c.webhook) + " (";
  for (const std::string& field : c.fields) text += field + ", ";
  return text + ") " + number(c.retries) + " over " + number(c.over) + " else " + function(c.on_failure) +
         " #" + number(c.reply);
}

std::string Writer::relation(const Relation& r) {
  std::string text = object_name(c_, r.object);
  if (r.property != kNone) text += " by " + property(r.object, r.property);
  if (r.primary != kNone) {
    const std::uint32_t owner = c_.objects[r.object].properties[r.property].type.aux;
    text += " primary " + property(owner, r.primary);
  }
  return text + " up to " + number(r.limit) + " where " + function(r.where);
}

std::string Writer::counter(const Counter& c) {
  std::string text =
      quoted(c.key) + " " + number(c.kind) + " " + object_name(c_, c.object) + " " + match(c.match);
  if (c.property != kNone) text += " " + property(c.object, c.property) + " became " + constant(c.became);
  return text + " within " + number(c.window) + " at most " + number(c.limit);
}

std::string Writer::hops(const std::vector<Hop>& path) {
  std::string text;
  for (const Hop& hop : path) text += property(hop.object, hop.property) + (hop.back ? " back, " : ", ");
  return text;
}

// ---- workflows
// --------------------------------------------------------------------------------------------------

std::string Writer::edge(const RelatedEdge& e) {
  if (e.path.empty()) return "-";
  return hops(e.path) + " " + object_name(c_, e.object) + " " + function(e.became) + " " + function(e.where);
}

std::string Writer::reenroll(const Reenroll& r) {
  return number(r.mode) + number(r.key_is_event) + " " + function(r.key) + " " + number(r.at_most_once_per) +
         number(r.restart);
}

/// What is read of other records follows from the conditions themselves.
void Writer::running(const Workflow& w) {
  line("zone", quoted(c_.zone) + " " + quoted(c_.locale));
  line("on", object_name(c_, w.object));
  line("body", function(w.body));
  line("goal", number(w.goal_is_edge) + " " + function(w.goal) + " " + edge(w.goal_edge));
  line("cancel", function(w.cancel));
  for (const std::uint32_t at : w.suppress) line("suppress", list(at));
  for (const Exit& exit : w.exits) line("exit", match(exit.match) + " " + to_string(exit.reason));
  for (const Pause& pause : w.pauses) line("pause", number(pause.from) + ".." + number(pause.to));
  line("pause zone", quoted(w.pause_zone));
  line("late", number(w.late.policy) + " " + number(w.late.after));
  line("when blocked", number(w.when_blocked));
  line("ends", number(w.ends_at));
  line("campaign", name_of(c_.campaigns, w.campaign) + " " + number(w.part));
}

void Writer::entry(const Workflow& w) {
  line("on", object_name(c_, w.object));
  for (const Trigger& t : w.triggers) trigger(w.object, t);
  line("unless", function(w.unless));
  for (const std::uint32_t at : w.suppress) line("suppress", list(at));
  line("reenroll", reenroll(w.reenroll));
  line("existing", number(w.existing) + " manual " + number(w.manual) + " priority " + number(w.priority));
  line("group", quoted(w.exclusive_group));
  line("until", number(w.enter_until) + " " + number(w.ends_at));
}

void Writer::trigger(std::uint32_t object, const Trigger& t) {
  std::string text = number(t.kind) + " " + match(t.match) + " times " + number(t.times);
  if (t.counter != kNone) text += " " + counter(p_.counters[t.counter]);
  if (t.property != kNone) text += " " + property(object, t.property);
  if (t.list != kNone) text += " " + list(t.list);
  text += " if " + function(t.condition) + " and " + function(t.guard) + " edge " + edge(t.edge);
  text += " late " + number(t.late_ok) + " " + number(t.late_within);
  if (t.own_reenroll) text += " reenroll " + reenroll(t.reenroll);
  line("trigger", text);
}

}  // namespace

std::string running_text(const Program& program, std::uint32_t workflow) {
  Writer writer(program, Writer::Depth::whole);
  writer.running(program.workflows[workflow]);
  return writer.take();
}

std::string entry_text(const Program& program, std::uint32_t workflow) {
  Writer writer(program, Writer::Depth::whole);
  writer.entry(program.workflows[workflow]);
  return writer.take();
}

Hash running_hash(const Program& program, std::uint32_t workflow) {
  return sha256(running_text(program, workflow));
}

std::string function_text(const Program& program, std::uint32_t function) {
  Writer writer(program, Writer::Depth::whole);
  (void)writer.function(function);
  return writer.take();
}

std::string prefix_text(const Program& program, std::uint32_t function, std::uint32_t word) {
  Writer writer(program, Writer::Depth::names);
  writer.code(program.functions[function], program.functions[function].begin, word + 1);
  return writer.take();
}

std::string range_text(const Program& program, std::uint32_t function, std::uint32_t begin,
                       std::uint32_t end) {
  Writer writer(program, Writer::Depth::names);
  writer.code(program.functions[function], begin, end);
  return writer.take();
}

std::uint32_t word_of_wait(const Program& program, std::uint32_t function, std::uint32_t wait) {
  const Function& f = program.functions[function];
  for (std::uint32_t at = f.begin; at < f.end; ++at) {
    const bool waits = operand_kind(opcode_of(program.code[at])) == OperandKind::wait;
    if (waits && operand_of(program.code[at]) == wait) return at;
  }
  return kNone;
}

}  // namespace wf::bytecode
