// What conditions read of other records than their own: when a record changes, along which paths one has to
// go back to the records whose conditions may now have another value. Built once per program, read-only
// afterwards.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "runtime/bytecode/program.hpp"
#include "runtime/triggers/index.hpp"

namespace wf::triggers {

enum class ReaderKind : std::uint8_t {
  condition,  ///< of a trigger: evaluate it again
  edge,       ///< of a trigger of kind related
  goal_edge,  ///< of a workflow
  exits,      ///< goal and cancel of a workflow
  wait,       ///< the anchor of a wait
};
struct Reader {
  ReaderKind kind = ReaderKind::condition;
  TriggerRef trigger;                        ///< its workflow; not of a wait
  std::uint32_t relation = bytecode::kNone;  ///< it matters only whether the record fits this
  friend auto operator<=>(const Reader&, const Reader&) = default;
};

class Elsewhere {
 public:
  /// `program` must outlive it.
  explicit Elsewhere(const bytecode::Program& program);

  /// Paths that end at records of this object.
  std::span<const std::uint32_t> paths_to(std::uint32_t object) const;
  const std::vector<bytecode::Hop>& path(std::uint32_t index) const { return paths_[index]; }
  std::span<const Reader> on_property(std::uint32_t path, std::uint32_t property) const;
  std::span<const Reader> on_counter(std::uint32_t path, std::uint32_t counter) const;
  std::span<const Reader> on_list(std::uint32_t path, std::uint32_t list) const;
  std::span<const Reader> on_tags(std::uint32_t path) const;
  /// Is there a reader that an enrolment needs, whatever program is active?
  bool serves_enrolments() const { return serves_enrolments_; }

 private:
  using Table = std::unordered_map<std::uint64_t, std::vector<Reader>>;

  std::uint32_t path_index(const std::vector<bytecode::Hop>& path, std::uint32_t object);
  void insert(const bytecode::RelatedRead& read, Reader reader);
  void insert(const bytecode::RelatedEdge& edge, Reader reader);

  std::vector<std::vector<bytecode::Hop>> paths_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> by_object_;
  Table properties_, counters_, lists_, tags_;
  bool serves_enrolments_ = false;
};

}  // namespace wf::triggers
