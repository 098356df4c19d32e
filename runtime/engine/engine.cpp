#include "runtime/engine/engine.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"
#include "runtime/crm/convert.hpp"
#include "runtime/engine/control.hpp"
#include "runtime/engine/describe.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/experiments.hpp"
#include "runtime/engine/intake.hpp"
#include "runtime/engine/kpis.hpp"
#include "runtime/engine/outbox.hpp"
#include "runtime/engine/reports.hpp"
#include "runtime/engine/sweep.hpp"

namespace wf::engine {

namespace {

constexpr const char* kNumbers = "engine";
constexpr const char* kActive = "active";
constexpr const char* kWatching =
    "watching";  // bundles whose enrolments read other records, one behind the other
constexpr std::size_t kHexBytes = 64;

std::string encode(const Numbers& numbers) {
  value::Writer out;
  out.varint(numbers.next_record);
  out.varint(numbers.next_effect);
  out.zigzag(numbers.clock);
  out.varint(numbers.marketing_contacts);
  return out.take();
}

Numbers decode_numbers(const std::string& bytes) {
  value::Reader in(bytes);
  Numbers numbers;
  numbers.next_record = in.varint();
  numbers.next_effect = in.varint();
  numbers.clock = in.zigzag();
  numbers.marketing_contacts = in.varint();
  return numbers;
}

/// Thrown by work that only tries what would happen: the batch is forgotten, and that is no error.
struct OnlyTried {};

class EngineImpl final : public Engine {
 public:
  EngineImpl(store::Store& store, Options options)
      : context_(store, std::move(options)),
        executor_(context_),
        intake_(context_, executor_),
        outbox_(context_, executor_),
        reports_(context_, executor_),
        sweep_(context_, executor_),
        control_(context_, executor_) {}

  Result<void> load();

  Result<void> activate(std::string_view bundle, std::int64_t now) override;
  Result<void> prepare(std::string_view bundle, std::int64_t now) override;
  std::shared_ptr<const bytecode::Program> program() const override { return active_; }
  Result<BatchResult> run(std::int64_t now) override;
  Result<std::vector<Delivery>> hand_over(std::int64_t now, std::size_t limit) override;
  Result<OperationAnswer> operate(const Operation& operation, std::int64_t now) override;
  void answered(EffectAnswer answer) override { answers_.push_back(std::move(answer)); }
  Result<std::optional<std::int64_t>> next_due() override;
  Result<std::optional<Key>> find(std::string_view object, std::string_view subject) override;
  Result<std::optional<RecordInfo>> describe(Key key) override;
  Result<std::vector<HistoryItem>> history(store::HistoryRef& from, std::size_t limit) override;
  std::string subject_name(SymbolId symbol) const override;
  Result<std::vector<ReportRow>> report() override;
  Result<Status> status() override;
  Result<Value> evaluate(const bytecode::Program& program, std::uint32_t function, Key key,
                         std::int64_t now) override;

 private:
  /// Runs `work` as one batch: commits its frame, or forgets everything it did.
  template <class Work>
  Result<void> batch(std::int64_t now, Work work);
  Result<void> commit();
  void fill_deleted(store::Frame& frame, Key key, std::vector<const HistoryItem*> items);
  void fill_records(store::Frame& frame);
  void take_inputs(BatchResult& result);
  void take_timers(BatchResult& result);
  void bind(std::string_view bundle, bytecode::Program program);

