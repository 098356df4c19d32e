#include "runtime/engine/engine.hpp"

#include <algorithm>

#include "grammar/value/codec.hpp"
#include "runtime/crm/convert.hpp"
#include "runtime/engine/control.hpp"
#include "runtime/engine/describe.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/experiments.hpp"
#include "runtime/engine/explain.hpp"
#include "runtime/engine/intake.hpp"
#include "runtime/engine/isolation.hpp"
#include "runtime/engine/outbox.hpp"
#include "runtime/engine/rehearse.hpp"
#include "runtime/engine/reports.hpp"
#include "runtime/engine/survey.hpp"
#include "runtime/engine/sweep.hpp"
#include "runtime/engine/versions.hpp"

namespace wf::engine {

namespace {

constexpr const char* kNumbers = "engine";
constexpr const char* kProject = "project";  // hash of the bundle that the daemon's project was last
constexpr std::int64_t kCollectEvery = value::kMinute;
constexpr std::size_t kMostReported = 100'000;

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
        catch_up_(context_),
        outbox_(context_, executor_, catch_up_),
        reports_(context_, executor_),
        sweep_(context_, executor_),
        quarantine_(context_),
        isolation_(context_),
        jobs_(context_, executor_),
        control_(context_, {executor_, intake_, outbox_, sweep_, jobs_, quarantine_, catch_up_}),
        versions_(context_, executor_) {}

  Result<void> load();

  Result<void> activate(std::string_view bundle, std::int64_t now) override;
  Result<Deployed> deploy(std::string_view bundle, std::int64_t now, const DeployRequest& request) override;
  Result<Deployed> roll_back(std::uint64_t version, std::int64_t now) override;
  Result<Deployed> resume(std::string_view project, std::int64_t now) override;
  std::vector<Version> versions() const override { return versions_.list(); }
  Result<std::optional<std::string>> bundle(const std::string& hash) override;
  Result<std::vector<RunningPoint>> running() override;
  Result<std::shared_ptr<Survey>> survey(std::string_view bundle, std::int64_t now) override;
  Result<void> prepare(std::string_view bundle, std::int64_t now) override;
  std::shared_ptr<const bytecode::Program> program() const override { return versions_.active(); }
  Result<BatchResult> run(std::int64_t now) override;
  Result<std::vector<Delivery>> hand_over(std::int64_t now, std::size_t limit) override;
  Result<OperationAnswer> operate(const Operation& operation, std::int64_t now) override;
  void answered(EffectAnswer answer) override { answers_.push_back(std::move(answer)); }
  Result<std::optional<std::int64_t>> next_due() override;
  Result<std::optional<Key>> find(std::string_view object, std::string_view subject) override;
  Result<std::optional<RecordInfo>> describe(Key key) override;
  Result<std::vector<WorkflowInfo>> workflows() override;
  std::vector<JobInfo> jobs() const override { return jobs_.list(); }
  Result<Explanation> explain(const std::string& workflow, const std::string& subject,
                              OperationAnswer& answer) override;
  Result<Rehearsal> rehearse(const RehearsalRequest& request, std::int64_t now) override;
  Result<std::vector<HistoryItem>> history(store::HistoryRef& from, std::size_t limit) override;
  std::string subject_name(SymbolId symbol) const override;
  Result<std::vector<ReportRow>> report() override;
  Result<Status> status() override;
  Result<std::vector<QuarantinedItem>> quarantined() override;
  Result<void> outage(std::int64_t from, std::int64_t to) override;
  Result<CatchUpReport> catch_up() override;
  Result<std::vector<OutboxItem>> outbox(const OutboxChoice& choice, std::size_t limit) override;
  Result<std::size_t> retry_effects(const OutboxChoice& choice, std::int64_t now) override;
  Result<std::size_t> discard_effects(const OutboxChoice& choice, std::int64_t now) override;
  Result<Value> evaluate(const bytecode::Program& program, std::uint32_t function, Key key,
                         std::int64_t now) override;

