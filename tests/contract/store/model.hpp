// Model: what a store must answer, computed in the plainest way; and the comparison with a real one.
#pragma once

#include <map>
#include <set>

#include "runtime/store/store.hpp"

namespace wf::store::test {

struct ModelRecord {
  std::string hot;
  std::string cold;
  std::vector<std::string> history;  // oldest first
};

struct Model {
  std::vector<Input> inputs;
  InputSeq consumed = 0;
  std::set<DedupeId> seen;
  std::map<Key, ModelRecord> records;
  std::set<Timer> timers;
  std::map<std::uint64_t, Effect> effects;
  std::map<std::pair<std::uint32_t, std::string>, Key> identities;
  std::set<std::tuple<std::uint32_t, Key, Key>> links;  // assoc, to, from
  std::map<std::uint32_t, std::string> symbols;
  std::map<std::string, std::int64_t> stats;
  std::map<std::string, std::string> meta;

  void apply(const Frame& frame);
};

/// Fails the test where the store answers otherwise than the model. `page` is the limit of paged reads.
void compare(Store& store, const Model& model, std::size_t page);

}  // namespace wf::store::test
