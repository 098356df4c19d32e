#include "runtime/bytecode/words.hpp"

#include <algorithm>

#include "runtime/bytecode/canonical.hpp"
#include "runtime/bytecode/listing.hpp"

namespace wf::bytecode {

namespace {

/// A part of a sentence and how tightly it holds together.
struct Phrase {
  std::string text;
  enum Binding { loose_or, loose_and, comparison, sum, whole } binding = whole;
};

std::string held(const Phrase& phrase, Phrase::Binding at_least) {
  return phrase.binding < at_least ? "(" + phrase.text + ")" : phrase.text;
}

/// Runs the code of an expression over phrases instead of values.
class Reader {
 public:
  Reader(const Program& program, const Function& function) : p_(program), f_(function) {}

  std::string read() {
    for (std::uint32_t at = f_.begin; at < f_.end; ++at) {
      const Opcode op = opcode_of(p_.code[at]);
      if (op == Opcode::return_) return pop().text;
      step(op, operand_of(p_.code[at]));
    }
    return stack_.empty() ? "" : pop().text;
  }

 private:
  Phrase pop() {
    if (stack_.empty()) return {"…"};
    Phrase top = std::move(stack_.back());
    stack_.pop_back();
    return top;
  }
  void push(std::string text, Phrase::Binding binding = Phrase::whole) {
    stack_.push_back({std::move(text), binding});
  }
  void infix(const char* word, Phrase::Binding binding) {
    const Phrase right = pop(), left = pop();
    const auto inner = binding == Phrase::comparison ? Phrase::sum : binding;
    push(held(left, inner) + " " + word + " " + held(right, inner), binding);
  }
  void suffix(const char* words) { push(held(pop(), Phrase::sum) + words, Phrase::comparison); }
  void negate() {
    const Phrase inner = pop();
    constexpr std::string_view kKnown = " is known";
    if (inner.binding == Phrase::comparison && inner.text.ends_with(kKnown))
      return push(inner.text.substr(0, inner.text.size() - kKnown.size()) + " is unknown",
                  Phrase::comparison);
    push("not (" + inner.text + ")", Phrase::comparison);
  }
  void any_of(std::uint32_t count) {
    std::vector<std::string> items(count);
    for (std::uint32_t i = count; i > 0; --i) items[i - 1] = pop().text;
    std::string text = held(pop(), Phrase::sum) + " is any of (";
    for (std::uint32_t i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + items[i];
    push(text + ")", Phrase::comparison);
  }
  void moment(std::uint32_t n) {
    const Moment& m = p_.moments[n];
    if (m.dynamic_zone) (void)pop();
    const std::string anchor = m.has_anchor ? pop().text : "";
    std::string text = describe_operand(p_, f_, Opcode::moment, n);
    const std::size_t at = text.find("from anchor");
    if (at != text.npos) text.replace(at, 11, "from " + anchor);
    push(text);
  }
  void related(Opcode op, std::uint32_t n) {
    const Relation& r = p_.relations[n];
    (void)pop();
    std::string text = p_.catalogue.objects[r.object].name;
    if (r.where != kNone) text += " where (" + expression_words(p_, r.where) + ")";
    push((op == Opcode::related ? "number of " : "") + text);
  }
  void choose() {
    const Phrase then = pop(), other = pop(), condition = pop();
    push("(" + then.text + " if " + condition.text + " else " + other.text + ")");
  }
  void step(Opcode op, std::uint32_t n);
  void other(Opcode op, std::uint32_t n);

  const Program& p_;
  const Function& f_;
  std::vector<Phrase> stack_;
};

struct Infix {
  Opcode op;
  const char* word;
  Phrase::Binding binding;
};
constexpr Infix kInfix[] = {
    {Opcode::eq, "is", Phrase::comparison},
    {Opcode::ne, "is not", Phrase::comparison},
    {Opcode::lt, "<", Phrase::comparison},
    {Opcode::le, "<=", Phrase::comparison},
    {Opcode::gt, ">", Phrase::comparison},
    {Opcode::ge, ">=", Phrase::comparison},
    {Opcode::and_, "and", Phrase::loose_and},
    {Opcode::or_, "or", Phrase::loose_or},
    {Opcode::contains, "contains", Phrase::comparison},
    {Opcode::starts_with, "starts with", Phrase::comparison},
    {Opcode::ends_with, "ends with", Phrase::comparison},
    {Opcode::matches, "matches", Phrase::comparison},
    {Opcode::add, "+", Phrase::sum},
    {Opcode::sub, "-", Phrase::sum},
    {Opcode::mul, "*", Phrase::sum},
    {Opcode::div, "/", Phrase::sum},
    {Opcode::coalesce, "else", Phrase::sum},
    {Opcode::concat, "&", Phrase::sum},
};

void Reader::step(Opcode op, std::uint32_t n) {
  for (const Infix& row : kInfix) {
    if (row.op == op) return infix(row.word, row.binding);
  }
  switch (op) {
    case Opcode::push:
      return push(value_words(p_, p_.constants[n]));
    case Opcode::push_unknown:
      return push("unknown");
    case Opcode::property:
      return push(p_.catalogue.objects[f_.object].properties[n].name);
    case Opcode::field:
      return push(pop().text + "." +
                  p_.catalogue.objects[p_.fields[n].object].properties[p_.fields[n].property].name);
    case Opcode::self:
      return push(p_.catalogue.objects[f_.object].name);
    case Opcode::now:
      return push("now");
    case Opcode::created_at:
      return push("created_at");
    case Opcode::is_known:
      return suffix(" is known");
    case Opcode::not_:
      return negate();
    case Opcode::any_of:
      return any_of(n);
    case Opcode::negate:
      return push("-" + held(pop(), Phrase::whole));
    case Opcode::choose:
      return choose();
    default:
      return other(op, n);
  }
}

void Reader::other(Opcode op, std::uint32_t n) {
  switch (op) {
    case Opcode::age:
      return push("age of " + pop().text);
    case Opcode::count:
      return push("count(" + p_.counters[n].key + ")");
    case Opcode::last_event:
      return push("last " + p_.counters[n].key);
    case Opcode::occurred_since:
      return push("(" + p_.counters[n].key + " since " + pop().text + ")");
    case Opcode::in_list:
      return push("in list." + p_.catalogue.lists[n].name, Phrase::comparison);
    case Opcode::has_tag:
      return push("has tag " + value_words(p_, p_.constants[n]), Phrase::comparison);
    case Opcode::moment:
      return moment(n);
    case Opcode::related:
    case Opcode::associated:
      return related(op, n);
    case Opcode::date_of:
      return push("date of " + pop().text);
    default:
      // The rest in the words of the listing.
      return push(std::string(opcodes()[static_cast<std::size_t>(op)].name) + " " +
                  describe_operand(p_, f_, op, n));
  }
}

}  // namespace

std::string value_words(const Program& p, const value::Value& v) {
  if (v.kind() != value::Kind::enumeration) return describe(p, v);
  return p.catalogue.enums[v.aux()].values[v.as_ordinal()];
}

std::string expression_words(const Program& program, std::uint32_t function) {
  if (function == kNone) return "";
  return Reader(program, program.functions[function]).read();
}

std::string match_words(const Program& p, const EventMatch& m) {
  if (m.event == kNone) return "";
  const EventType& event = p.catalogue.events[m.event];
  std::string text = event.name, separator = " (";
  for (const auto& filter : m.filters) {
    text += separator + event.parameters[filter.parameter].name + " = " + value_words(p, filter.value);
    separator = ", ";
  }
  if (m.where != kNone) {
    text += separator + expression_words(p, m.where);
    separator = ", ";
  }
  return text + (separator == ", " ? ")" : "");
}

std::string trigger_words(const Program& p, const Workflow& w, const Trigger& t) {
  std::string text;
  switch (t.kind) {
    case TriggerKind::event:
      text = match_words(p, t.match);
      if (t.times > 0) text += ", time " + std::to_string(t.times);
      if (t.counter != kNone && p.counters[t.counter].window != 0)
        text += " within " + value::format_compact_duration(p.counters[t.counter].window);
      break;
    case TriggerKind::changes:
      text = p.catalogue.objects[w.object].properties[t.property].name + " changes";
      break;
    case TriggerKind::becomes:
    case TriggerKind::condition:
      text = expression_words(p, t.condition) + " turns true";
      break;
    case TriggerKind::created:
      text = p.catalogue.objects[w.object].name + " created";
      break;
    case TriggerKind::list_added:
      text = "added to list." + p.catalogue.lists[t.list].name;
      break;
    case TriggerKind::list_removed:
      text = "removed from list." + p.catalogue.lists[t.list].name;
      break;
    case TriggerKind::moment:
    case TriggerKind::schedule:
      text = "at " + expression_words(p, t.condition);
      break;
    case TriggerKind::related:
      text = "some " + p.catalogue.objects[t.edge.object].name + " becomes (" +
             expression_words(p, t.edge.became) + ")";
      if (t.edge.where != kNone) text += " where (" + expression_words(p, t.edge.where) + ")";
      break;
  }
  if (t.guard != kNone) text += ", if " + expression_words(p, t.guard);
  if (t.late_ok) text += ", if past within " + value::format_compact_duration(t.late_within) + " enroll now";
  if (t.own_reenroll) text += ", reenroll " + reenroll_words(p, t.reenroll);
  return text;
}

std::string reenroll_words(const Program& p, const Reenroll& r) {
  std::string text = r.mode == ReenrollMode::never ? "never" : "every time";
  if (r.mode == ReenrollMode::each_key)
    text = "each " + (r.key_is_event ? std::string("event") : expression_words(p, r.key));
  if (r.at_most_once_per != 0)
    text += ", at most once per " + value::format_compact_duration(r.at_most_once_per);
  if (r.restart) text += ", if enrolled restart";
  return text;
}

std::string template_words(const Template& source) {
  std::string text = source.text;
  for (const Partial& partial : source.partials)
    text += "\n{% # the partial " + partial.name + " %}\n" + partial.text;
  return text;
}

std::string type_words(const Catalogue& catalogue, const Type& type) {
  if (type.kind != value::Kind::enumeration) return type_text(catalogue, type);
  const EnumType& e = catalogue.enums[type.aux];
  std::string text = e.ordered ? "ordered enum(" : "enum(";
  for (std::size_t i = 0; i < e.values.size(); ++i) text += (i == 0 ? "" : ", ") + e.values[i];
  return text + ")" + (type.nullable ? "?" : "");
}

}  // namespace wf::bytecode