 private:
  /// Runs `work` as one batch: commits its frame, or forgets everything it did.
  template <class Work>
  Result<void> batch(std::int64_t now, Work work);
  Result<void> commit();
  /// What is kept in memory of work under way is again as in the store. Throws StoreFailure.
  void read_durable();
  void fill_deleted(store::Frame& frame, Key key, std::vector<const HistoryItem*> items);
  void fill_records(store::Frame& frame);
  void take_inputs(BatchResult& result);
  void take_timers(BatchResult& result);
  void collect_garbage();
  void take_answers(BatchResult& result);
  std::vector<store::Timer> due_timers();
  Result<void> mark(std::int64_t now);
  bool blame();
  void recall();

  Context context_;
  Executor executor_;
  Intake intake_;
  CatchUp catch_up_;
  Outbox outbox_;
  Reports reports_;
  Sweep sweep_;
  bool lost_ = false;  // a failed batch had moved on what recall() reads
  Quarantine quarantine_;
  Isolation isolation_;
  Jobs jobs_;
  Control control_;
  Versions versions_;
  std::int64_t next_collection_ = 0;
  store::InputSeq consumed_ = 0;  // durable
  store::InputSeq batch_consumed_ = 0;
  std::vector<EffectAnswer> answers_;
  store::InputSeq drain_until_ = 0;                // accepted before the engine was opened
  std::vector<store::Timer> fired_;                // by the last batch
  std::optional<std::string> fault_;               // what the code of the last batch threw
  std::map<std::uint64_t, std::uint32_t> faults_;  // of effects
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
    recall();
    work();
    outcome = commit();
    kept = outcome.ok();
  } catch (const StoreFailure& failure) {
    outcome = failure.error;
  } catch (const OnlyTried&) {
  } catch (const std::exception& fault) {
    fault_ = fault.what();
    outcome = Error{ErrorCode::invalid, "a batch could not be worked on: " + *fault_};
  }
  if (kept) {
    executor_.keep_judged();
  } else {
    lost_ = true;
    executor_.drop_judged();
    context_.cache.drop();
    context_.tallies.drop();
    context_.running.drop();
    versions_.drop();
    context_.numbers = before;
    context_.batch.clear();
    lost_ = true;
    try {
      read_durable();
    } catch (const StoreFailure&) {  // the next batch reads it
    }
  }
  context_.batch.clear();
  return outcome;
}

void EngineImpl::read_durable() {
  sweep_.load();
  context_.switches.load(context_.store);
  jobs_.load();
  quarantine_.load();
  catch_up_.load();
  lost_ = false;
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
  if (const Record* record = context_.cache.peek(key)) context_.running.forget(*record);
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
      if (const Record* gone = context_.cache.peek(key)) context_.running.forget(*gone);
      tombstone.forward = forward->second;
      record = &tombstone;
    } else if (record != nullptr) {
      context_.running.recount(*record);
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
  context_.running.write(frame);
  for (const auto& [symbol, state] : batch.experiments) {
    frame.meta.push_back({experiment_meta(context_, symbol), engine::encode(context_, state)});
  }
  context_.tallies.write(frame);
  context_.switches.write(context_.store, frame);
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
  if (context_.running.settle()) versions_.suspect();
  versions_.settle();
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
    versions_.load();
    context_.running.load(need(context_.store.stats()));
    read_durable();
    drain_until_ = context_.store.figures().accepted;
    isolation_.open(context_.options.after_crash, consumed_);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
  return batch(context_.numbers.clock, [&] {
    count_running(context_);
    outbox_.recover(context_.numbers.clock);
  });
}

void EngineImpl::collect_garbage() {
  if (!versions_.is_suspicious() || context_.now < next_collection_) return;
  next_collection_ = context_.now + kCollectEvery;
  versions_.collect();
}

Result<void> EngineImpl::activate(std::string_view bundle, std::int64_t now) {
  const auto deployed = deploy(bundle, now, {});
  return deployed ? Result<void>() : deployed.error();
}