  Context context_;
  Executor executor_;
  Intake intake_;
  Outbox outbox_;
  Reports reports_;
  Sweep sweep_;
  bool sweep_lost_ = false;  // a failed batch had moved it on
  Control control_;
  std::shared_ptr<const bytecode::Program> active_;
  store::InputSeq consumed_ = 0;  // durable
  store::InputSeq batch_consumed_ = 0;
  std::vector<EffectAnswer> answers_;
};

template <class Work>
Result<void> EngineImpl::batch(std::int64_t now, Work work) {
  const Numbers before = context_.numbers;
  context_.numbers.clock = std::max(context_.numbers.clock, now);
  context_.now = context_.numbers.clock;
  batch_consumed_ = consumed_;
  Result<void> outcome;
  bool kept = false;
  try {
    work();
    outcome = commit();
    kept = outcome.ok();
  } catch (const StoreFailure& failure) {
    outcome = failure.error;
  } catch (const OnlyTried&) {
  }
  if (kept) {
    executor_.keep_judged();
  } else {
    executor_.drop_judged();
    context_.cache.drop();
    context_.tallies.drop();
    context_.numbers = before;
  }
  context_.batch.clear();
  return outcome;
}

/// Nothing of a deleted record stays but that it was there, and how its enrolments ended.
void EngineImpl::fill_deleted(store::Frame& frame, Key key, std::vector<const HistoryItem*> items) {
  store::RecordChange gone, tombstone;
  gone.key = tombstone.key = key;
  gone.erase = true;
  Record nothing;
  tombstone.hot = encode_hot(nothing, context_.layout);
  tombstone.cold = "";
  std::erase_if(items, [](const HistoryItem* item) {
    return item->what != Happening::ended && item->what != Happening::deleted;
  });
  tombstone.history = engine::encode(items);
  frame.records.push_back(std::move(gone));
  frame.records.push_back(std::move(tombstone));
}

/// The records that changed, and those of which something is told, by key; those that were deleted last.
void EngineImpl::fill_records(store::Frame& frame) {
  const std::set<Key>& forgotten = context_.cache.forgotten();
  const std::map<Key, Forward>& forwarded = context_.cache.forwarded();
  std::vector<Key> dirty = context_.cache.dirty();
  for (const auto& [key, where] : forwarded)
    dirty.insert(std::upper_bound(dirty.begin(), dirty.end(), key), key);
  const std::vector<Told>& told = context_.batch.told;
  std::vector<std::pair<Key, std::uint32_t>> order;
  order.reserve(told.size());
  for (std::uint32_t i = 0; i < told.size(); ++i) order.emplace_back(told[i].key, i);
  std::sort(order.begin(), order.end());
  frame.records.reserve(frame.records.size() + dirty.size() + order.size() / 2);
  store::Frame deleted;
  auto next = order.begin();
  std::vector<const HistoryItem*> items;
  Record tombstone;
  for (auto changed = dirty.begin(); changed != dirty.end() || next != order.end();) {
    const bool is_dirty = changed != dirty.end() && (next == order.end() || *changed <= next->first);
    const Key key = is_dirty ? *changed++ : next->first;
    items.clear();
    for (; next != order.end() && next->first == key; ++next) items.push_back(&told[next->second].item);
    if (forgotten.contains(key)) {
      fill_deleted(deleted, key, items);
      continue;
    }
    const auto forward = forwarded.find(key);
    Record* record = is_dirty ? context_.cache.get(key) : nullptr;
    if (forward != forwarded.end()) {
      tombstone.forward = forward->second;
      record = &tombstone;
    }
    if (record == nullptr && items.empty()) continue;
    store::RecordChange& change = frame.records.emplace_back();
    change.key = key;
    if (record != nullptr) {
      change.hot = encode_hot(*record, context_.layout);
      if (record->cold_dirty) change.cold = encode_cold(*record, context_.layout);
      if (record == &tombstone) change.cold = "";
    }
    if (!items.empty()) change.history = engine::encode(items);
  }
  std::move(deleted.records.begin(), deleted.records.end(), std::back_inserter(frame.records));
}

/// The items of an unordered set, in order.
template <class Item, class Set>
void fill_sorted(std::vector<Item>& items, const Set& from) {
  items.assign(from.begin(), from.end());
  std::sort(items.begin(), items.end());
}

Result<void> EngineImpl::commit() {
  Batch& batch = context_.batch;
  store::Frame& frame = batch.frame;
  if (batch_consumed_ != consumed_) frame.consumed = batch_consumed_;
  fill_records(frame);
  fill_sorted(frame.timers_added, batch.timers_added);
  fill_sorted(frame.timers_removed, batch.timers_removed);
  fill_sorted(frame.effects_removed, batch.effects_removed);
  frame.effects_put.reserve(batch.effects_put.size());
  for (auto& [id, effect] : batch.effects_put) frame.effects_put.push_back(std::move(effect));
  std::sort(frame.effects_put.begin(), frame.effects_put.end(),
            [](const store::Effect& a, const store::Effect& b) { return a.id < b.id; });
  for (const auto& [identity, key] : batch.identities) {
    frame.identities.push_back({identity.first, identity.second, key});
  }
  for (const auto& [link, linked] : batch.links) {
    frame.links.push_back({link.association, link.from, link.to, !linked});
  }
  for (const auto& [rotation, turns] : batch.turns) {
    value::Writer out;
    out.varint(turns);
    frame.meta.push_back({"turns:" + rotation, out.take()});
  }
  frame.stats = batch.stats.by_name();
  for (const auto& [symbol, state] : batch.experiments) {
    frame.meta.push_back({experiment_meta(context_, symbol), engine::encode(context_, state)});
  }
  context_.tallies.write(frame);
  frame.symbols = context_.symbols.fresh();
  if (frame.empty()) return {};
  frame.meta.push_back({kNumbers, encode(context_.numbers)});
  const auto seq = context_.store.append(frame);
  if (!seq) return seq.error();
  consumed_ = batch_consumed_;
  context_.symbols.confirm();
  for (auto& [symbol, state] : batch.experiments) context_.experiments[symbol] = std::move(state);
  context_.cache.settle();
  context_.tallies.settle();
  if (context_.options.observer) {
    for (const auto& [key, item] : batch.told) context_.options.observer(key, item);
  }
  return {};
}

Result<void> EngineImpl::load() {
  try {
    context_.symbols.load(need(context_.store.symbols()));
    if (const auto numbers = need(context_.store.meta(kNumbers))) context_.numbers = decode_numbers(*numbers);
    consumed_ = context_.store.figures().consumed;
    if (const auto active = need(context_.store.meta(kActive))) {
      const auto bundle = need(context_.store.meta("code:" + *active));
      if (!bundle) return Error{ErrorCode::corrupt, "the active bundle is missing from the store"};
      bind(*bundle, need(bytecode::read_bundle(*bundle)));
    }
    // Enrolments of earlier bundles may wait for changes of other records.
    if (const auto watching = need(context_.store.meta(kWatching))) {
      for (std::size_t at = 0; at + kHexBytes <= watching->size(); at += kHexBytes) {
        (void)context_.binding(context_.symbols.intern("code", watching->substr(at, kHexBytes)));
      }
    }
    sweep_.load();
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
  return batch(context_.numbers.clock, [&] { outbox_.recover(context_.numbers.clock); });
}

void EngineImpl::bind(std::string_view bundle, bytecode::Program program) {
  active_ = std::make_shared<const bytecode::Program>(std::move(program));
  auto binding =
      std::make_unique<Binding>(active_, bytecode::bundle_hash(bundle), context_.symbols, context_.layout);
  context_.active = binding.get();
  context_.index = std::make_unique<triggers::Index>(*active_);
  const SymbolId code = binding->code();
  // An earlier binding of the same bundle is replaced: enrolments find theirs by code.
  auto elsewhere = std::make_unique<triggers::Elsewhere>(*active_);
  context_.codes.insert_or_assign(code, Loaded{active_, std::move(binding), std::move(elsewhere)});
}

Result<void> EngineImpl::activate(std::string_view bundle, std::int64_t now) {
  auto program = bytecode::read_bundle(bundle);
  if (!program) return program.error();
  const std::string hash = bytecode::to_hex(bytecode::bundle_hash(bundle));
  bind(bundle, std::move(program).value());
  context_.workflows_on = true;
  return batch(now, [&] {
    reports_.schedule();
    const auto active = need(context_.store.meta(kActive));
    if (active && *active == hash) return;
    context_.batch.frame.meta.push_back({"code:" + hash, std::string(bundle)});
    context_.batch.frame.meta.push_back({kActive, hash});
    if (context_.codes.at(context_.active->code()).elsewhere->serves_enrolments()) {
      std::string watching = need(context_.store.meta(kWatching)).value_or("");
      if (watching.find(hash) == watching.npos) watching += hash;
      context_.batch.frame.meta.push_back({kWatching, std::move(watching)});
    }
    const Binding* before = active ? context_.binding(context_.symbols.intern("code", *active)) : nullptr;
    sweep_.begin(before);
  });
}

Result<void> EngineImpl::prepare(std::string_view bundle, std::int64_t now) {
  auto program = bytecode::read_bundle(bundle);
  if (!program) return program.error();
  bind(bundle, std::move(program).value());
  context_.workflows_on = false;
  return batch(now, [] {});
}

void EngineImpl::take_inputs(BatchResult& result) {
  const std::size_t limit = context_.options.inputs_per_batch;
  const std::vector<store::Input> inputs = need(context_.store.pull(consumed_, limit));
  std::vector<store::DedupeId> ids;
  ids.reserve(inputs.size());
  for (const store::Input& input : inputs) ids.push_back(input.dedupe);
  const std::vector<bool> seen = need(context_.store.seen(ids));
  std::set<store::DedupeId> in_batch;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool has_id = inputs[i].dedupe != store::DedupeId{};
    if (seen[i] || (has_id && !in_batch.insert(inputs[i].dedupe).second)) {
      context_.batch.count("engine", "duplicates");
      continue;
    }
    intake_.apply(inputs[i]);
    if (has_id) context_.batch.frame.dedupe.push_back(inputs[i].dedupe);
  }
  if (!inputs.empty()) batch_consumed_ = inputs.back().seq;
  result.inputs = inputs.size();
  result.more |= inputs.size() == limit;
}

void EngineImpl::take_timers(BatchResult& result) {
  const std::size_t limit = context_.options.timers_per_batch;
  const auto due = need(context_.store.timers_due(context_.now, limit));
  for (const store::Timer& timer : due) {
    // An input of this batch may have ended the wait.
    if (context_.batch.timers_removed.contains(timer)) continue;
    if (timer.kind == kTimerReport) {
      reports_.fire(timer);
    } else {
      executor_.fire(timer);
    }
  }
  result.timers = due.size();
  result.more |= due.size() == limit;
}

Result<BatchResult> EngineImpl::run(std::int64_t now) {
  if (context_.active == nullptr) return Error{ErrorCode::invalid, "no project is active"};
  BatchResult result;
  const auto outcome = batch(now, [&] {
    for (const EffectAnswer& answer : answers_) outbox_.settle(answer);
    result.answers = answers_.size();
    take_inputs(result);
    take_timers(result);
    if (sweep_lost_) sweep_.load();
    sweep_lost_ = false;
    result.swept = sweep_.step(context_.options.swept_per_batch);
    result.more |= sweep_.is_active();
  });
  if (!outcome) {
    sweep_lost_ = true;
    return outcome.error();
  }
  if (!result.more) executor_.all_fired();
  answers_.clear();
  return result;
}

Result<OperationAnswer> EngineImpl::operate(const Operation& operation, std::int64_t now) {
  if (context_.active == nullptr) return Error{ErrorCode::invalid, "no project is active"};
  const store::InputSeq accepted = context_.store.figures().accepted;
  while (consumed_ < accepted) {
    if (const auto ran = run(now); !ran) return ran.error();
  }
  OperationAnswer answer;
  const auto outcome = batch(now, [&] {
    answer = control_.carry_out(operation);
    if (Control::is_dry(operation)) throw OnlyTried();
  });
  if (!outcome) return outcome.error();
  return answer;
}

Result<std::vector<Delivery>> EngineImpl::hand_over(std::int64_t now, std::size_t limit) {
  std::vector<Delivery> deliveries;
  const auto outcome = batch(now, [&] { deliveries = outbox_.hand_over(context_.now, limit); });
  if (outcome) return deliveries;
  outbox_.take_back(deliveries);
  return outcome.error();
}

Result<std::optional<std::int64_t>> EngineImpl::next_due() {
  auto due = context_.store.next_timer();
  if (!due) return due.error();
  const auto effects = context_.store.effects(store::EffectState::ready, INT64_MAX, outbox_.in_flight() + 1);
  if (!effects) return effects.error();
  std::optional<std::int64_t> next = *due;
  if (sweep_.is_active()) next = context_.numbers.clock;
  for (const store::Effect& effect : *effects) {
    if (outbox_.is_in_flight(effect.id)) continue;
    next = std::min(next.value_or(effect.next_at), effect.next_at);
    break;
  }
  return next;
}

Result<std::optional<Key>> EngineImpl::find(std::string_view object, std::string_view subject) {
  const std::uint32_t index = context_.active->catalogue().find_object(object);
  if (index == kNone) return std::optional<Key>();
  try {
    return context_.find(context_.active->object(index),
                         crm::identity(context_.active->catalogue().objects[index], subject));
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::optional<RecordInfo>> EngineImpl::describe(Key key) {
  try {
    return describe_record(context_, key);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::vector<HistoryItem>> EngineImpl::history(store::HistoryRef& from, std::size_t limit) {
  std::vector<HistoryItem> items;
  while (from.frame != 0 && items.size() < limit) {
    const auto entries = context_.store.history(from, std::min<std::size_t>(limit - items.size(), 32));
    if (!entries) return entries.error();
    for (const store::HistoryEntry& entry : *entries) {
      auto decoded = decode_history(entry.body);
      if (!decoded) return decoded.error();
      std::reverse(decoded->begin(), decoded->end());
      items.insert(items.end(), decoded->begin(), decoded->end());
    }
  }
  return items;
}

std::string EngineImpl::subject_name(SymbolId symbol) const {
  if (symbol == 0) return {};
  const std::string_view kind = context_.symbols.kind(symbol), name = context_.symbols.name(symbol);
  if (kind == "workflow") return bytecode::workflow_label(name);
  // What a campaign or audience keeps bears its whole name, a property behind its object's.
  const std::size_t dot = name.find('.');
  const bool whole = kind == "list" && dot != name.npos;
  const bool kept = kind == "property" && name.find('.', dot + 1) != name.npos;
  if (whole || kept) return std::string(name.substr(kept ? dot + 1 : 0));
  return std::string(kind) + "." + std::string(name);
}

Result<std::vector<ReportRow>> EngineImpl::report() {
  const auto stats = context_.store.stats();
  if (!stats) return stats.error();
  std::vector<ReportRow> rows;
  for (const store::StatDelta& stat : *stats) {
    const std::size_t first = stat.name.find('\t');
    const std::size_t second = stat.name.find('\t', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    rows.push_back({stat.name.substr(0, first), stat.name.substr(first + 1, second - first - 1),
                    stat.name.substr(second + 1), stat.delta});
  }
  if (active_) add_kpis(*active_, rows);
  std::sort(rows.begin(), rows.end(), [](const ReportRow& a, const ReportRow& b) {
    return std::tie(a.subject, a.metric, a.detail) < std::tie(b.subject, b.metric, b.detail);
  });
  return rows;
}

Result<Status> EngineImpl::status() {
  Status status;
  status.store = context_.store.figures();
  status.backlog = status.store.accepted - status.store.consumed;
  status.in_flight = outbox_.in_flight();
  status.clock = context_.numbers.clock;
  for (const auto& [state, figure] : {std::pair{store::EffectState::uncertain, &status.held},
                                      std::pair{store::EffectState::dead, &status.dead}}) {
    const auto effects = context_.store.effects(state, INT64_MAX, 100'000);
    if (!effects) return effects.error();
    *figure = effects->size();
  }
  return status;
}

Result<Value> EngineImpl::evaluate(const bytecode::Program& program, std::uint32_t function, Key key,
                                   std::int64_t now) {
  try {
    const Record* record = context_.cache.get(key);
    if (record == nullptr) return Error{ErrorCode::not_found, "no such record"};
    return vm::evaluate(program, function, RecordView(context_, *context_.active, *record), nullptr, now);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(store::Store& store, Options options) {
  auto engine = std::make_unique<EngineImpl>(store, std::move(options));
  if (const auto loaded = engine->load(); !loaded) return loaded.error();
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace wf::engine
