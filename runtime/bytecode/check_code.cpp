// The verifier's third part: instructions. Jumps only go forward, so that code always ends and one walk in
// address order sees every way to an instruction before the instruction itself.
#include <algorithm>
#include <optional>

#include "runtime/bytecode/checker.hpp"

namespace wf::bytecode::verifier {
namespace {

using value::Kind;

/// What is known of a value on the stack; nothing: it may be anything.
using Known = std::optional<Kind>;
using Stack = std::vector<Known>;

bool fits_letter(char letter, const Known& known) {
  if (letter == 'a' || !known || *known == Kind::unknown) return true;
  switch (letter) {
    case 'b':
      return *known == Kind::boolean;
    case 'n':
      return *known == Kind::integer || *known == Kind::decimal;
    case 't':
      return *known == Kind::text;
    case 'i':
      return *known == Kind::instant;
    case 'd':
      return *known == Kind::duration;
    case 'r':
      return *known == Kind::ref;
    default:
      return false;
  }
}

Known known_of(char letter) {
  switch (letter) {
    case 'b':
      return Kind::boolean;
    case 'n':
      return Kind::decimal;
    case 't':
      return Kind::text;
    case 'i':
      return Kind::instant;
    case 'd':
      return Kind::duration;
    case 'r':
      return Kind::ref;
    default:
      return std::nullopt;
  }
}

/// Opcodes from `step` on act on the record or the world, or end a body: only bodies have them.
bool acts(Opcode op) {
  return op >= Opcode::step;
}

bool is_wait(Opcode op) {
  return op == Opcode::wait_for || op == Opcode::wait_until || op == Opcode::wait_event ||
         op == Opcode::wait_reply;
}

bool leaves(Opcode op) {
  return op == Opcode::return_ || op == Opcode::stop || op == Opcode::end;
}

class CodeChecker {
 public:
  explicit CodeChecker(Checker& c) : c_(c), p_(c.program()), wait_users_(p_.waits.size(), kNone) {}

  std::uint32_t check(std::uint32_t function);
  /// Only after all functions: waits that no instruction uses, bodies of failed calls that wait.
  void check_uses();

 private:
  bool operand(Opcode op, std::uint32_t n);
  bool operand_of_table(Opcode op, OperandKind kind, std::uint32_t n);
  bool property(Opcode op, std::uint32_t object, std::uint32_t p);
  bool wait(Opcode op, std::uint32_t n);
  bool call(std::uint32_t n);
  bool relation(std::uint32_t n);
  bool collect(std::uint32_t n);
  bool created_values(std::uint32_t n, const Stack& stack);
  bool room_for_answer(const Call& call);
  std::string pops(Opcode op, std::uint32_t n) const;
  Known result(Opcode op, std::uint32_t n) const;
  bool apply(Opcode op, std::uint32_t n, Stack& stack);
  bool written_value(Opcode op, std::uint32_t n, const Known& value);
  void flow(Opcode op, std::uint32_t n, Stack stack);
  void reach(std::uint32_t target, Stack stack);
  void check_recompute();