Result<Deployed> EngineImpl::deploy(std::string_view bundle, std::int64_t now, const DeployRequest& request) {
  auto program = bytecode::read_bundle(bundle);
  if (!program) return program.error();
  const bytecode::Hash hash = bytecode::bundle_hash(bundle);
  const std::string hex = bytecode::to_hex(hash), newest = versions_.newest_hash();
  if (!request.expected.empty() && request.expected != newest)
    return Error{ErrorCode::conflict, "another version is active than the one expected"};
  const bool changed = hex != newest;
  const bool was_on = context_.workflows_on;
  std::optional<Versions::Bound> before;
  if (versions_.active_hash() != hex) before = versions_.bind(hash, std::move(*program));
  context_.workflows_on = true;
  const auto outcome = batch(now, [&] {
    reports_.schedule();
    if (request.is_project) context_.batch.frame.meta.push_back({kProject, hex});
    if (!changed) return;
    outbox_.forget_gone();
    versions_.note(bundle, request.note);
    sweep_.begin(newest.empty() ? nullptr : context_.binding(context_.symbols.intern("code", newest)));
  });
  if (!outcome) {
    if (before) versions_.take_back(std::move(*before));
    context_.workflows_on = was_on;
    sweep_.load();
    return outcome.error();
  }
  next_collection_ = 0;
  return Deployed{versions_.list().back(), changed};
}

Result<Deployed> EngineImpl::roll_back(std::uint64_t number, std::int64_t now) {
  const auto wanted = versions_.find(number);
  if (!wanted) return wanted.error();
  const std::string name = "version " + std::to_string(wanted->number);
  const auto kept = bundle(wanted->hash);
  if (!kept) return kept.error();
  if (!*kept) return Error{ErrorCode::not_found, name + " is no longer kept"};
  return deploy(**kept, now, {"rolled back to " + name, "", false});
}

Result<Deployed> EngineImpl::resume(std::string_view project, std::int64_t now) {
  const std::string newest = versions_.newest_hash();
  if (project.empty() && newest.empty())
    return Error{ErrorCode::not_found, "nothing was deployed yet: name a project"};
  if (!project.empty()) {
    const auto seen = context_.store.meta(kProject);
    if (!seen) return seen.error();
    const std::string hex = bytecode::to_hex(bytecode::bundle_hash(project));
    // A store from before projects were noted: it ran this one, or an earlier one.
    if (newest.empty() || !*seen || **seen != hex) return deploy(project, now, {"", "", true});
  }
  const auto kept = bundle(newest);
  if (!kept) return kept.error();
  if (!*kept) return Error{ErrorCode::corrupt, "the active bundle is missing from the store"};
  return deploy(**kept, now, {});
}

