#include "runtime/engine/rehearse.hpp"

#include <set>

#include "grammar/value/codec.hpp"
#include "runtime/crm/convert.hpp"
#include "runtime/engine/context.hpp"

namespace wf::engine {

namespace {

/// Waits are skipped, but not for ever.
constexpr std::int64_t kHorizon = 800 * value::kDay;
constexpr int kMostTurns = 2'000;
constexpr std::size_t kMostLinked = 100;
/// Of no effect in any outbox: an answer to it changes nothing.
constexpr std::uint64_t kNoEffect = std::uint64_t{1} << 63;

/// Copies a record and those that it points at, or that point at it, as if nothing ran for them.
class Copy {
 public:
  Copy(store::Store& real, Layout& layout, store::Frame& frame)
      : real_(real), layout_(layout), frame_(frame) {}

  void add(Key key, int depth) {
    if (key == 0 || !copied_.insert(key).second) return;
    const auto row = need(real_.load(key));
    if (!row) return;
    Record record = need(decode_record(key, row->hot, row->cold, layout_));
    if (record.object == 0) return;
    record.enrolments.clear();
    record.memories.clear();
    record.sends.clear();
    record.cold_dirty = true;
    store::RecordChange change;
    change.key = key;
    change.hot = encode_hot(record, layout_);
    change.cold = encode_cold(record, layout_);
    frame_.records.push_back(std::move(change));
    for (std::uint32_t slot = 0; slot < record.slots(); ++slot) {
      const Value& v = record.property(slot);
      if (v.kind() != value::Kind::ref) continue;
      frame_.links.push_back({layout_.property(record.object, slot), key, v.as_key(), false});
      if (depth > 0) add(v.as_key(), depth - 1);
    }
  }
  void add_linked(SymbolId association, Key key) {
    for (const Key from : need(real_.linked_from(association, key, 0, kMostLinked))) add(from, 0);
  }

 private:
  store::Store& real_;
  Layout& layout_;
  store::Frame& frame_;
  std::set<Key> copied_;
};

store::Frame copy_of(store::Store& real, const bytecode::Program& program, Layout& layout,
                     const Binding& binding, const RehearsalRequest& request, Key key) {
  store::Frame frame;
  frame.symbols = need(real.symbols());
  const auto active = need(real.meta("active"));
  for (const std::string& name :
       {std::string("engine"), std::string("active"), "code:" + active.value_or("")}) {
    if (auto bytes = need(real.meta(name))) frame.meta.push_back({name, std::move(*bytes)});
  }
  Copy copy(real, layout, frame);
  copy.add(key, 2);
  const std::uint32_t object = program.workflows[program.find_workflow(request.workflow)].object;
  const auto& objects = program.catalogue.objects;
  for (std::uint32_t o = 0; o < objects.size(); ++o) {
    for (std::uint32_t p = 0; p < objects[o].properties.size(); ++p) {
      const bytecode::Type& type = objects[o].properties[p].type;
      if (type.kind != value::Kind::ref || type.aux != object) continue;
      copy.add_linked(layout.property(binding.object(o), binding.slot(o, p)), key);
    }
  }
  std::sort(frame.records.begin(), frame.records.end(),
            [](const store::RecordChange& a, const store::RecordChange& b) { return a.key < b.key; });
  frame.identities.push_back({binding.object(object), crm::identity(objects[object], request.subject), key});
  return frame;
}

class Run {
 public:
  Run(const RehearsalRequest& request, Key key, std::int64_t now) : request_(request), key_(key), now_(now) {}

  Rehearsal play(store::Store& store) {
    Options options;
    options.mail_idempotent = true;
    options.observer = [this](Key key, const HistoryItem& item) { told_.emplace_back(key, item); };
    engine_ = need(Engine::open(store, std::move(options)));
    told_.clear();
    const auto answer = need(engine_->operate(EnrollRecord{request_.workflow, request_.subject}, now_));
    if (answer.verdict != Verdict::done) result_.refused = answer.reason;
    tell();
    for (int turn = 0; answer.verdict == Verdict::done && !finished(); ++turn) {
      if (turn < kMostTurns) continue;
      result_.unfinished = true;
      break;
    }
    return std::move(result_);
  }

 private:
  void tell() {
    for (const auto& [key, item] : told_) {
      result_.items.push_back({item.at, key == key_, item.what, engine_->subject_name(item.subject),
                               engine_->subject_name(item.workflow), item.detail});
    }
    told_.clear();
  }

  /// Everything that is due now; then the clock goes to what is due next.
  bool finished() {
    const auto batch = need(engine_->run(now_));
    const auto deliveries = need(engine_->hand_over(now_, 100));
    tell();
    for (const Delivery& delivery : deliveries) deliver(delivery);
    if (!batch.idle() || !deliveries.empty()) return false;
    const auto info = need(engine_->describe(key_));
    const auto due = need(engine_->next_due());
    const auto status = need(engine_->status());
    const bool over = !info || (info->enrolments.empty() && status.store.effects == 0);
    if (over || !due) return true;
    if (*due > started_ + kHorizon) {
      result_.unfinished = true;
      return true;
    }
    now_ = std::max(now_, *due);
    return false;
  }

  void deliver(const Delivery& delivery) {
    EffectAnswer answer{delivery.effect, AnswerKind::delivered, "test", {}};
    if (const auto* call = std::get_if<CallDelivery>(&delivery.what)) {
      result_.items.push_back({now_, true, Happening::call_made, "webhook." + call->webhook, "",
                               "not called; the body would be " + call->body});
    } else {
      Delivery mail = delivery;
      mail.effect = kNoEffect | ++mails_;
      mail.key = "test:" + std::to_string(now_) + ":" + delivery.key;
      std::get<MailDelivery>(mail.what).to_address = request_.to;
      result_.mails.push_back(std::move(mail));
    }
    engine_->answered(std::move(answer));
  }

  const RehearsalRequest& request_;
  const Key key_;
  std::int64_t now_;
  const std::int64_t started_ = now_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::pair<Key, HistoryItem>> told_;
  std::uint64_t mails_ = 0;
  Rehearsal result_;
};

}  // namespace

Result<Rehearsal> rehearse(store::Store& real, const bytecode::Program& program, Layout& layout,
                           const Binding& binding, const RehearsalRequest& request, Key key,
                           std::int64_t now) {
  try {
    const auto copy = need(store::open_store("memory:"));
    (void)need(copy->append(copy_of(real, program, layout, binding, request, key)));
    return Run(request, key, now).play(*copy);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

}  // namespace wf::engine
