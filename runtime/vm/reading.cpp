#include "runtime/vm/machine.hpp"
#include "runtime/vm/moment.hpp"

namespace wf::vm {

namespace {

/// Conditions over associated records nest no deeper.
constexpr int kMaxNesting = 32;

}  // namespace

Value Machine::field(std::uint64_t key, std::uint32_t object, std::uint32_t p) const {
  if (key == 0 || writes_.is_deleted(key)) return {};
  if (const Value* written = writes_.find(key, object, p)) return *written;
  if (key == view_.key() && object == function_.object) return view_.property(p);
  return view_.field(key, object, p);
}

bool Machine::is_member(std::uint32_t list) const {
  return writes_.member(view_.key(), list).value_or(view_.in_list(list));
}

bool Machine::is_tagged(std::string_view tag) const {
  return writes_.tagged(view_.key(), tag).value_or(view_.has_tag(tag));
}

std::vector<std::uint64_t> Machine::associated(const bytecode::Relation& relation, std::uint64_t of) const {
  if (of == 0) return {};
  if (relation.property == kNone) return {of};
  return writes_.linked(view_.linked(of, relation.object, relation.property), of, relation.object,
                        relation.property);
}

bool Machine::fits(const bytecode::Relation& relation, std::uint64_t key) {
  if (nested_.spent) return false;
  // Without a condition a record that others point at is there; one pointed at may be gone.
  if (relation.where == kNone && relation.property != kNone) return true;
  const auto other = Written::written_view(view_, key, relation.object, writes_, now_);
  if (!other || relation.where == kNone) return other != nullptr;
  if (nested_.depth == kMaxNesting) return false;
  ++nested_.depth;
  const Value v = Machine(program_, relation.where, *other, nullptr, now_, nested_).evaluate(locals_);
  --nested_.depth;
  if (nested_.budget == 0) nested_.spent = kNoInstructions;
  return v.kind() == Kind::boolean && v.as_boolean();
}

std::vector<std::uint64_t> Machine::fitting(const bytecode::Relation& relation, const Value& of,
                                            std::size_t limit) {
  std::vector<std::uint64_t> keys;
  for (const std::uint64_t key : associated(relation, key_of(of))) {
    if (keys.size() == limit) break;
    if (fits(relation, key)) keys.push_back(key);
  }
  return keys;
}

Value Machine::related(const bytecode::Relation& relation, const Value& of) {
  const std::size_t limit = relation.limit == 0 ? SIZE_MAX : relation.limit;
  return Value::integer(static_cast<std::int64_t>(fitting(relation, of, limit).size()));
}

/// The primary one if it is among them, else the oldest.
Value Machine::one_of(const bytecode::Relation& relation, const Value& of) const {
  const std::uint64_t owner = key_of(of);
  const std::vector<std::uint64_t> keys = associated(relation, owner);
  if (keys.empty()) return {};
  if (relation.primary != kNone) {
    const std::uint32_t object = declared(relation.object, relation.property).type.aux;
    const std::uint64_t primary = key_of(field(owner, object, relation.primary));
    if (std::find(keys.begin(), keys.end(), primary) != keys.end())
      return Value::ref(relation.object, primary);
  }
  return Value::ref(relation.object, keys.front());
}

void Machine::concat() {
  binary(join_texts);
  const std::size_t size = stack_.back().as_text().size();
  if (size > nested_.text) nested_.spent = kNoText;
  nested_.text -= std::min(size, nested_.text);
}

Value Machine::count(std::uint32_t index) const {
  std::int64_t times = view_.count(index, now_);
  const bytecode::Counter& counter = program_.counters[index];
  if (counter.kind == bytecode::CounterKind::became) {
    times += writes_.became(view_.key(), function_.object, counter.property, view_.property(counter.property),
                            counter.became);
  }
  return Value::integer(times);
}

Value Machine::any_of(std::uint32_t n) {
  const std::vector<Value> values = pop_many(n);
  const Value sought = pop();
  Value result = Value::boolean(false);
  for (const Value& v : values) result = kleene_or(result, equal(sought, v));
  return result;
}

Value Machine::age(const Value& v) const {
  if (v.kind() == Kind::instant) return Value::duration(value::sub_saturating(now_, v.as_instant()));
  if (v.kind() != Kind::date) return {};
  const std::int64_t midnight = value::to_instant(v.as_date(), 0, program_.catalogue.zone);
  return Value::duration(value::sub_saturating(now_, midnight));
}

Value Machine::earliest(std::uint32_t n) {
  Value first;
  for (const Value& v : pop_many(n)) {
    if (v.kind() != Kind::instant || v.as_instant() <= now_) continue;
    if (first.is_unknown() || v.as_instant() < first.as_instant()) first = v;
  }
  return first;
}

Value Machine::date_of(const Value& v) const {
  if (v.kind() != Kind::instant) return {};
  const value::Civil local = value::to_local(v.as_instant(), program_.catalogue.zone);
  const auto days = value::to_days(local.year, local.month, local.day);
  return days ? Value::date(*days) : Value();
}

Value Machine::resolve_moment(const bytecode::Moment& moment) {
  const Value zone = moment.dynamic_zone ? pop() : Value();
  const Value anchor = moment.has_anchor ? pop() : Value();
  const auto instant = resolve(moment, program_.catalogue, anchor, zone, now_);
  return instant ? Value::instant(*instant) : Value();
}

}  // namespace wf::vm
