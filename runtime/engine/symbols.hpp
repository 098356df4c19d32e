// Symbols: stable numbers for everything that stored state names (properties, lists, workflows, codes …), so
// that rows survive a redeploy in which indices move. Persisted through frames; never reused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/store/frame.hpp"

namespace wf::engine {

using SymbolId = std::uint32_t;  ///< 0 is no symbol

class Symbols {
 public:
  /// Takes the persisted symbols of a store.
  void load(const std::vector<store::Symbol>& persisted);
  /// The number of `kind:name`, a new one if needed.
  SymbolId intern(std::string_view kind, std::string_view name);
  std::optional<SymbolId> find(std::string_view kind, std::string_view name) const;
  /// The name without its kind.
  std::string_view name(SymbolId id) const;
  std::string_view kind(SymbolId id) const;
  /// Symbols that no frame has carried yet; `confirm` after the frame was appended.
  std::vector<store::Symbol> fresh() const;
  void confirm() { confirmed_ = names_.size(); }

 private:
  std::vector<std::string> names_{""};  // "kind:name" by id
  std::unordered_map<std::string, SymbolId> ids_;
  std::size_t confirmed_ = 1;
};

}  // namespace wf::engine
