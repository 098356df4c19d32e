#include "runtime/engine/affected.hpp"

#include <algorithm>
#include <set>

namespace wf::engine {

using bytecode::Hop;
using bytecode::RelatedEdge;
using bytecode::Relation;
using triggers::Reader;
using triggers::ReaderKind;

namespace {

/// The changed record in terms of one program: its readers, and the way back from it to their records.
class Search {
 public:
  Search(Context& context, const Loaded& code, const Record& changed, const Change& change,
         std::map<Key, Affected>& found)
      : context_(context),
        code_(code),
        changed_(changed),
        change_(change),
        now_(context, *code.binding, changed),
        before_(context, *code.binding, changed, Before{changed.key, &change}),
        object_(code.binding->object_index(changed.object)),
        found_(found) {}

  void run() {
    if (object_ == kNone) return;
    for (const std::uint32_t path : code_.elsewhere->paths_to(object_)) {
      const std::set<Reader> readers = readers_of(path);
      if (!readers.empty()) follow(code_.elsewhere->path(path), readers);
    }
  }

 private:
  const bytecode::Program& program() const { return code_.binding->program(); }
  bool is_active() const { return code_.binding.get() == context_.active; }

  std::set<Reader> readers_of(std::uint32_t path) {
    std::set<Reader> readers;
    const auto add = [&](std::span<const Reader> found) {
      for (const Reader& reader : found) {
        const bool of_trigger = reader.kind == ReaderKind::condition || reader.kind == ReaderKind::edge;
        if (!of_trigger || is_active()) readers.insert(reader);
      }
    };
    const triggers::Elsewhere& elsewhere = *code_.elsewhere;
    for (const auto& [slot, old] : change_.properties) {
      const std::uint32_t property = code_.binding->property_at(object_, slot);
      if (property != kNone) add(elsewhere.on_property(path, property));
    }
    for (const CounterState& state : change_.counters) {
      for (std::uint32_t c = 0; c < program().counters.size(); ++c) {
        if (code_.binding->counter(c) == state.counter) add(elsewhere.on_counter(path, c));
      }
    }
    for (const auto& [list, added] : change_.lists) {
      if (const std::uint32_t i = code_.binding->list_index(list); i != kNone)
        add(elsewhere.on_list(path, i));
    }
    if (!change_.tags.empty()) add(elsewhere.on_tags(path));
    return readers;
  }

  /// Where one step back from these records leads, without what the change itself moved.
  std::set<Key> step_back(const Hop& hop, const std::set<Key>& from) {
    std::set<Key> result;
    for (const Key key : from) {
      if (hop.back) {
        const Record* record = context_.cache.get(key);
        if (record == nullptr || record->object != code_.binding->object(hop.object)) continue;
        const Value& v = record->property(code_.binding->slot(hop.object, hop.property));
        if (v.kind() == value::Kind::ref) result.insert(v.as_key());
      } else {
        for (const Key other : context_.linked(association(hop), key)) result.insert(other);
      }
    }
    return result;
  }

  SymbolId association(const Hop& hop) const {
    return context_.layout.property(code_.binding->object(hop.object),
                                    code_.binding->slot(hop.object, hop.property));
  }

  std::set<Key> to_bases(const std::vector<Hop>& path, std::set<Key> from) {
    for (std::size_t i = path.size() - 1; i > 0 && !from.empty(); --i) from = step_back(path[i - 1], from);
    return from;
  }

  void follow(const std::vector<Hop>& path, const std::set<Reader>& readers) {
    const Hop& last = path.back();
    std::set<Key> now, before;
    if (last.back) {
      for (const auto& [view, keys] : {std::pair{&now_, &now}, std::pair{&before_, &before}}) {
        const Value v = view->property(last.property);
        if (v.kind() == value::Kind::ref) keys->insert(v.as_key());
      }
    } else {
      now = before = step_back(last, {changed_.key});
    }
    const bool moved = now != before;
    now = to_bases(path, std::move(now));
    before = moved ? to_bases(path, std::move(before)) : now;
    std::set<Key> all = now;
    all.insert(before.begin(), before.end());
    for (const Reader& reader : readers) {
      if (!matters(reader, moved)) continue;
      for (const Key key : all) note(reader, key, now.contains(key), before.contains(key));
    }
  }

  bool holds(std::uint32_t function, const RecordView& view) {
    return function == kNone || vm::holds(program(), function, view, nullptr, context_.now);
  }

  /// A record that fits a relation as much as before changes nothing for whoever reads the relation.
  bool matters(const Reader& reader, bool moved) {
    if (reader.relation == kNone) return true;
    const std::uint32_t where = program().relations[reader.relation].where;
    const bool fits_now = holds(where, now_), fitted = holds(where, before_);
    return moved ? fits_now || fitted : fits_now != fitted;
  }

  bool fires(const RelatedEdge& edge, bool linked, bool was_linked) {
    if (!linked || !holds(edge.became, now_) || !holds(edge.where, now_)) return false;
    return !was_linked || !holds(edge.became, before_);
  }

  void note(const Reader& reader, Key key, bool linked, bool was_linked) {
    const bytecode::Workflow* workflow =
        reader.kind == ReaderKind::wait ? nullptr : &program().workflows[reader.trigger.workflow];
    switch (reader.kind) {
      case ReaderKind::condition:
        found_[key].conditions.push_back(reader.trigger);
        return;
      case ReaderKind::edge:
        if (fires(workflow->triggers[reader.trigger.trigger].edge, linked, was_linked))
          found_[key].edges.push_back(reader.trigger);
        return;
      case ReaderKind::goal_edge:
        if (!fires(workflow->goal_edge, linked, was_linked)) return;
        found_[key].goals.push_back(code_.binding->code());
        found_[key].goals.push_back(code_.binding->workflow(reader.trigger.workflow));
        return;
      case ReaderKind::exits:
        found_[key].exits = true;
        return;
      case ReaderKind::wait:
        found_[key].waits = true;
        return;
    }
  }

  Context& context_;
  const Loaded& code_;
  const Record& changed_;
  const Change& change_;
  RecordView now_, before_;
  std::uint32_t object_;
  std::map<Key, Affected>& found_;
};

}  // namespace

std::map<Key, Affected> affected_by(Context& context, const Record& changed, const Change& change) {
  std::map<Key, Affected> found;
  for (const auto& [symbol, code] : context.codes) Search(context, code, changed, change, found).run();
  return found;
}

}  // namespace wf::engine
