#include "compiler/wfc/test_world.hpp"

#include "compiler/wfc/timeline.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::wfc {

using bytecode::ResourceKind;
using engine::InputKind;

Result<void> TestWorld::start(const std::string& bundle, const VirtualRun::Ran& ran) {
  auto created = VirtualRun::create(bundle, test_.start, ran);
  if (!created) return created.error();
  run_ = std::move(*created);
  for (const sema::TestLine& line : test_.lines) {
    if (const auto* answers = std::get_if<sema::TestAnswers>(&line.node)) {
      run_->script_webhook(catalogue().webhooks[answers->webhook].name, answers->statuses, answers->bodies);
    }
  }
  for (std::uint32_t r = 0; r < test_.records.size(); ++r) {
    engine::InputEvent event = input(InputKind::upsert, r);
    add_properties(event, r, test_.records[r].data.properties);
    event.marketing = test_.records[r].data.marketing;
    run_->accept(event);
  }
  for (const sema::TestLine& line : test_.lines) {
    if (const auto* given = std::get_if<sema::TestVariant>(&line.node)) {
      const bytecode::Experiment& experiment = catalogue().experiments[given->experiment];
      engine::InputEvent event = input(InputKind::variant, given->record);
      event.type = experiment.name + "." + experiment.arms[given->arm].name;
      run_->accept(event);
    }
  }
  return run_->settle();
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
  engine::InputEvent event = input(InputKind::upsert, set.record);
  add_properties(event, set.record, {{set.property, set.value}});
  run_->accept(event);
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
  return found && *found ? **found : 0;
}

std::string TestWorld::name(engine::Key record) {
  if (names_.empty()) {
    for (std::uint32_t r = 0; r < test_.records.size(); ++r) names_[key(r)] = test_.records[r].name;
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
