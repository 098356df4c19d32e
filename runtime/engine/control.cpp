#include "runtime/engine/control.hpp"

#include "grammar/text/suggest.hpp"
#include "runtime/crm/convert.hpp"

namespace wf::engine {

namespace {

/// "campaign.x" and "sequence.y" are whole names; of a workflow both "workflow.x" and "x" are understood.
std::string_view plain_name(std::string_view name) {
  constexpr std::string_view kPrefix = "workflow.";
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
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

OperationAnswer Control::act(const EnrollRecord& operation) {
  OperationAnswer answer;
  const std::uint32_t workflow = find_workflow(operation.workflow, answer);
  if (workflow == kNone) return answer;
  Record* record = find_record(workflow, operation.subject, answer);
  if (record == nullptr) return answer;
  const auto refusal = executor_.try_enroll(*record, workflow, {"by hand", nullptr, 0, nullptr, {}});
  if (!refusal) return {Verdict::done, "", operation.subject + " is enrolled"};
  return {Verdict::refused, std::string(*refusal),
          operation.subject + " is not enrolled: " + std::string(*refusal)};
}

OperationAnswer Control::act(const UnenrollRecord& operation) {
  OperationAnswer answer;
  const std::uint32_t workflow = find_workflow(operation.workflow, answer);
  if (workflow == kNone) return answer;
  Record* record = find_record(workflow, operation.subject, answer);
  if (record == nullptr) return answer;
  std::vector<std::uint32_t> ids;
  for (const Enrolment& e : record->enrolments) {
    if (e.workflow == context_.active->workflow(workflow)) ids.push_back(e.id);
  }
  for (const std::uint32_t id : ids) {
    executor_.end(*record, id, bytecode::EndReason::unenrolled, "by hand");
  }
  if (ids.empty()) return {Verdict::unchanged, "not_enrolled", operation.subject + " is not enrolled"};
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

}  // namespace wf::engine
