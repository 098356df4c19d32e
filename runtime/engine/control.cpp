#include "runtime/engine/control.hpp"

#include <algorithm>

#include "grammar/text/suggest.hpp"
#include "runtime/crm/convert.hpp"

namespace wf::engine {

namespace {

/// "campaign.x" and "sequence.y" are whole names; of a workflow both "workflow.x" and "x" are understood.
std::string_view plain_name(std::string_view name) {
  constexpr std::string_view kPrefix = "workflow.";
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

/// Why a record does not come in, for people.
std::string in_words(std::string_view reason) {
  constexpr std::pair<std::string_view, const char*> kWords[] = {
      {"off", "the workflow is switched off"},
      {"campaign_ended", "its campaign lets nobody in any more"},
      {"suppressed", "it is a member of a list that the workflow suppresses"},
      {"unless", "what `unless` says holds for it"},
      {"exclusive_group", "it is in another workflow of the same exclusive group"},
      {"enrolled_now", "it is enrolled already"},
      {"enrolled_now_key_kept", "it is enrolled already; its key comes next"},
      {"enrolled_before", "it was enrolled before, and `reenroll never` lets it in once"},
      {"key_used", "it was enrolled before with the same key"},
      {"key_unknown", "the value that `reenroll` counts by is unknown"},
      {"too_soon", "its last enrolment is not long enough ago"},
      {"already_met", "it has met the goal already"},
      {"record_deleted", "it was deleted"}};
  for (const auto& [word, text] : kWords) {
    if (word == reason) return text;
  }
  return "the entry rules do not allow it";
}

}  // namespace

const char* to_string(Verdict verdict) {
  constexpr const char* kNames[] = {"done", "unchanged", "refused", "not_found"};
  return kNames[static_cast<std::size_t>(verdict)];
}

OperationAnswer Control::carry_out(const Operation& operation) {
  return std::visit([this](const auto& what) { return act(what); }, operation);
}

bool Control::is_dry(const Operation& operation) {
  return std::visit(
      [](const auto& what) {
        if constexpr (requires { what.dry_run; }) return what.dry_run;
        return false;
      },
      operation);
}

std::uint32_t Control::find_workflow(const std::string& name, OperationAnswer& answer) const {
  const auto& workflows = context_.active->program().workflows;
  std::vector<std::string> names;
  for (std::uint32_t w = 0; w < workflows.size(); ++w) {
    if (workflows[w].name == plain_name(name)) return w;
    names.push_back(workflows[w].name);
  }
  const std::string hint = text::did_you_mean(plain_name(name), names);
  answer = {Verdict::not_found, "no_workflow",
            "there is no workflow `" + name + "`" + (hint.empty() ? "" : "; " + hint)};
  return kNone;
}

Record* Control::find_record(std::uint32_t workflow, const std::string& subject, OperationAnswer& answer) {
  const std::uint32_t object = context_.active->program().workflows[workflow].object;
  const bytecode::Object& kind = context_.active->catalogue().objects[object];
  const auto key = context_.find(context_.active->object(object), crm::identity(kind, subject));
  Record* record = key ? context_.cache.get(*key) : nullptr;
  if (record == nullptr) {
    answer = {Verdict::not_found, "no_record", "there is no " + kind.name + " `" + subject + "`"};
  }
  return record;
}

Control::Found Control::find(const std::string& workflow, const std::string& subject,
                             OperationAnswer& answer) {
  const std::uint32_t index = find_workflow(workflow, answer);
  return {index, index == kNone ? nullptr : find_record(index, subject, answer)};
}

OperationAnswer Control::act(const EnrollRecord& operation) {
  OperationAnswer answer;
  const auto [workflow, record] = find(operation.workflow, operation.subject, answer);
  if (record == nullptr) return answer;
  if (executor_.release(*record, context_.active->workflow(workflow))) {
    return {Verdict::done, "", operation.subject + " was held and goes on"};
  }
  const auto refusal = executor_.try_enroll(*record, workflow, {"by hand", nullptr, 0, nullptr, {}});
  if (!refusal) return {Verdict::done, "", operation.subject + " is enrolled"};
  return {
      Verdict::refused, std::string(*refusal),
      operation.subject + " was not enrolled: " + in_words(*refusal) + " (" + std::string(*refusal) + ")"};
}

OperationAnswer Control::act(const UnenrollRecord& operation) {
  OperationAnswer answer;
  const auto [workflow, record] = find(operation.workflow, operation.subject, answer);
  if (record == nullptr) return answer;
  const std::size_t ended = end_all(executor_, *record, context_.active->workflow(workflow),
                                    bytecode::EndReason::unenrolled, "by hand");
  if (ended == 0) return {Verdict::unchanged, "not_enrolled", operation.subject + " is not enrolled"};
  return {Verdict::done, "", operation.subject + " is unenrolled"};
}

OperationAnswer Control::act(const DecideQuarantine& operation) {
  const std::vector<std::uint64_t> ids = operation.ids.empty() ? quarantine_.ids() : operation.ids;
  if (ids.empty()) return {Verdict::unchanged, "empty", "nothing is in quarantine"};
  for (const std::uint64_t id : ids) {
    const auto entry = quarantine_.find(id);
    if (!entry)
      return {Verdict::not_found, "no_entry", "there is no " + std::to_string(id) + " in quarantine"};
    quarantine_.remove(id);
    if (!operation.replay) continue;
    if (const auto* timer = std::get_if<store::Timer>(&entry->item)) {
      context_.batch.add_timer(*timer);
      continue;
    }
    const store::Input& input = std::get<store::Input>(entry->item);
    if (context_.options.before_item) context_.options.before_item(&input, nullptr);
    intake_.apply(input);
  }
  return {Verdict::done, "",
          std::string(operation.replay ? "replayed: " : "discarded: ") + std::to_string(ids.size())};
}

OperationAnswer Control::act(const DecideCatchUp& operation) {
  if (!catch_up_.is_holding())
    return {Verdict::unchanged, "nothing_held", "no marketing mail is held as late"};
  const std::size_t mails = catch_up_.decide(operation);
  return {Verdict::done, "", std::to_string(mails) + " mails"};
}

// ---- many
// --------------------------------------------------------------------------------------------------------

bool Control::find_members(const std::string& name, std::uint32_t workflow, OperationAnswer& answer) const {
  const bytecode::Catalogue& catalogue = context_.active->catalogue();
  std::vector<std::string> names;
  for (const auto& list : catalogue.lists) names.push_back("list." + list.name);
  for (const auto& segment : catalogue.segments) {
    if (segment.object == context_.active->program().workflows[workflow].object) {
      names.push_back("segment." + segment.name);
    }
  }
  if (std::find(names.begin(), names.end(), name) != names.end()) return true;
  const std::string hint = text::did_you_mean(name, names);
  answer = {Verdict::not_found, "no_list",
            "there is no list or segment `" + name + "`" + (hint.empty() ? "" : "; " + hint)};
  return false;
}

OperationAnswer Control::act(const EnrollMany& operation) {
  OperationAnswer answer;
  const std::uint32_t workflow = find_workflow(operation.workflow, answer);
  if (workflow == kNone) return answer;
  if (!operation.members_of.empty() && !find_members(operation.members_of, workflow, answer)) return answer;
  if (operation.members_of.empty() && operation.subjects.empty()) {
    return {Verdict::unchanged, "nobody",
            "there is nobody to " + std::string(operation.enroll ? "enrol" : "unenrol")};
  }
  answer.job = jobs_.begin(operation, context_.active->workflow(workflow));
  answer.text = "job " + std::to_string(answer.job) + (operation.enroll ? " enrols " : " unenrols ") +
                (operation.members_of.empty() ? std::to_string(operation.subjects.size()) + " records"
                                              : "the members of " + operation.members_of);
  return answer;
}

OperationAnswer Control::act(const RetryRecord& operation) {
  OperationAnswer answer;
  const auto [index, record] = find(operation.workflow, operation.subject, answer);
  if (record == nullptr) return answer;
  const SymbolId workflow = context_.active->workflow(index);
  const std::size_t effects = outbox_.retry_dead(record->key, workflow);
  const bool enrolled = std::any_of(record->enrolments.begin(), record->enrolments.end(),
                                    [&](const Enrolment& e) { return e.workflow == workflow; });
  const bool failed = !enrolled && executor_.retry(*record, workflow);
  if (effects == 0 && !failed) {
    return {Verdict::unchanged, "nothing_failed", "nothing of " + operation.subject + " failed there"};
  }
  if (failed) answer.text = operation.subject + " goes on with the step that failed";
  if (effects > 0) {
    answer.text += (failed ? "; " : "") + std::to_string(effects) +
                   (effects == 1 ? " effect that was given up is" : " effects that were given up are") +
                   " tried again";
  }
  return answer;
}

SymbolId Control::find_known_workflow(const std::string& name, OperationAnswer& answer) const {
  const auto symbol = context_.symbols.find("workflow", plain_name(name));
  if (symbol && context_.running.of(*symbol) > 0) return *symbol;
  const std::uint32_t index = find_workflow(name, answer);
  return index == kNone ? 0 : context_.active->workflow(index);
}

// ---- switches
// --------------------------------------------------------------------------------------------------------

OperationAnswer Control::act(const SwitchWorkflow& operation) {
  OperationAnswer answer;
  const SymbolId workflow = find_known_workflow(operation.workflow, answer);
  if (workflow == 0) return answer;
  const SwitchState state = context_.switches.state(workflow);
  switch (operation.to) {
    case SwitchTo::on:
      return switch_on(workflow, state);
    case SwitchTo::off:
    case SwitchTo::drain:
      return switch_off(workflow, state, operation.to == SwitchTo::drain);
    case SwitchTo::pause:
      return pause(workflow, state);
    case SwitchTo::resume:
      return resume(workflow, state);
  }
  return answer;
}

namespace {

std::string enrolments_text(std::int64_t n) {
  return std::to_string(n) + (n == 1 ? " running enrolment" : " running enrolments");
}

}  // namespace

OperationAnswer Control::switch_on(SymbolId workflow, SwitchState state) {
  const std::string name = bytecode::workflow_label(context_.symbols.name(workflow));
  const std::string paused = state.paused ? "; it is still paused" : "";
  if (!state.off) return {Verdict::unchanged, "on", name + " is on" + paused};
  if (state.draining) {
    return {Verdict::refused, "draining",
            name + " is still being emptied, " + enrolments_text(context_.running.of(workflow)) +
                " left: try again later"};
  }
  state.off = false;
  context_.switches.set(workflow, state);
  const std::uint32_t index = context_.active->workflow_index(workflow);
  if (index != kNone && context_.active->program().workflows[index].existing) {
    sweep_.enroll_existing(workflow);
  }
  return {Verdict::done, "", name + " is on: records enter again" + paused};
}

OperationAnswer Control::switch_off(SymbolId workflow, SwitchState state, bool drain) {
  const std::string name = bytecode::workflow_label(context_.symbols.name(workflow));
  const std::int64_t running = context_.running.of(workflow);
  if (state.off && (!drain || state.draining || running == 0)) {
    return {Verdict::unchanged, "off", name + " is off, with " + enrolments_text(running)};
  }
  if (!state.off) state.off_since = context_.now;
  state.off = true;
  state.draining = drain && running > 0;
  state.drain_cursor = 0;
  context_.switches.set(workflow, state);
  return {Verdict::done, "",
          name + " is off: nobody enters" +
              (running == 0 ? ""
               : drain      ? ", " + enrolments_text(running) + " end now"
                            : ", " + enrolments_text(running) + " go on to their end")};
}

OperationAnswer Control::pause(SymbolId workflow, SwitchState state) {
  const std::string name = bytecode::workflow_label(context_.symbols.name(workflow));
  if (state.paused) return {Verdict::unchanged, "paused", name + " is paused"};
  state.paused = true;
  state.paused_since = context_.now;
  context_.switches.set(workflow, state);
  return {Verdict::done, "", name + " is paused, with " + enrolments_text(context_.running.of(workflow))};
}

OperationAnswer Control::resume(SymbolId workflow, SwitchState state) {
  const std::string name = bytecode::workflow_label(context_.symbols.name(workflow));
  const std::string off = state.off ? "; it is off: nobody enters" : "";
  if (!state.paused) return {Verdict::unchanged, "not_paused", name + " is not paused" + off};
  state.paused = false;
  context_.switches.set(workflow, state);
  const std::uint64_t parked = context_.switches.parked(workflow);
  return {Verdict::done, "", name + " goes on; " + std::to_string(parked) + " came due in the pause" + off};
}

// ---- what goes on with the batches that follow
// --------------------------------------------------------------------------------------------------------

std::size_t Control::step(std::size_t limit) {
  if (const SymbolId workflow = context_.switches.resuming()) return resume_parked(workflow);
  if (const SymbolId workflow = draining()) return drain(workflow, limit);
  return jobs_.step(limit);
}

std::size_t Control::resume_parked(SymbolId workflow) {
  const std::vector<ParkedItem> items = context_.switches.take(context_.store, workflow);
  for (const ParkedItem& item : items) {
    if (item.effect != 0) {
      outbox_.unpark(item);
    } else {
      executor_.fire(item.timer);
    }
  }
  return items.size();
}

SymbolId Control::draining() const {
  for (const auto& [workflow, state] : context_.switches.states()) {
    if (state.draining) return workflow;
  }
  return 0;
}

std::size_t Control::drain(SymbolId workflow, std::size_t limit) {
  SwitchState state = context_.switches.state(workflow);
  const bool done = context_.running.of(workflow) == 0;
  const auto page = done ? std::vector<std::pair<Key, store::RecordRow>>()
                         : need(context_.store.scan(state.drain_cursor, limit));
  for (const auto& [key, row] : page) {
    state.drain_cursor = key;
    // Most have nothing to do with it: they stay out of the cache.
    const Record stored = need(decode_record(key, row.hot, "", context_.layout));
    const bool enrolled = std::any_of(stored.enrolments.begin(), stored.enrolments.end(),
                                      [&](const Enrolment& e) { return e.workflow == workflow; });
    Record* record = enrolled ? context_.cache.get(key) : nullptr;
    if (record != nullptr) end_all(executor_, *record, workflow, bytecode::EndReason::turned_off);
  }
  state.draining = page.size() == limit;
  context_.switches.set(workflow, state);
  return page.size();
}

}  // namespace wf::engine
