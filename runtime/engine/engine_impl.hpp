// Internal to the engine: its parts together. engine.cpp says which bundle is active, turn.cpp works,
// durable.cpp makes a batch durable, queries.cpp answers.
#pragma once

#include "runtime/engine/control.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/engine/executor.hpp"
#include "runtime/engine/intake.hpp"
#include "runtime/engine/isolation.hpp"
#include "runtime/engine/outbox.hpp"
#include "runtime/engine/reports.hpp"
#include "runtime/engine/sweep.hpp"
#include "runtime/engine/versions.hpp"

namespace wf::engine {

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
  Result<void> batch(std::int64_t now, const std::function<void()>& work);
  Result<void> commit();
  /// What is kept in memory of work under way is again as in the store. Throws StoreFailure.
  void read_durable();
  void fill_deleted(store::Frame& frame, Key key, std::vector<const HistoryItem*> items);
  void fill_records(store::Frame& frame);
  void take_inputs(BatchResult& result);
  std::vector<std::optional<InputEvent>> read_ahead(const std::vector<store::Input>& inputs);
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

}  // namespace wf::engine
