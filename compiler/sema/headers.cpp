#include "compiler/sema/headers.hpp"

#include <algorithm>
#include <map>

#include "compiler/schema/atoms.hpp"
#include "compiler/sema/expressions.hpp"

namespace wf::sema {
namespace {

using Atoms = std::vector<ast::Atom>;

template <class T>
const T* header_literal(const Atoms& atoms, std::size_t i) {
  const auto* literal = i < atoms.size() ? std::get_if<ast::Literal>(&atoms[i].value) : nullptr;
  return literal ? std::get_if<T>(&literal->value) : nullptr;
}

std::string word_at(const Atoms& atoms, std::size_t i) {
  const std::string* word = i < atoms.size() ? schema::word_of(atoms[i]) : nullptr;
  return word ? *word : "";
}

bool take_priority(Context&, const Atoms& atoms, Workflow& w) {
  const auto* number = atoms.size() == 1 ? header_literal<ast::Number>(atoms, 0) : nullptr;
  if (!number || number->has_point || number->percent) return false;
  const std::int64_t limit = 1'000'000;
  w.head.priority = static_cast<std::int32_t>(std::clamp(number->micros / value::kMicro, -limit, limit));
  return true;
}

bool take_group(Context&, const Atoms& atoms, Workflow& w) {
  if (atoms.size() != 1) return false;
  w.head.exclusive_group = word_at(atoms, 0);
  return !w.head.exclusive_group.empty();
}

bool take_blocked(Context&, const Atoms& atoms, Workflow& w) {
  using bytecode::WhenBlocked;
  static const std::map<std::string, WhenBlocked> words{
      {"continue", WhenBlocked::continue_}, {"stop", WhenBlocked::stop}, {"delay", WhenBlocked::delay}};
  const auto found = words.find(atoms.size() == 1 ? word_at(atoms, 0) : "");
  if (found == words.end()) return false;
  w.head.when_blocked = found->second;
  return true;
}

bool take_deploy(Context&, const Atoms& atoms, Workflow& w) {
  using bytecode::OnDeploy;
  static const std::map<std::string, OnDeploy> words{{"pin", OnDeploy::pin},
                                                     {"migrate compatible", OnDeploy::migrate_compatible},
                                                     {"cancel", OnDeploy::cancel},
                                                     {"restart", OnDeploy::restart}};
  std::string text = word_at(atoms, 0);
  if (atoms.size() == 2) text += " " + word_at(atoms, 1);
  const auto found = words.find(atoms.size() <= 2 ? text : "");
  if (found == words.end()) return false;
  w.head.on_deploy = found->second;
  return true;
}

bool take_loop(Context&, const Atoms& atoms, Workflow& w) {
  const auto* reason = atoms.size() == 1 ? header_literal<ast::Text>(atoms, 0) : nullptr;
  if (!reason || reason->value.empty()) return false;
  w.head.allow_loop = reason->value;
  return true;
}

bool take_kpi(Context&, const Atoms& atoms, Workflow& w) {
  const auto* title = header_literal<ast::Text>(atoms, 0);
  const auto* target = header_literal<ast::Number>(atoms, 2);
  const auto* by = header_literal<ast::Date>(atoms, 4);
  if (atoms.size() != 5 || !title || !target || !by) return false;
  if (word_at(atoms, 1) != "target" || word_at(atoms, 3) != "by") return false;
  const std::int64_t share = target->percent ? target->micros / 100 : target->micros;
  w.head.kpis.push_back({title->value, share, target->percent, by->days});
  return true;
}

/// WF253: last reviewed more than a quarter ago.
void check_review(Context& context, const Workflow& workflow, const ast::Atom& atom, std::int32_t reviewed) {
  const auto today = context.today ? context.today : context.schema.today;
  if (!today || value::add_months(reviewed, 3) >= *today) return;
  auto& d =
      context.sink.report(Code::review_due, atom.span, "the review of `" + workflow.head.name + "` is due");
  d.notes.push_back("a workflow is reviewed each quarter; today is " + value::format_date(*today));
}

bool take_reviewed(Context& context, const Atoms& atoms, Workflow& w) {
  const auto* date = atoms.size() == 1 ? header_literal<ast::Date>(atoms, 0) : nullptr;
  if (date) check_review(context, w, atoms[0], date->days);
  return date != nullptr;
}

/// A timer is always looked at a little late; `hold` alone means later than this.
constexpr std::int64_t kHeldAfter = value::kHour;

/// `on late fire`, `on late skip after 2 days`, `on late hold [after 6 hours]`.
bool take_late(Context& context, const Atoms& atoms, Workflow& w) {
  using bytecode::LatePolicy;
  static const std::map<std::string, LatePolicy> words{
      {"fire", LatePolicy::fire}, {"skip", LatePolicy::skip}, {"hold", LatePolicy::hold}};
  const auto found = words.find(word_at(atoms, 0));
  const auto* after = atoms.size() == 3 ? header_literal<ast::Duration>(atoms, 2) : nullptr;
  const bool limited = after && word_at(atoms, 1) == "after";
  if (found == words.end() || (atoms.size() != 1 && !limited)) return false;
  if (found->second == (limited ? LatePolicy::fire : LatePolicy::skip)) return false;
  w.head.late = {found->second, found->second == LatePolicy::hold ? kHeldAfter : 0};
  if (!limited) return true;
  if (const auto length = check_duration(context, *after, atoms[2].span, false)) w.head.late.after = *length;
  return true;
}

bool take_existing(Context&, const Atoms& atoms, Workflow& w) {
  const std::string word = atoms.size() == 1 ? word_at(atoms, 0) : "";
  w.head.existing = word == "yes";
  return word == "yes" || word == "no";
}

bool take_manually(Context&, const Atoms& atoms, Workflow& w) {
  w.head.manual = true;
  return atoms.empty();
}

struct HeaderRow {
  std::string_view name, expected;
  bool (*take)(Context&, const Atoms&, Workflow&);
  bool repeatable = false;
};
constexpr HeaderRow kHeaders[] = {
    {"enroll existing", "`yes` or `no`", take_existing},
    {"enroll manually", "nothing behind it", take_manually},
    {"priority", "a whole number", take_priority},
    {"exclusive group", "the name of a group", take_group},
    {"when blocked", "`continue`, `stop` or `delay`", take_blocked},
    {"on deploy", "`pin`, `migrate compatible`, `cancel` or `restart`", take_deploy},
    {"on late", "`fire`, `skip after 2 days` or `hold`", take_late},
    {"allow loop", "the reason in quotes", take_loop},
    {"kpi", "a line such as `kpi \"Converted\" target 15% by 2026-12-31`", take_kpi, true},
    {"reviewed", "a date such as 2026-09-01", take_reviewed},
};

const HeaderRow* find_header(const std::string& name) {
  const auto* row = std::find_if(std::begin(kHeaders), std::end(kHeaders),
                                 [&](const HeaderRow& r) { return r.name == name; });
  return row == std::end(kHeaders) ? nullptr : row;
}

/// WF239: `enroll existing yes` and every trigger is something that happens.
void check_existing(Context& context, const ast::WorkflowDecl& decl, const Workflow& workflow, Span span) {
  if (!workflow.head.existing || workflow.triggers.size() < decl.triggers.size()) return;
  const auto can_match = [](const Trigger& t) {
    using bytecode::TriggerKind;
    return t.head.kind == TriggerKind::condition || t.head.kind == TriggerKind::becomes ||
           t.head.kind == TriggerKind::list_added || t.head.kind == TriggerKind::moment;
  };
  if (std::any_of(workflow.triggers.begin(), workflow.triggers.end(), can_match)) return;
  auto& d = context.sink.report(Code::existing_never_matches, span,
                                "no existing record can match: every trigger is something that happens");
  d.notes.push_back(
      "a condition, `becomes`, `added to list.x` and `enroll at` can be true of existing records");
}

}  // namespace

std::vector<std::string> header_names() {
  std::vector<std::string> names;
  for (const HeaderRow& row : kHeaders) names.emplace_back(row.name);
  return names;
}

bool is_plain_header(const std::string& name) {
  return find_header(name) != nullptr;
}

void check_plain_headers(Context& context, const ast::WorkflowDecl& decl, Workflow& workflow) {
  std::map<std::string, Span> first;
  for (const ast::Field& field : decl.other) {
    const HeaderRow* row = find_header(field.name.text);
    if (!row) continue;
    const auto [before, added] = first.try_emplace(field.name.text, field.name.span);
    if (!added && !row->repeatable) {
      auto& d = context.sink.report(Code::duplicate_name, field.name.span,
                                    "`" + field.name.text + "` is given twice in this workflow");
      d.secondary.push_back({before->second, "first here"});
      continue;
    }
    if (row->take(context, field.atoms, workflow)) {
      if (row->take == take_existing) check_existing(context, decl, workflow, field.span);
      continue;
    }
    context.sink.report(Code::invalid_field, field.span, "`" + field.name.text + "` cannot be read")
        .primary.text = "expected " + std::string(row->expected);
  }
}

void check_documentation(Context& context, const ast::WorkflowDecl& decl) {
  for (const std::string& header : context.schema.required_headers) {
    const bool written = header == "owner" ? decl.owner.has_value() : decl.title.has_value();
    if (written) continue;
    auto& d = context.sink.report(Code::missing_documentation, decl.name.span,
                                  "the workflow `" + decl.name.text + "` has no `" + header + "`");
    d.helps.push_back(header == "owner" ? "write `owner team.name`" : "write `title \"…\"`");
  }
}

}  // namespace wf::sema
