// The executor's merging of records (rule S30): two records of one person or company become one.
#include <algorithm>
#include <deque>

#include "runtime/crm/convert.hpp"
#include "runtime/engine/changes.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/holders.hpp"

namespace wf::engine {

using bytecode::EndReason;

namespace {

template <class Items, class Id>
bool has(const Items& items, Id id, Id std::decay_t<decltype(std::declval<Items>()[0])>::*member) {
  return std::any_of(items.begin(), items.end(), [&](const auto& item) { return item.*member == id; });
}

/// How a person would name it: its unique properties.
std::string name_of(const Binding& binding, const Record& record) {
  const std::uint32_t object = binding.object_index(record.object);
  std::string name;
  for (const bytecode::Property& property : binding.catalogue().objects[object].properties) {
    const auto index =
        static_cast<std::uint32_t>(&property - binding.catalogue().objects[object].properties.data());
    const Value& v = record.property(binding.slot(object, index));
    if (!property.unique || v.kind() != value::Kind::text) continue;
    name += (name.empty() ? "" : ", ") + std::string(v.as_text());
  }
  return name.empty() ? std::to_string(record.key) : name;
}

void merge_memories(std::vector<Memory>& into, const std::vector<Memory>& from) {
  for (const Memory& other : from) {
    const auto own =
        std::find_if(into.begin(), into.end(), [&](const Memory& m) { return m.workflow == other.workflow; });
    if (own == into.end()) {
      into.push_back(other);
      continue;
    }
    own->times += other.times;
    own->last_at = std::max(own->last_at, other.last_at);
    for (const auto& [counter, count] : other.bases) {
      const auto base = std::find_if(own->bases.begin(), own->bases.end(),
                                     [&](const auto& entry) { return entry.first == counter; });
      if (base == own->bases.end()) {
        own->bases.emplace_back(counter, count);
      } else {
        base->second += count;
      }
    }
    for (const auto& [theirs, ours] : {std::pair{&other.keys, &own->keys}, {&other.kept, &own->kept}}) {
      for (const std::uint64_t key : *theirs) {
        if (std::find(ours->begin(), ours->end(), key) == ours->end()) ours->push_back(key);
      }
    }
  }
}

/// What is remembered and no condition reads as a change.
void merge_past(Record& kept, const Record& gone) {
  kept.created_at = std::min(kept.created_at, gone.created_at);
  merge_memories(kept.memories, gone.memories);
  for (const Assignment& assignment : gone.assignments) {
    if (!kept.assignment(assignment.experiment)) kept.assignments.push_back(assignment);
  }
  kept.sends.insert(kept.sends.end(), gone.sends.begin(), gone.sends.end());
  std::stable_sort(kept.sends.begin(), kept.sends.end(),
                   [](const SentMail& a, const SentMail& b) { return a.at < b.at; });
}

/// A refusal of either holds for both; what only one was asked is taken over.
void merge_consent(Record& kept, const Record& gone, Changes& changes) {
  for (const TopicState& topic : gone.topics) {
    if (!topic.subscribed || !has(kept.topics, topic.topic, &TopicState::topic)) {
      changes.set_topic(topic.topic, topic.subscribed);
    }
  }
  if (gone.marketing == Marketing::yes) changes.set_marketing(true);
  if (kept.suppressed == 0) kept.suppressed = gone.suppressed;
}

/// Values that only `gone` knows, a default counting for nothing, and the points of its campaigns.
void merge_properties(const Binding& binding, Record& kept, const Record& gone, Changes& changes) {
  const std::uint32_t object = binding.object_index(kept.object);
  const auto& properties = binding.catalogue().objects[object].properties;
  for (std::uint32_t p = 0; p < properties.size(); ++p) {
    const Value& theirs = gone.property(binding.slot(object, p));
    if (theirs.is_unknown()) continue;
    const bool points =
        std::any_of(binding.catalogue().campaigns.begin(), binding.catalogue().campaigns.end(),
                    [&](const bytecode::Campaign& campaign) {
                      return campaign.object == object && campaign.points == p;
                    });
    if (points) {
      changes.add_to_property(binding, p, theirs);
    } else if (const Value& own = kept.property(binding.slot(object, p));
               own.is_unknown() || own == binding.to_stable(properties[p].initial)) {
      changes.set_property(binding, p, binding.to_program(theirs, properties[p].type));
    }
  }
}

}  // namespace

/// The enrolments of workflows in which the kept record has none go on there; the others end.
std::uint32_t Executor::move_enrolments(Record& kept, Record& gone) {
  const std::uint32_t shift = kept.next_enrolment;
  const auto group_of = [&](const Enrolment& e) {
    const Bound b = bound(e);
    return b.workflow == nullptr ? std::string() : b.workflow->exclusive_group;
  };
  const auto taken = [&](const Enrolment& e) {
    const std::string group = group_of(e);
    return std::any_of(kept.enrolments.begin(), kept.enrolments.end(), [&](const Enrolment& own) {
      return own.workflow == e.workflow || (!group.empty() && group_of(own) == group);
    });
  };
  const std::vector<Enrolment> all = gone.enrolments;
  for (const Enrolment& e : all) {
    if (bound(e).workflow == nullptr || taken(e)) {
      end(gone, e.id, EndReason::merged);
      continue;
    }
    clear_timer(gone, e);
    std::erase_if(gone.enrolments, [&](const Enrolment& other) { return other.id == e.id; });
    Enrolment& moved = kept.enrolments.emplace_back(e);
    moved.id += shift;
    for (Value& local : moved.locals) {
      if (local.kind() == value::Kind::ref && local.as_key() == gone.key)
        local = Value::ref(local.aux(), kept.key);
    }
    if (e.status == EnrolmentStatus::held) continue;
    set_timer(kept, moved, e.due, e.status == EnrolmentStatus::deferred ? kTimerWindow : kTimerWait);
  }
  kept.next_enrolment = shift + gone.next_enrolment;
  return shift;
}

void Executor::merge_records(Key kept_key, Key gone_key) {
  Record* kept = context_.cache.get(kept_key);
  Record* gone = context_.cache.get(gone_key);
  if (kept == nullptr || gone == nullptr || kept == gone || kept->object != gone->object) return;
  const Binding& binding = *context_.active;
  context_.cache.touch(kept->key);
  context_.cache.touch(gone->key);
  const std::string kept_name = name_of(binding, *kept), gone_name = name_of(binding, *gone);

  Record before = *gone;
  for (Memory& memory : gone->memories) memory.kept.clear();  // what ends here starts nothing here
  const std::uint32_t shift = move_enrolments(*kept, *gone);
  merge_past(*kept, before);

  std::deque<Change> all_changes;  // reactions point at them
  Change& leaving = all_changes.emplace_back();
  Changes(context_, *gone, leaving).forget_all();
  leaving.deleted = true;
  Change& arriving = all_changes.emplace_back();
  Changes changes(context_, *kept, arriving);
  merge_properties(binding, *kept, before, changes);
  for (const Membership& list : before.lists) changes.set_list(list.set, true);
  for (const Membership& tag : before.tags) changes.set_tag(tag.set, true);
  changes.take_counters(before.counters);
  merge_consent(*kept, before, changes);
  // Who is addressed by a value that was not taken over is the kept record now.
  for (const bytecode::Property& property :
       binding.catalogue().objects[binding.object_index(kept->object)].properties) {
    if (!property.unique) continue;
    const std::uint32_t object = binding.object_index(kept->object);
    const auto p =
        static_cast<std::uint32_t>(&property - binding.catalogue().objects[object].properties.data());
    const Value& v = before.property(binding.slot(object, p));
    if (!v.is_unknown()) context_.batch.identities[{kept->object, crm::identity_of(property, v)}] = kept->key;
  }

  std::vector<Reaction> reactions;
  for (const Holder& holder : holders_of(context_, *gone)) {
    Record* other = still_holding(context_, holder, gone->key);
    if (other == nullptr) continue;
    Change& moved = all_changes.emplace_back();
    Changes(context_, *other, moved)
        .set_property(binding, holder.property, Value::ref(binding.object_index(kept->object), kept->key));
    reactions.push_back(consider(holder.key, moved, nullptr, 0));
  }
  context_.tell(kept->key, Happening::merged, 0, 0, "with " + gone_name);
  context_.tell(gone->key, Happening::merged, 0, 0, "into " + kept_name);
  context_.batch.count("object." + binding.catalogue().objects[binding.object_index(kept->object)].name,
                       "merged");
  reactions.push_back(consider(kept->key, arriving, nullptr, 0));
  react(gone->key, leaving, nullptr, 0);
  context_.cache.forward(gone->key, {kept->key, shift});
  for (const Reaction& reaction : reactions) carry_out(reaction);
}

Executor::Origin Executor::origin(const EffectBody& body) {
  Key key = body.source;
  Origin found{context_.cache.get(key), body.enrolment};
  while (found.record != nullptr && found.record->key != key) {
    const Forward forward = context_.cache.forward_of(key);
    if (forward.to == 0) return {};
    found.enrolment += forward.enrolments;
    key = forward.to;
  }
  return found;
}

}  // namespace wf::engine
