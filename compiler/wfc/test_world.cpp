#include "compiler/wfc/test_world.hpp"

#include "compiler/wfc/timeline.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::wfc {

using bytecode::ResourceKind;
using engine::InputKind;

Result<void> TestWorld::start(const std::string& bundle, const VirtualRun::Ran& ran) {
  auto created = VirtualRun::prepare(bundle, test_.start, ran);
  if (!created) return created.error();
  run_ = std::move(*created);
  for (const sema::TestLine& line : test_.lines) {
    if (const auto* answers = std::get_if<sema::TestAnswers>(&line.node)) {
      run_->script_webhook(catalogue().webhooks[answers->webhook].name, answers->statuses, answers->bodies);
    }
  }
  if (auto given = give(true); !given) return given;
  if (auto on = run_->switch_on(bundle); !on) return on;
  return give(false);
}

/// The records that were there already when the workflows were switched on, or those that come with the
/// start.
Result<void> TestWorld::give(bool existing) {
  const auto each = [&](auto visit) {
    for (std::uint32_t r = 0; r < test_.records.size(); ++r) {
      if (test_.records[r].given && test_.records[r].existing == existing) visit(r);
    }
  };
  each([this](std::uint32_t r) { create(r); });
  each([this](std::uint32_t r) { associate(r); });
  for (const sema::TestLine& line : test_.lines) {
    const auto* given = std::get_if<sema::TestVariant>(&line.node);
    if (given == nullptr || test_.records[given->record].existing != existing) continue;
    const bytecode::Experiment& experiment = catalogue().experiments[given->experiment];
    engine::InputEvent event = input(InputKind::variant, given->record);
    event.type = experiment.name + "." + experiment.arms[given->arm].name;
    run_->accept(event);
  }
  return run_->settle();
}

/// Its association may be to a record that is not there yet: then it follows.
bool TestWorld::comes_later(std::uint32_t record, const value::Value& v) const {
  if (v.kind() != value::Kind::ref) return false;
  const auto other = static_cast<std::uint32_t>(v.as_key());
  const sema::TestRecord &self = test_.records[record], &target = test_.records[other];
  if (!self.given || !target.given) return self.given;
  return self.existing == target.existing ? other > record : self.existing;
}

void TestWorld::create(std::uint32_t record) {
  const sema::TestData& data = test_.records[record].data;
  engine::InputEvent event = input(InputKind::upsert, record);
  for (const auto& property : data.properties) {
    if (!comes_later(record, property.second)) add_properties(event, record, {property});
  }
  event.marketing = data.marketing;
  run_->accept(event);
}

void TestWorld::associate(std::uint32_t record) {
  for (const auto& [property, v] : test_.records[record].data.properties) {
    if (comes_later(record, v)) happen(sema::TestSet{record, property, v});
  }
  associate_others(record);
}

void TestWorld::associate_others(std::uint32_t record) {
  for (const auto& [other, property] : test_.records[record].data.linked_from) {
    happen(sema::TestSet{other, property, value::Value::ref(test_.records[record].object, record)});
  }
}

// ---- what happens
// ------------------------------------------------------------------------------------------------

std::string TestWorld::external_id(std::uint32_t record) const {
  return "test:" + test_.records[record].name;
}

engine::InputEvent TestWorld::input(InputKind kind, std::uint32_t record) const {
  engine::InputEvent event;
  event.kind = kind;
  event.object = object_name(record);
  event.subject = external_id(record);
  return event;
}

void TestWorld::add_properties(engine::InputEvent& event, std::uint32_t record,
                               const std::vector<std::pair<std::uint32_t, value::Value>>& properties) const {
  const auto& declared = catalogue().objects[test_.records[record].object].properties;
  for (const auto& [property, v] : properties) {
    event.properties.emplace_back(declared[property].name, outside(v));
  }
}

/// A typed value as the outside would send it; instants and dates stay typed.
value::Value TestWorld::outside(const value::Value& v) const {
  if (v.kind() == value::Kind::enumeration) {
    return value::Value::text(catalogue().enums[v.aux()].values[v.as_ordinal()]);
  }
  if (v.kind() == value::Kind::resource) {
    return value::Value::text(catalogue().resource_name(static_cast<ResourceKind>(v.aux()), v.as_resource()));
  }
  if (v.kind() == value::Kind::ref) {
    return value::Value::text(external_id(static_cast<std::uint32_t>(v.as_key())));
  }
  return v;
}

void TestWorld::occur(const sema::TestLine& line) {
  std::visit(
      [this](const auto& node) {
        if constexpr (requires { this->happen(node); }) happen(node);
      },
      line.node);
}

void TestWorld::happen(const sema::TestOccurs& occurs) {
  const bytecode::EventType& type = catalogue().events[occurs.event];
  engine::InputEvent event = input(InputKind::event, occurs.record);
  event.type = type.name;
  for (const auto& [parameter, v] : occurs.parameters) {
    event.data.emplace_back(type.parameters[parameter].name, outside(v));
  }
  add_properties(event, occurs.record, occurs.properties);
  run_->accept(event);
}

void TestWorld::happen(const sema::TestSet& set) {
  engine::InputEvent event = input(InputKind::set, set.record);
  add_properties(event, set.record, {{set.property, set.value}});
  run_->accept(event);
}

void TestWorld::happen(const sema::TestCreate& made) {
  const sema::TestData& data = test_.records[made.record].data;
  engine::InputEvent event = input(InputKind::upsert, made.record);
  add_properties(event, made.record, data.properties);
  event.marketing = data.marketing;
  run_->accept(event);
  associate_others(made.record);
}

void TestWorld::happen(const sema::TestDelete& gone) {
  (void)key(gone.record);
  run_->accept(input(InputKind::remove, gone.record));
}

void TestWorld::happen(const sema::TestMember& member) {
  engine::InputEvent event = input(InputKind::membership, member.record);
  event.type = "list." + catalogue().lists[member.list].name;
  event.flag = member.add;
  run_->accept(event);
}

void TestWorld::happen(const sema::TestTopic& topic) {
  engine::InputEvent event = input(InputKind::topic, topic.record);
  event.type = topic.topic == bytecode::kNone ? "" : catalogue().topics[topic.topic].name;
  event.flag = topic.subscribe;
  run_->accept(event);
}

void TestWorld::happen(const sema::TestEnroll& change) {
  engine::InputEvent event = input(change.enroll ? InputKind::enroll : InputKind::unenroll, change.record);
  event.type = program_.workflows[change.workflow].name;
  run_->accept(event);
}

// ---- names
// -------------------------------------------------------------------------------------------------------

engine::Key TestWorld::key(std::uint32_t record) {
  const auto found = run_->engine().find(object_name(record), external_id(record));
  if (found && *found) keys_[record] = **found;
  return keys_[record];
}

std::string TestWorld::name(engine::Key record) {
  for (std::uint32_t r = 0; r < test_.records.size(); ++r) {
    if (key(r) != 0) names_[key(r)] = test_.records[r].name;
  }
  std::string& name = names_[record];
  if (!name.empty()) return name;
  const auto info = run_->engine().describe(record);
  const std::string object = info && *info ? (*info)->object : "record";
  name = object + " " + std::to_string(++unnamed_[object]);
  return name;
}

std::string TestWorld::offset(std::int64_t at) const {
  return "+" + value::format_compact_duration(at - test_.start);
}

std::string TestWorld::instant(std::int64_t at) const {
  return instant_text(at, test_.zone);
}

}  // namespace wf::wfc
