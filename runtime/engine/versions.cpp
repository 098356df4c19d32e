#include "runtime/engine/versions.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"

namespace wf::engine {

namespace {

constexpr const char* kActive = "active";
constexpr const char* kVersions = "versions";
constexpr const char* kStored = "codes";
constexpr const char* kWatching = "watching";
constexpr std::size_t kHexBytes = 64;
constexpr std::size_t kListed = 1'000;    ///< versions that are remembered at all
constexpr std::size_t kEffects = 10'000;  ///< looked at before a bundle is dropped

std::string joined(const std::set<std::string>& hashes) {
  std::string text;
  for (const std::string& hash : hashes) text += hash;
  return text;
}

std::set<std::string> split(const std::string& text) {
  std::set<std::string> hashes;
  for (std::size_t at = 0; at + kHexBytes <= text.size(); at += kHexBytes)
    hashes.insert(text.substr(at, kHexBytes));
  return hashes;
}

std::string encode(const std::vector<Version>& versions) {
  value::Writer out;
  out.varint(versions.size());
  for (const Version& version : versions) {
    out.varint(version.number);
    out.zigzag(version.at);
    out.bytes(version.hash);
    out.bytes(version.note);
  }
  return out.take();
}

Result<std::vector<Version>> decode_versions(const std::string& bytes) {
  value::Reader in(bytes);
  std::vector<Version> versions;
  for (std::size_t n = in.count(); n > 0 && !in.failed(); --n) {
    Version& version = versions.emplace_back();
    version.number = in.varint();
    version.at = in.zigzag();
    version.hash = in.bytes();
    version.note = in.bytes();
  }
  if (in.failed()) return Error{ErrorCode::corrupt, "the list of versions is damaged"};
  return versions;
}

}  // namespace

void count_running(Context& context) {
  constexpr const char* kCounted = "running";
  constexpr std::size_t kPage = 1'000;
  if (!need(context.store.meta(kCounted)).value_or("").empty()) return;
  for (Key after = 0;;) {
    const auto page = need(context.store.scan(after, kPage));
    for (const auto& [key, row] : page) {
      Record record = need(decode_record(key, row.hot, row.cold, context.layout));
      context.running.recount(record);
      after = key;
    }
    if (page.size() < kPage) break;
  }
  context.batch.frame.meta.push_back({kCounted, "1"});
}

// ---- the active bundle
// ------------------------------------------------------------------------------------------

std::string Versions::active_hash() const {
  return context_.active == nullptr ? "" : std::string(context_.symbols.name(context_.active->code()));
}

Versions::Bound Versions::bind(const bytecode::Hash& hash, bytecode::Program program) {
  Bound before{active_, context_.active, std::move(context_.index), context_.workflows_on};
  active_ = std::make_shared<const bytecode::Program>(std::move(program));
  auto binding = std::make_unique<Binding>(active_, hash, context_.symbols, context_.layout);
  context_.active = binding.get();
  context_.index = std::make_unique<triggers::Index>(*active_);
  const SymbolId code = binding->code();
  auto elsewhere = std::make_unique<triggers::Elsewhere>(*active_);
  context_.codes.insert_or_assign(code, Loaded{active_, std::move(binding), std::move(elsewhere)});
  // What was judged of triggers of another program tells nothing of these.
  executor_.program_changed();
  return before;
}

void Versions::take_back(Bound before) {
  active_ = std::move(before.program);
  context_.active = before.binding;
  context_.index = std::move(before.index);
  context_.workflows_on = before.workflows_on;
  executor_.program_changed();
}

void Versions::load() {
  const auto active = need(context_.store.meta(kActive));
  if (const auto versions = need(context_.store.meta(kVersions)))
    state_.versions = need(decode_versions(*versions));
  if (const auto stored = need(context_.store.meta(kStored))) {
    state_.stored = split(*stored);
  } else {
    adopt_old_store(active);
  }
  state_.watching = split(need(context_.store.meta(kWatching)).value_or(""));
  durable_ = state_;
  if (active) {
    const auto bundle = bundle_of(*active);
    if (!bundle) throw StoreFailure{{ErrorCode::corrupt, "the active bundle is missing from the store"}};
    (void)bind(bytecode::bundle_hash(*bundle), need(bytecode::read_bundle(*bundle)));
  }
  // Enrolments of earlier bundles may wait for changes of other records.
  for (const std::string& hash : state_.watching)
    (void)context_.binding(context_.symbols.intern("code", hash));
}

/// A store from before there were versions: its bundles are those that symbols name.
void Versions::adopt_old_store(const std::optional<std::string>& active) {
  for (const store::Symbol& symbol : need(context_.store.symbols())) {
    constexpr std::string_view kCode = "code:";
    if (!symbol.name.starts_with(kCode)) continue;
    const auto bundle = need(context_.store.meta(symbol.name));
    if (bundle && !bundle->empty()) state_.stored.insert(symbol.name.substr(kCode.size()));
  }
  if (active) state_.versions.push_back({1, context_.numbers.clock, *active, "", false, false});
}

// ---- versions
// ---------------------------------------------------------------------------------------------------

void Versions::note(std::string_view bundle, const std::string& note) {
  const std::string hash = active_hash();
  const std::uint64_t number = state_.versions.empty() ? 1 : state_.versions.back().number + 1;
  state_.versions.push_back({number, context_.now, hash, note, false, false});
  if (state_.versions.size() > kListed) state_.versions.erase(state_.versions.begin());
  if (state_.stored.insert(hash).second)
    context_.batch.frame.meta.push_back({"code:" + hash, std::string(bundle)});
  if (context_.codes.at(context_.active->code()).elsewhere->serves_enrolments()) state_.watching.insert(hash);
  context_.batch.frame.meta.push_back({kActive, hash});
  write();
  suspicious_ = true;
}

void Versions::write() {
  changed_ = true;
  context_.batch.frame.meta.push_back({kVersions, encode(state_.versions)});
  context_.batch.frame.meta.push_back({kStored, joined(state_.stored)});
  context_.batch.frame.meta.push_back({kWatching, joined(state_.watching)});
}

std::vector<Version> Versions::list() const {
  std::vector<Version> versions = durable_.versions;
  for (Version& version : versions) version.kept = durable_.stored.contains(version.hash);
  if (!versions.empty()) versions.back().active = context_.active != nullptr && context_.workflows_on;
  return versions;
}

Result<Version> Versions::find(std::uint64_t number) const {
  const std::vector<Version>& all = durable_.versions;
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    if (number == 0 ? it->hash != all.back().hash : it->number == number) return *it;
  }
  return Error{ErrorCode::not_found,
               number == 0 ? "there is no earlier version" : "there is no version " + std::to_string(number)};
}