  Checker& c_;
  const Program& p_;
  std::uint32_t index_ = 0;  // of the function
  const Function* f_ = nullptr;
  std::uint32_t at_ = 0;                      // of the word
  std::vector<std::optional<Stack>> before_;  // of each word that is reached and not yet walked
  std::vector<bool> empty_before_;            // of each word that was walked
  std::vector<std::uint32_t> wait_users_;     // word of each wait
  std::vector<std::uint32_t> waiting_functions_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> recompute_;  // wait and word, of this function
  std::vector<std::uint32_t> on_failure_;
};

// ---- operands
// ---------------------------------------------------------------------------------------------------

bool CodeChecker::property(Opcode op, std::uint32_t object, std::uint32_t n) {
  if (!c_.property(object, n)) return false;
  const Property& declared = c_.catalogue().objects[object].properties[n];
  const bool writes = op == Opcode::set_property || op == Opcode::add_property || op == Opcode::set_field ||
                      op == Opcode::add_field;
  const bool adds = op == Opcode::add_property || op == Opcode::add_field;
  return c_.require(!writes || !declared.immutable, "writes a property that never changes") &&
         c_.require(!adds || fits(Kind::decimal, declared.type.kind),
                    "adds to something that is not a number");
}

bool CodeChecker::wait(Opcode op, std::uint32_t n) {
  if (!c_.index(n, p_.waits.size(), "wait")) return false;
  const Wait& w = p_.waits[n];
  const WaitKind kind = op == Opcode::wait_for     ? WaitKind::duration
                        : op == Opcode::wait_until ? WaitKind::until
                        : op == Opcode::wait_reply ? WaitKind::reply
                                                   : WaitKind::event;
  if (!c_.require(w.kind == kind, "a wait of another kind")) return false;
  if (!c_.require(wait_users_[n] == kNone, "a wait that another instruction has")) return false;
  wait_users_[n] = at_;
  if (waiting_functions_.empty() || waiting_functions_.back() != index_) waiting_functions_.push_back(index_);
  c_.properties(f_->object, w.anchors);
  if (w.recompute != kNone) recompute_.emplace_back(n, w.recompute);
  if (kind == WaitKind::event) c_.match(w.match, f_->object);
  c_.optional_index(w.sent, f_->locals, "local");
  return c_.ok() && (kind != WaitKind::reply || room_for_answer(p_.calls[w.call]));
}

bool CodeChecker::room_for_answer(const Call& call) {
  const std::size_t results = p_.catalogue.webhooks[call.webhook].returns.size() + 1;
  return c_.require(call.reply <= f_->locals && results <= f_->locals - call.reply,
                    "an answer without room among the locals");
}

bool CodeChecker::call(std::uint32_t n) {
  if (!c_.index(n, p_.calls.size(), "call")) return false;
  const Call& entry = p_.calls[n];
  if (entry.reply != kNone && !room_for_answer(entry)) return false;
  const std::uint32_t handler = entry.on_failure;
  if (handler == kNone) return true;
  on_failure_.push_back(handler);
  // Handlers stand behind the code that needs them: no chain of them can come back to itself.
  return c_.require(handler > index_, "a failure handler that does not stand behind its call") &&
         c_.function(handler, FunctionKind::body, f_->object, kNone);
}

bool CodeChecker::relation(std::uint32_t n) {
  if (!c_.index(n, p_.relations.size(), "relation")) return false;
  const std::uint32_t where = p_.relations[n].where;
  if (where == kNone) return true;
  // Conditions stand before those that need them: no chain of them can come back to itself.
  return c_.require(f_->kind == FunctionKind::body || where < index_,
                    "a condition that does not stand before the one that needs it") &&
         c_.require(p_.functions[where].locals <= f_->locals, "a condition with locals that are not there");
}

bool CodeChecker::collect(std::uint32_t n) {
  if (!c_.index(n, p_.collects.size(), "collect")) return false;
  const Collect& entry = p_.collects[n];
  return relation(entry.relation) && c_.require(entry.first + entry.count <= f_->locals, "no such local");
}

bool CodeChecker::created_values(std::uint32_t n, const Stack& stack) {
  const Create& create = p_.creates[n];
  const std::size_t base = stack.size() - create.properties.size();
  for (std::size_t i = 0; i < create.properties.size(); ++i) {
    const Known& value = stack[base + i];
    const Type& type = c_.catalogue().objects[create.object].properties[create.properties[i]].type;
    if (value && !c_.require(fits(type.kind, *value), "writes a value of another type")) return false;
  }
  return true;
}

bool CodeChecker::operand_of_table(Opcode op, OperandKind kind, std::uint32_t n) {
  const Catalogue& cat = c_.catalogue();
  switch (kind) {
    case OperandKind::constant: {
      if (!c_.index(n, p_.constants.size(), "constant")) return false;
      return op == Opcode::push || c_.require(p_.constants[n].kind() == Kind::text, "a tag that is not text");
    }
    case OperandKind::field:
      return c_.index(n, p_.fields.size(), "field") &&
             property(op, p_.fields[n].object, p_.fields[n].property);
    case OperandKind::counter:
      return c_.index(n, p_.counters.size(), "counter") &&
             c_.require(p_.counters[n].object == f_->object, "a counter of another object");
    case OperandKind::list:
      return c_.index(n, cat.lists.size(), "list");
    case OperandKind::topic:
      return c_.index(n, cat.topics.size(), "topic");
    case OperandKind::moment:
      return c_.index(n, p_.moments.size(), "moment");
    case OperandKind::window:
      return c_.index(n, p_.windows.size(), "window");
    case OperandKind::send: {
      if (!c_.index(n, p_.sends.size(), "send")) return false;
      return c_.optional_index(p_.sends[n].label, f_->locals, "local");
    }
    case OperandKind::task:
      return c_.index(n, p_.tasks.size(), "task") &&
             c_.optional_index(p_.tasks[n].label, f_->locals, "local");
    case OperandKind::relation:
      return relation(n);
    case OperandKind::collect:
      return collect(n);
    case OperandKind::create:
      return c_.index(n, p_.creates.size(), "create") &&
             c_.optional_index(p_.creates[n].label, f_->locals, "local");
    case OperandKind::rotation:
      return c_.index(n, p_.rotations.size(), "rotation");
    case OperandKind::notify:
      return c_.index(n, p_.notifies.size(), "notify");
    case OperandKind::call:
      return call(n);
    case OperandKind::workflow:
      return c_.index(n, p_.workflows.size(), "workflow");
    case OperandKind::step:
      return c_.index(n, p_.steps.size(), "step");
    case OperandKind::experiment:
      return c_.index(n, cat.experiments.size(), "experiment");
    case OperandKind::audience:
      return c_.index(n, cat.audiences.size(), "audience");
    default:
      return c_.require(false, "an operand of no kind");
  }
}

bool CodeChecker::operand(Opcode op, std::uint32_t n) {
  const OperandKind kind = opcodes()[static_cast<std::size_t>(op)].operand;
  switch (kind) {
    case OperandKind::none:
      return c_.require(n == 0, "an operand that nothing reads");
    case OperandKind::property:
      return property(op, f_->object, n);
    case OperandKind::parameter:
      return c_.require(f_->event != kNone, "reads an event where there is none") &&
             c_.index(n, c_.catalogue().events[f_->event].parameters.size(), "field of the event");
    case OperandKind::local:
      return c_.index(n, f_->locals, "local");
    case OperandKind::jump:
      return c_.require(n > at_, "a jump that does not go forward") &&
             c_.require(n < f_->end, "a jump out of the function");
    case OperandKind::count:
      return c_.require(n >= 1 && n <= kMaxStack, "a number of values out of range");
    case OperandKind::wait:
      return wait(op, n);
    case OperandKind::reason:
      return c_.require(n <= static_cast<std::uint32_t>(kLastEndReason), "no such reason");
    case OperandKind::marketing:
      return c_.require(n <= 1, "no such marketing status");
    case OperandKind::outcome:
      return true;
    default:
      return operand_of_table(op, kind, n);
  }
}

// ---- the stack
// --------------------------------------------------------------------------------------------------

std::string zones_of(const Window& window) {
  const auto dynamic = [](const Opening& opening) { return opening.dynamic_zone; };
  return std::string(static_cast<std::size_t>(std::count_if(window.all.begin(), window.all.end(), dynamic)),
                     't');
}

/// The letters of what is popped, deepest first.
std::string CodeChecker::pops(Opcode op, std::uint32_t n) const {
  const std::string letters = opcodes()[static_cast<std::size_t>(op)].pops;
  if (letters != "*") return letters;
  switch (op) {
    case Opcode::any_of:
      return std::string(n + 1, 'a');
    case Opcode::earliest:
      return std::string(n, 'i');
    case Opcode::moment:
      return std::string(p_.moments[n].has_anchor ? "a" : "") + (p_.moments[n].dynamic_zone ? "t" : "");
    case Opcode::window:
      return zones_of(p_.windows[n]);
    case Opcode::send:
      return "r" + std::string(p_.sends[n].arguments, 'a');
    case Opcode::task:
      return std::string("ta") + (p_.tasks[n].has_due ? "i" : "") + (p_.tasks[n].has_about ? "r" : "");
    case Opcode::create:
      return std::string(p_.creates[n].properties.size(), 'a');
    case Opcode::notify:
      return "a" + std::string(p_.notifies[n].arguments, 'a');
    case Opcode::call:
      return std::string(p_.calls[n].fields.size(), 'a');
    default:
      WF_ASSERT(false);
  }
  return {};
}

Known CodeChecker::result(Opcode op, std::uint32_t n) const {
  const auto declared = [&](std::uint32_t object, std::uint32_t property) -> Known {
    return c_.catalogue().objects[object].properties[property].type.kind;
  };
  switch (op) {
    case Opcode::push:
      return p_.constants[n].kind();
    case Opcode::property:
      return declared(f_->object, n);
    case Opcode::field:
      return declared(p_.fields[n].object, p_.fields[n].property);
    case Opcode::parameter:
      return c_.catalogue().events[f_->event].parameters[n].type.kind;
    default:
      return known_of(opcodes()[static_cast<std::size_t>(op)].pushes[0]);
  }
}

bool CodeChecker::written_value(Opcode op, std::uint32_t n, const Known& value) {
  if (!value || (op != Opcode::set_property && op != Opcode::set_field)) return true;
  const FieldRef target = op == Opcode::set_property ? FieldRef{f_->object, n} : p_.fields[n];
  const Type& type = c_.catalogue().objects[target.object].properties[target.property].type;
  return c_.require(fits(type.kind, *value), "writes a value of another type");
}

bool CodeChecker::apply(Opcode op, std::uint32_t n, Stack& stack) {
  const std::string letters = pops(op, n);
  if (!c_.require(stack.size() >= letters.size(), "pops more than there is")) return false;
  const std::size_t base = stack.size() - letters.size();
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (!c_.require(fits_letter(letters[i], stack[base + i]), "pops a value of another type")) return false;
  }
  if (!letters.empty() && !written_value(op, n, stack.back())) return false;
  if (op == Opcode::create && !created_values(n, stack)) return false;
  stack.resize(base);
  // A run that waits or ends takes nothing with it but its locals.
  if (is_wait(op) || leaves(op)) {
    if (!c_.require(stack.empty(), "leaves values on the stack")) return false;
  }
  if (opcodes()[static_cast<std::size_t>(op)].pushes[0] != '\0') stack.push_back(result(op, n));
  return c_.require(stack.size() <= kMaxStack, "needs too much stack");
}

// ---- flow
// -------------------------------------------------------------------------------------------------------

void CodeChecker::reach(std::uint32_t target, Stack stack) {
  if (!c_.require(target < f_->end, "runs past the end of the function")) return;
  auto& known = before_[target - f_->begin];
  if (!known) {
    known = std::move(stack);
    return;
  }
  if (!c_.require(known->size() == stack.size(), "reaches a word with two depths of the stack")) return;
  for (std::size_t i = 0; i < stack.size(); ++i) {
    if ((*known)[i] != stack[i]) (*known)[i] = std::nullopt;
  }
}

void CodeChecker::flow(Opcode op, std::uint32_t n, Stack stack) {
  if (op == Opcode::jump || op == Opcode::jump_if || op == Opcode::jump_unless) reach(n, stack);
  if (op != Opcode::jump && !leaves(op)) reach(at_ + 1, std::move(stack));
}

void CodeChecker::check_recompute() {
  for (const auto& [wait, word] : recompute_) {
    c_.at("wait", wait);
    if (!c_.require(word >= f_->begin && word < wait_users_[wait], "is computed again after itself")) return;
    c_.require(empty_before_[word - f_->begin], "is computed again with values on the stack");
  }
}

std::uint32_t CodeChecker::check(std::uint32_t function) {
  index_ = function;
  f_ = &p_.functions[function];
  before_.assign(f_->end - f_->begin, std::nullopt);
  before_[0].emplace();
  empty_before_.assign(before_.size(), false);
  recompute_.clear();
  std::size_t deepest = 0;
  for (at_ = f_->begin; at_ < f_->end && c_.ok(); ++at_) {
    c_.at_word(function, at_);
    auto& before = before_[at_ - f_->begin];
    if (!c_.require(before.has_value(), "is never reached")) break;
    const auto number = p_.code[at_] & 0xffu;
    if (!c_.require(number < opcodes().size(), "no such opcode")) break;
    const Opcode op = opcode_of(p_.code[at_]);
    const std::uint32_t n = operand_of(p_.code[at_]);
    const bool body = f_->kind == FunctionKind::body;
    if (!c_.require(body ? op != Opcode::return_ : !acts(op), "an instruction of the other kind of function"))
      break;
    if (!operand(op, n)) break;
    Stack stack = std::move(*before);
    before.reset();
    empty_before_[at_ - f_->begin] = stack.empty();
    deepest = std::max(deepest, stack.size());
    if (!apply(op, n, stack)) break;
    deepest = std::max(deepest, stack.size());
    flow(op, n, std::move(stack));
  }
  check_recompute();
  return static_cast<std::uint32_t>(deepest);
}

void CodeChecker::check_uses() {
  for (std::size_t i = 0; i < p_.waits.size(); ++i) {
    c_.at("wait", i);
    c_.require(wait_users_[i] != kNone, "no instruction has it");
  }
  for (const std::uint32_t handler : on_failure_) {
    c_.at("function", handler);
    const bool waits = std::binary_search(waiting_functions_.begin(), waiting_functions_.end(), handler);
    c_.require(!waits, "a failure handler that waits");
  }
}

}  // namespace

std::vector<std::uint32_t> check_code(Checker& c) {
  CodeChecker checker(c);
  std::vector<std::uint32_t> stacks;
  const auto count = static_cast<std::uint32_t>(c.program().functions.size());
  for (std::uint32_t i = 0; i < count && c.ok(); ++i) stacks.push_back(checker.check(i));
  if (c.ok()) checker.check_uses();
  return stacks;
}

}  // namespace wf::bytecode::verifier
