#include "runtime/engine/symbols.hpp"

namespace wf::engine {

namespace {

/// Asked for with everything that is told: the text is built in place, where it stays until the next call.
const std::string& joined(std::string_view kind, std::string_view name) {
  thread_local std::string text;
  text.assign(kind).append(1, ':').append(name);
  return text;
}

}  // namespace

void Symbols::load(const std::vector<store::Symbol>& persisted) {
  names_.assign(1, "");
  ids_.clear();
  for (const store::Symbol& symbol : persisted) {
    if (symbol.id >= names_.size()) names_.resize(symbol.id + 1);
    names_[symbol.id] = symbol.name;
    ids_[symbol.name] = symbol.id;
  }
  confirmed_ = names_.size();
}

SymbolId Symbols::intern(std::string_view kind, std::string_view name) {
  const auto [it, added] = ids_.try_emplace(joined(kind, name), static_cast<SymbolId>(names_.size()));
  if (added) names_.push_back(it->first);
  return it->second;
}

std::optional<SymbolId> Symbols::find(std::string_view kind, std::string_view name) const {
  const auto it = ids_.find(joined(kind, name));
  if (it == ids_.end()) return std::nullopt;
  return it->second;
}

std::string_view Symbols::name(SymbolId id) const {
  if (id >= names_.size()) return {};
  const std::string_view text = names_[id];
  const std::size_t colon = text.find(':');
  return colon == std::string_view::npos ? text : text.substr(colon + 1);
}

std::string_view Symbols::kind(SymbolId id) const {
  if (id >= names_.size()) return {};
  const std::string_view text = names_[id];
  return text.substr(0, std::min(text.find(':'), text.size()));
}

std::vector<store::Symbol> Symbols::fresh() const {
  std::vector<store::Symbol> symbols;
  for (std::size_t id = confirmed_; id < names_.size(); ++id) {
    symbols.push_back({static_cast<SymbolId>(id), names_[id]});
  }
  return symbols;
}

}  // namespace wf::engine
