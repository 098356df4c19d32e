#include "runtime/triggers/elsewhere.hpp"

#include <algorithm>

namespace wf::triggers {

namespace {

std::uint64_t key_of(std::uint32_t path, std::uint32_t what) {
  return std::uint64_t{path} << 32 | what;
}

template <class Table>
std::span<const Reader> lookup(const Table& table, std::uint64_t key) {
  const auto it = table.find(key);
  return it == table.end() ? std::span<const Reader>() : std::span<const Reader>(it->second);
}

}  // namespace

Elsewhere::Elsewhere(const bytecode::Program& program) {
  for (std::uint32_t w = 0; w < program.workflows.size(); ++w) {
    const bytecode::Workflow& workflow = program.workflows[w];
    for (std::uint32_t t = 0; t < workflow.triggers.size(); ++t) {
      const bytecode::Trigger& trigger = workflow.triggers[t];
      for (const auto& read : trigger.reads_elsewhere)
        insert(read, {ReaderKind::condition, {w, t}, read.relation});
      insert(trigger.edge, {ReaderKind::edge, {w, t}, bytecode::kNone});
    }
    for (const auto& read : workflow.exits_read) insert(read, {ReaderKind::exits, {w, 0}, read.relation});
    insert(workflow.goal_edge, {ReaderKind::goal_edge, {w, 0}, bytecode::kNone});
  }
  for (const bytecode::Wait& wait : program.waits) {
    for (const auto& read : wait.anchors_elsewhere) insert(read, {ReaderKind::wait, {}, bytecode::kNone});
  }
}

std::uint32_t Elsewhere::path_index(const std::vector<bytecode::Hop>& path, std::uint32_t object) {
  const auto it = std::find(paths_.begin(), paths_.end(), path);
  const auto index = static_cast<std::uint32_t>(it - paths_.begin());
  if (it != paths_.end()) return index;
  paths_.push_back(path);
  by_object_[object].push_back(index);
  return index;
}

void Elsewhere::insert(const bytecode::RelatedRead& read, Reader reader) {
  const std::uint32_t path = path_index(read.path, read.object);
  serves_enrolments_ |= reader.kind != ReaderKind::condition;
  for (const std::uint32_t p : read.properties) properties_[key_of(path, p)].push_back(reader);
  for (const std::uint32_t c : read.counters) counters_[key_of(path, c)].push_back(reader);
  for (const std::uint32_t l : read.lists) lists_[key_of(path, l)].push_back(reader);
  if (read.tags) tags_[path].push_back(reader);
}

void Elsewhere::insert(const bytecode::RelatedEdge& edge, Reader reader) {
  if (edge.path.empty()) return;
  const std::uint32_t path = path_index(edge.path, edge.object);
  serves_enrolments_ |= reader.kind == ReaderKind::goal_edge;
  for (const std::uint32_t p : edge.properties) properties_[key_of(path, p)].push_back(reader);
  for (const std::uint32_t c : edge.counters) counters_[key_of(path, c)].push_back(reader);
  for (const std::uint32_t l : edge.lists) lists_[key_of(path, l)].push_back(reader);
  if (edge.tags) tags_[path].push_back(reader);
  // A newly associated record fitted nothing before: the link is read too.
  const bytecode::Hop& last = edge.path.back();
  if (last.back) properties_[key_of(path, last.property)].push_back(reader);
}

std::span<const std::uint32_t> Elsewhere::paths_to(std::uint32_t object) const {
  const auto it = by_object_.find(object);
  return it == by_object_.end() ? std::span<const std::uint32_t>()
                                : std::span<const std::uint32_t>(it->second);
}
std::span<const Reader> Elsewhere::on_property(std::uint32_t path, std::uint32_t property) const {
  return lookup(properties_, key_of(path, property));
}
std::span<const Reader> Elsewhere::on_counter(std::uint32_t path, std::uint32_t counter) const {
  return lookup(counters_, key_of(path, counter));
}
std::span<const Reader> Elsewhere::on_list(std::uint32_t path, std::uint32_t list) const {
  return lookup(lists_, key_of(path, list));
}
std::span<const Reader> Elsewhere::on_tags(std::uint32_t path) const {
  return lookup(tags_, path);
}

}  // namespace wf::triggers
