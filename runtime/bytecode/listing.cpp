#include "runtime/bytecode/listing.hpp"

#include <cstdio>
#include <cstdlib>

namespace wf::bytecode {
namespace {

std::string plural(std::size_t n, const char* noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string property_name(const Program& p, std::uint32_t object, std::uint32_t property) {
  const Object& o = p.catalogue.objects[object];
  return o.name + "." + o.properties[property].name;
}

const char* class_name(MailClass mail_class) {
  switch (mail_class) {
    case MailClass::none:
      return "no class";
    case MailClass::marketing:
      return "marketing";
    case MailClass::transactional:
      return "transactional";
    case MailClass::internal:
      return "internal";
  }
  return "?";
}

std::string describe_match(const Program& p, const EventMatch& match) {
  const EventType& event = p.catalogue.events[match.event];
  std::string text = event.name;
  for (std::size_t i = 0; i < match.filters.size(); ++i) {
    const auto& filter = match.filters[i];
    text += i == 0 ? " (" : ", ";
    text += event.parameters[filter.parameter].name + " = " + describe(p, filter.value);
  }
  if (!match.filters.empty()) text += ")";
  if (match.where != kNone) text += " where function " + std::to_string(match.where);
  return text;
}

std::string describe_days(std::uint8_t days) {
  constexpr const char* kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::string text;
  for (int day = 0; day < 7; ++day) {
    if ((days >> day & 1) != 0) text += std::string(text.empty() ? "" : ",") + kDays[day];
  }
  return text;
}

std::string describe_schedule(const value::Schedule& s) {
  using Every = value::Schedule::Every;
  std::string text;
  switch (s.every) {
    case Every::none:
      return "";
    case Every::day:
      text = "every day";
      break;
    case Every::week:
      text = "every " + describe_days(s.weekdays);
      break;
    case Every::month:
      text = "every month on " +
             (s.nth == 0 ? std::to_string(s.day) : describe_days(s.weekdays) + " " + std::to_string(s.nth));
      break;
    case Every::year:
      text = "every year on " + std::to_string(s.month) + "-" + std::to_string(s.day);
      break;
  }
  return text + " at " + value::format_time_of_day(s.at) + " ";
}

std::string describe_business(const Program& p, const Moment& m) {
  if (m.calendar == kNone) return "";
  std::string text;
  if (m.business_days != 0) text += std::to_string(m.business_days) + " business days ";
  if (m.business != 0) {
    text += (m.business < 0 ? "-" : "+") + value::format_compact_duration(std::abs(m.business)) + " open ";
  }
  return text + "of calendar." + p.catalogue.calendars[m.calendar].name + " ";
}

std::string describe_moment(const Program& p, const Moment& m) {
  std::string text = describe_schedule(m.recurs) + describe_business(p, m);
  if (m.offset_months != 0) text += std::to_string(m.offset_months) + " months ";
  if (m.offset_days != 0) text += std::to_string(m.offset_days) + " days ";
  if (m.offset != 0)
    text += (m.offset < 0 ? "-" : "+") + value::format_compact_duration(std::abs(m.offset)) + " ";
  if (m.has_anchor) text += "from anchor ";
  if (m.next_weekday >= 0) text += "next weekday " + std::to_string(m.next_weekday) + " ";
  if (m.at >= 0) text += "at " + value::format_time_of_day(m.at) + " ";
  return text + "in " + (m.dynamic_zone ? "zone else " : "") + m.zone;
}

std::string describe_window(const Window& w) {
  std::string text;
  for (const Opening& o : w.all) {
    if (!text.empty()) text += " and ";
    text += describe_days(o.hours.days) + " " + value::format_time_of_day(o.hours.from) + ".." +
            value::format_time_of_day(o.hours.to) + " in " + (o.dynamic_zone ? "zone else " : "") + o.zone;
  }
  return text;
}

std::string describe_wait(const Program& p, const Wait& w) {
  switch (w.kind) {
    case WaitKind::duration:
      return "";
    case WaitKind::event:
      return describe_match(p, w.match);
    case WaitKind::reply:
      return "call " + std::to_string(w.call);
    case WaitKind::until:
      break;
  }
  return w.recompute == kNone ? "" : "again from " + std::to_string(w.recompute);
}

std::string describe_send(const Program& p, const Send& s) {
  std::string text = "email." + p.catalogue.emails[s.email].name + ", " + class_name(s.mail_class);
  if (s.topic != kNone) text += " topic." + p.catalogue.topics[s.topic].name;
  text += ", " + plural(s.arguments, "argument");
  if (s.own_subject) text += ", own subject";
  if (s.label != kNone) text += ", label #" + std::to_string(s.label);
  return text;
}

std::string describe_call(const Program& p, const Call& c) {
  std::string text = "webhook." + p.catalogue.webhooks[c.webhook].name + " (";
  for (std::size_t i = 0; i < c.fields.size(); ++i) text += (i == 0 ? "" : ", ") + c.fields[i];
  text += ")";
  if (c.retries != kNone) text += ", retries " + std::to_string(c.retries);
  if (c.on_failure != kNone) text += ", on failure function " + std::to_string(c.on_failure);
  if (c.reply != kNone) text += ", answer to #" + std::to_string(c.reply);
  return text;
}

std::string describe_relation(const Program& p, const Relation& r) {
  std::string text = r.property == kNone ? p.catalogue.objects[r.object].name + " itself"
                                         : property_name(p, r.object, r.property);
  if (r.where != kNone) text += " where function " + std::to_string(r.where);
  if (r.limit != 0) text += ", up to " + std::to_string(r.limit);
  if (r.primary != kNone) {
    const std::uint32_t owner = p.catalogue.objects[r.object].properties[r.property].type.aux;
    text += ", primary " + property_name(p, owner, r.primary);
  }
  return text;
}

std::string describe_collect(const Program& p, const Collect& c) {
  return describe_relation(p, p.relations[c.relation]) + " into #" + std::to_string(c.first) + "..#" +
         std::to_string(c.first + c.count - 1);
}

std::string describe_create(const Program& p, const Create& c) {
  std::string text = p.catalogue.objects[c.object].name + " (";
  for (std::size_t i = 0; i < c.properties.size(); ++i) {
    text += (i == 0 ? "" : ", ") + p.catalogue.objects[c.object].properties[c.properties[i]].name;
  }
  text += ")";
  if (c.label != kNone) text += ", label #" + std::to_string(c.label);
  return text;
}

std::string describe_task(const Task& t) {
  std::string text = t.has_due ? "due" : "";
  if (t.has_about) text += text.empty() ? "about" : ", about";
  if (t.label != kNone) text += (text.empty() ? "label #" : ", label #") + std::to_string(t.label);
  return text;
}

std::string describe_table_entry(const Program& p, OperandKind kind, std::uint32_t n) {
  switch (kind) {
    case OperandKind::constant:
      return describe(p, p.constants[n]);
    case OperandKind::field:
      return property_name(p, p.fields[n].object, p.fields[n].property);
    case OperandKind::counter:
      return p.counters[n].key;
    case OperandKind::list:
      return "list." + p.catalogue.lists[n].name;
    case OperandKind::topic:
      return "topic." + p.catalogue.topics[n].name;
    case OperandKind::moment:
      return describe_moment(p, p.moments[n]);
    case OperandKind::window:
      return describe_window(p.windows[n]);
    case OperandKind::wait:
      return describe_wait(p, p.waits[n]);
    case OperandKind::send:
      return describe_send(p, p.sends[n]);
    case OperandKind::task:
      return describe_task(p.tasks[n]);
    case OperandKind::notify:
      return "message." + p.catalogue.messages[p.notifies[n].message].name;
    case OperandKind::call:
      return describe_call(p, p.calls[n]);
    case OperandKind::workflow:
      return workflow_label(p.workflows[n].name);
    case OperandKind::audience:
      return "audience." + p.catalogue.audiences[n].name;
    case OperandKind::step:
      return p.steps[n].label;
    case OperandKind::experiment:
      return "experiment." + p.catalogue.experiments[n].name;
    case OperandKind::relation:
      return describe_relation(p, p.relations[n]);
    case OperandKind::collect:
      return describe_collect(p, p.collects[n]);
    case OperandKind::create:
      return describe_create(p, p.creates[n]);
    case OperandKind::rotation:
      return p.rotations[n].key;
    default:
      return "";
  }
}

void name_function(std::vector<std::string>& names, std::uint32_t function, const std::string& name) {
  if (function != kNone) names[function] = name;
}

void name_workflow(std::vector<std::string>& names, const Workflow& w) {
  const std::string base = workflow_label(w.name);
  name_function(names, w.body, base);
  name_function(names, w.unless, base + " unless");
  name_function(names, w.goal, base + " goal");
  name_function(names, w.cancel, base + " cancel");
  name_function(names, w.goal_edge.became, base + " goal became");
  name_function(names, w.goal_edge.where, base + " goal where");
  name_function(names, w.reenroll.key, base + " key");
  for (std::size_t i = 0; i < w.triggers.size(); ++i) {
    const std::string trigger = base + " trigger " + std::to_string(i);
    name_function(names, w.triggers[i].condition, trigger + " condition");
    name_function(names, w.triggers[i].guard, trigger + " guard");
    name_function(names, w.triggers[i].retest, trigger + " retest");
    name_function(names, w.triggers[i].match.where, trigger + " where");
    name_function(names, w.triggers[i].edge.became, trigger + " became");
    name_function(names, w.triggers[i].edge.where, trigger + " where");
    name_function(names, w.triggers[i].reenroll.key, trigger + " key");
  }
  for (std::size_t i = 0; i < w.exits.size(); ++i) {
    name_function(names, w.exits[i].match.where, base + " exit " + std::to_string(i) + " where");
  }
}

std::string step_comment(const Program& p, const Step& s) {
  return p.files[s.file] + ":" + std::to_string(s.line) + ":" + std::to_string(s.column) + "  " + s.label;
}

std::string function_head(const Program& p, std::size_t index, const std::string& name) {
  const Function& f = p.functions[index];
  std::string head = "function " + std::to_string(index) + ": " + name;
  head += f.kind == FunctionKind::body ? " (body) on " : " (expression) on ";
  head += p.catalogue.objects[f.object].name;
  if (f.event != kNone) head += ", event " + p.catalogue.events[f.event].name;
  return head + ", " + plural(f.locals, "local") + ", stack " + std::to_string(f.max_stack) + "\n";
}

}  // namespace

std::string describe(const Program& p, const value::Value& v) {
  switch (v.kind()) {
    case value::Kind::enumeration: {
      const EnumType& e = p.catalogue.enums[v.aux()];
      return e.name + " " + e.values[v.as_ordinal()];
    }
    case value::Kind::resource: {
      const auto kind = static_cast<ResourceKind>(v.aux());
      const std::string& name = kind == ResourceKind::workflow
                                    ? p.workflows[v.as_resource()].name
                                    : p.catalogue.resource_name(kind, v.as_resource());
      return std::string(to_string(kind)) + "." + name;
    }
    default:
      return v.debug();
  }
}

std::string describe_operand(const Program& p, const Function& f, Opcode op, std::uint32_t n) {
  const OperandKind kind = opcodes()[static_cast<std::size_t>(op)].operand;
  switch (kind) {
    case OperandKind::none:
      return "";
    case OperandKind::property:
      return property_name(p, f.object, n);
    case OperandKind::parameter:
      return "event." + p.catalogue.events[f.event].parameters[n].name;
    case OperandKind::local:
      return "#" + std::to_string(n);
    case OperandKind::jump:
    case OperandKind::count:
    case OperandKind::outcome:
      return std::to_string(n);
    case OperandKind::reason:
      return to_string(static_cast<EndReason>(n));
    case OperandKind::marketing:
      return n != 0 ? "yes" : "no";
    default:
      return describe_table_entry(p, kind, n);
  }
}

std::vector<std::string> function_names(const Program& p) {
  std::vector<std::string> names(p.functions.size(), "unused");
  for (const Workflow& w : p.workflows) name_workflow(names, w);
  for (const Segment& s : p.catalogue.segments) name_function(names, s.condition, "segment." + s.name);
  for (const Scoring& s : p.catalogue.scorings) {
    for (const Scoring::Band& b : s.bands)
      name_function(names, b.condition, "scoring." + s.name + " " + b.label);
  }
  for (const Counter& c : p.counters) name_function(names, c.match.where, "counter " + c.key + " where");
  for (std::size_t i = 0; i < p.waits.size(); ++i) {
    name_function(names, p.waits[i].match.where, "wait " + std::to_string(i) + " where");
  }
  for (std::size_t i = 0; i < p.relations.size(); ++i) {
    name_function(names, p.relations[i].where, "relation " + std::to_string(i) + " where");
  }
  for (std::size_t i = 0; i < p.calls.size(); ++i) {
    name_function(names, p.calls[i].on_failure, "call " + std::to_string(i) + " on failure");
  }
  return names;
}

std::string listing(const Program& p) {
  std::string out;
  const auto names = function_names(p);
  for (std::size_t i = 0; i < p.functions.size(); ++i) {
    const Function& f = p.functions[i];
    if (i > 0) out += "\n";
    out += function_head(p, i, names[i]);
    for (std::uint32_t at = f.begin; at < f.end; ++at) {
      const Opcode op = opcode_of(p.code[at]);
      const std::uint32_t n = operand_of(p.code[at]);
      if (op == Opcode::step) out += "          ; " + step_comment(p, p.steps[n]) + "\n";
      char head[48];
      std::snprintf(head, sizeof head, "%6u  %-16s", at, opcodes()[static_cast<std::size_t>(op)].name);
      std::string line =
          std::string(head) + (op == Opcode::step ? std::to_string(n) : describe_operand(p, f, op, n));
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
  }
  return out;
}

}  // namespace wf::bytecode