std::optional<std::string> Versions::bundle_of(const std::string& hash) {
  auto bytes = need(context_.store.meta("code:" + hash));
  return bytes && !bytes->empty() ? std::move(bytes) : std::nullopt;
}

// ---- dropping
// ---------------------------------------------------------------------------------------------------

bool Versions::is_needed(const std::string& hash) const {
  const auto symbol = context_.symbols.find("code", hash);
  if (hash == active_hash() || (symbol && context_.running.on(*symbol) > 0)) return true;
  std::set<std::string> newest;
  for (auto it = state_.versions.rbegin(); it != state_.versions.rend(); ++it) {
    if (newest.size() == context_.options.kept_versions) break;
    newest.insert(it->hash);
  }
  return newest.contains(hash);
}

std::optional<std::set<SymbolId>> Versions::used_by_effects() {
  std::set<SymbolId> codes;
  for (const auto state : {store::EffectState::ready, store::EffectState::attempted,
                           store::EffectState::uncertain, store::EffectState::dead}) {
    const auto effects = need(context_.store.effects(state, INT64_MAX, kEffects));
    if (effects.size() == kEffects) return std::nullopt;
    for (const store::Effect& effect : effects) {
      if (const auto body = decode_effect(effect.body)) codes.insert(body->code);
    }
  }
  // Those that this batch makes.
  for (const auto& [id, effect] : context_.batch.effects_put) {
    if (const auto body = decode_effect(effect.body)) codes.insert(body->code);
  }
  return codes;
}

void Versions::collect() {
  suspicious_ = false;
  std::vector<std::string> unneeded;
  for (const std::string& hash : state_.stored) {
    if (!is_needed(hash)) unneeded.push_back(hash);
  }
  if (unneeded.empty()) return;
  const auto used = used_by_effects();
  for (const std::string& hash : unneeded) {
    const auto symbol = context_.symbols.find("code", hash);
    if (!used || (symbol && used->contains(*symbol))) {
      suspicious_ = true;  // when its effects have left
      continue;
    }
    context_.batch.frame.meta.push_back({"code:" + hash, ""});
    state_.stored.erase(hash);
    state_.watching.erase(hash);
    dropped_.insert(hash);
  }
  if (!dropped_.empty()) write();
}

void Versions::settle() {
  if (!changed_) return;
  for (const std::string& hash : dropped_) {
    if (const auto symbol = context_.symbols.find("code", hash)) context_.codes.erase(*symbol);
  }
  dropped_.clear();
  durable_ = state_;
  changed_ = false;
}

void Versions::drop() {
  if (!changed_) return;
  state_ = durable_;
  dropped_.clear();
  suspicious_ = true;
  changed_ = false;
}

}  // namespace wf::engine