Result<std::optional<std::string>> EngineImpl::bundle(const std::string& hash) {
  try {
    return versions_.bundle_of(hash);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::vector<RunningPoint>> EngineImpl::running() {
  try {
    return describe_running(context_);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::shared_ptr<Survey>> EngineImpl::survey(std::string_view bundle, std::int64_t now) {
  auto program = bytecode::read_bundle(bundle);
  if (!program) return program.error();
  return make_survey(context_, std::make_shared<const bytecode::Program>(std::move(*program)),
                     bytecode::bundle_hash(bundle), now);
}

Result<void> EngineImpl::prepare(std::string_view bundle, std::int64_t now) {
  auto program = bytecode::read_bundle(bundle);
  if (!program) return program.error();
  (void)versions_.bind(bytecode::bundle_hash(bundle), std::move(program).value());
  context_.workflows_on = false;
  return batch(now, [] {});
}

void EngineImpl::take_inputs(BatchResult& result) {
  const std::size_t limit = isolation_.inputs(consumed_, context_.options.inputs_per_batch);
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
    isolation_.working_on(inputs[i]);
    if (auto reason = isolation_.condemned(inputs[i])) {
      quarantine_.add(inputs[i], std::move(*reason));
    } else {
      if (context_.options.before_item) context_.options.before_item(&inputs[i], nullptr);
      intake_.apply(inputs[i]);
    }
    if (has_id) context_.batch.frame.dedupe.push_back(inputs[i].dedupe);
  }
  if (!inputs.empty()) batch_consumed_ = inputs.back().seq;
  result.inputs = inputs.size();
  result.more |= inputs.size() == limit;
}

void EngineImpl::take_timers(BatchResult& result) {
  std::vector<store::Timer> due = due_timers();
  for (const store::Timer& timer : due) {
    // An input of this batch may have ended the wait.
    if (context_.batch.timers_removed.contains(timer)) continue;
    isolation_.working_on(timer);
    if (auto reason = isolation_.condemned(timer)) {
      context_.batch.remove_timer(timer);
      quarantine_.add(timer, std::move(*reason));
      continue;
    }
    if (context_.options.before_item) context_.options.before_item(nullptr, &timer);
    context_.overdue_since = catch_up_.is_overdue(timer.due) ? timer.due : 0;
    if (timer.kind == kTimerReport) {
      reports_.fire(timer);
    } else {
      executor_.fire(timer);
    }
  }
  context_.overdue_since = 0;
  isolation_.working_on_none();
  result.timers = due.size();
  result.more |= due.size() >= context_.options.timers_per_batch;
  fired_ = std::move(due);
}

std::vector<store::Timer> EngineImpl::due_timers() {
  // What was accepted before is older than what is due now: an event wins over its time limit.
  if (batch_consumed_ < drain_until_) return {};
  auto due = need(context_.store.timers_due(context_.now, context_.options.timers_per_batch));
  isolation_.choose(due, consumed_);
  return due;
}

void EngineImpl::take_answers(BatchResult& result) {
  outbox_.rest();
  for (const EffectAnswer& answer : answers_) outbox_.settle(answer);
  outbox_.rest();
  result.answers = answers_.size();
}

/// After a crash: names durably what is worked on next, in case the process dies over it again.
Result<void> EngineImpl::mark(std::int64_t now) {
  if (!isolation_.is_careful(consumed_)) return {};
  return batch(now, [&] {
    if (auto mark = isolation_.mark_first(consumed_, due_timers())) {
      context_.batch.frame.meta.push_back({kCrashMark, std::move(*mark)});
    }
  });
}

/// What is kept in memory of durable things is read again after a batch that failed had moved it on.
void EngineImpl::recall() {
  if (lost_) read_durable();
}

/// Whose fault the last batch was. False when it cannot be said: then trying again is all that is left.
bool EngineImpl::blame() {
  const std::uint64_t effect = outbox_.working_on();
  if (effect == 0) return isolation_.faulted(*fault_);
  if (++faults_[effect] >= Isolation::kAttempts) outbox_.condemn(effect, *fault_);
  return true;
}

Result<BatchResult> EngineImpl::run(std::int64_t now) {
  if (context_.active == nullptr) return Error{ErrorCode::invalid, "no project is active"};
  BatchResult result;
  for (bool done = false; !done;) {
    if (const auto marked = mark(now); !marked) return marked.error();
    fault_.reset();
    result = {};
    const auto outcome = batch(now, [&] {
      take_answers(result);
      take_inputs(result);
      take_timers(result);
      result.swept = sweep_.step(context_.options.swept_per_batch);
      result.swept += control_.step(context_.options.swept_per_batch);
      result.more |= sweep_.is_active() || control_.is_active() || isolation_.is_active(batch_consumed_) ||
                     batch_consumed_ < drain_until_;
      collect_garbage();
    });
    done = outcome.ok();
    if (done) break;
    if (!fault_ || !blame()) return outcome.error();
  }
  isolation_.passed(consumed_, fired_);
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
  fault_.reset();
  const auto outcome = batch(now, [&] {
    answer = control_.carry_out(operation);
    if (Control::is_dry(operation)) throw OnlyTried();
  });
  if (outcome) return answer;
  const Error error = outcome.error();
  const std::optional<std::string> fault = fault_;
  (void)batch(now, [] {});  // recalls what the failed one had moved on
  if (fault) return OperationAnswer{Verdict::refused, "fault", "it fails again: " + *fault};
  return error;
}

Result<std::vector<Delivery>> EngineImpl::hand_over(std::int64_t now, std::size_t limit) {
  for (;;) {
    std::vector<Delivery> deliveries;
    fault_.reset();
    const auto outcome = batch(now, [&] { deliveries = outbox_.hand_over(context_.now, limit); });
    if (outcome) return deliveries;
    outbox_.take_back();
    if (!fault_ || !blame()) return outcome.error();
  }
}

Result<std::optional<std::int64_t>> EngineImpl::next_due() {
  auto due = context_.store.next_timer();
  if (!due) return due.error();
  const auto effects = context_.store.effects(store::EffectState::ready, INT64_MAX, outbox_.in_flight() + 1);
  if (!effects) return effects.error();
  std::optional<std::int64_t> next = *due;
  if (sweep_.is_active() || control_.is_active()) next = context_.numbers.clock;
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

Result<Explanation> EngineImpl::explain(const std::string& workflow, const std::string& subject,
                                        OperationAnswer& answer) {
  try {
    const auto [index, record] = control_.find(workflow, subject, answer);
    if (record == nullptr) return Explanation();
    return engine::explain(context_, index, record->key, context_.numbers.clock);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<Rehearsal> EngineImpl::rehearse(const RehearsalRequest& request, std::int64_t now) {
  try {
    Rehearsal nothing;
    const auto [index, record] = control_.find(request.workflow, request.subject, nothing.found);
    if (record == nullptr) return nothing;
    RehearsalRequest exact = request;
    exact.workflow = context_.active->program().workflows[index].name;
    return engine::rehearse(context_.store, context_.active->program(), context_.layout, *context_.active,
                            exact, record->key, std::max(now, context_.numbers.clock));
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::vector<WorkflowInfo>> EngineImpl::workflows() {
  try {
    return list_workflows(context_);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::vector<HistoryItem>> EngineImpl::history(store::HistoryRef& from, std::size_t limit) {
  try {
    return read_history(context_, from, limit);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
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
  try {
    return read_report(context_);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<Status> EngineImpl::status() {
  Status status;
  status.store = context_.store.figures();
  status.backlog = status.store.accepted - status.store.consumed;
  status.in_flight = outbox_.in_flight();
  status.quarantined = quarantine_.size();
  status.closed = outbox_.closed(context_.numbers.clock);
  status.gone.assign(outbox_.gone().begin(), outbox_.gone().end());
  status.clock = context_.numbers.clock;
  for (const auto& [state, figure] : {std::pair{store::EffectState::uncertain, &status.held},
                                      std::pair{store::EffectState::dead, &status.dead},
                                      std::pair{store::EffectState::late, &status.late}}) {
    const auto effects = context_.store.effects(state, INT64_MAX, 100'000);
    if (!effects) return effects.error();
    *figure = effects->size();
  }
  return status;
}

Result<void> EngineImpl::outage(std::int64_t from, std::int64_t to) {
  return batch(to, [&] { catch_up_.begin(from, to); });
}

Result<CatchUpReport> EngineImpl::catch_up() {
  CatchUpReport report{catch_up_.from(), catch_up_.to(), catch_up_.state_name(), {}};
  try {
    for (OutboxItem& item : outbox_.list({{}, {store::EffectState::late}, ""}, kMostReported)) {
      ++report.mails[{std::move(item.workflow), std::move(item.subject)}];
    }
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
  return report;
}

Result<std::vector<QuarantinedItem>> EngineImpl::quarantined() {
  std::vector<QuarantinedItem> items;
  try {
    for (const std::uint64_t id : quarantine_.ids()) {
      if (const auto entry = quarantine_.find(id)) {
        items.push_back({id, entry->at, engine::describe(entry->item, context_), entry->reason});
      }
    }
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
  return items;
}

Result<std::vector<OutboxItem>> EngineImpl::outbox(const OutboxChoice& choice, std::size_t limit) {
  try {
    return outbox_.list(choice, limit);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::size_t> EngineImpl::retry_effects(const OutboxChoice& choice, std::int64_t now) {
  std::size_t changed = 0;
  const auto outcome = batch(now, [&] { changed = outbox_.retry(choice); });
  return outcome ? Result<std::size_t>(changed) : outcome.error();
}

Result<std::size_t> EngineImpl::discard_effects(const OutboxChoice& choice, std::int64_t now) {
  std::size_t changed = 0;
  const auto outcome = batch(now, [&] { changed = outbox_.discard(choice); });
  return outcome ? Result<std::size_t>(changed) : outcome.error();
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
