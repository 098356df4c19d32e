// Policies, and the experiments that stand in workflows: names and figures of both.
#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/builder.hpp"
#include "compiler/schema/report.hpp"

namespace wf::schema {
namespace {

constexpr std::pair<std::string_view, bytecode::MailClass> kClasses[] = {
    {"marketing", bytecode::MailClass::marketing},
    {"transactional", bytecode::MailClass::transactional},
    {"internal", bytecode::MailClass::internal},
};

template <class T>
const T* policy_literal(const ast::Atom& atom) {
  const auto* literal = std::get_if<ast::Literal>(&atom.value);
  return literal ? std::get_if<T>(&literal->value) : nullptr;
}

/// A whole number of at least 1.
std::optional<std::int64_t> count_of(const ast::Atom& atom) {
  const auto* number = policy_literal<ast::Number>(atom);
  if (!number || number->has_point || number->percent || number->micros < value::kMicro) return std::nullopt;
  return number->micros / value::kMicro;
}

bool is_word(const std::vector<ast::Atom>& atoms, std::size_t i, std::string_view word) {
  const std::string* text = i < atoms.size() ? word_of(atoms[i]) : nullptr;
  return text && *text == word;
}

/// A length that is the same every time; nothing for months and business time.
std::optional<std::int64_t> fixed_length(const ast::Duration& duration) {
  if (duration.business || duration.calendar || duration.unit >= ast::Unit::month) return std::nullopt;
  constexpr std::int64_t kUnits[] = {value::kSecond, value::kMinute, value::kHour, value::kDay,
                                     7 * value::kDay};
  return duration.count * kUnits[static_cast<std::size_t>(duration.unit)];
}

/// `marketing 4 per 7 days per contact`
std::optional<bytecode::SendLimit> limit_of(const std::vector<ast::Atom>& atoms) {
  const bool shaped = atoms.size() == 6 && is_word(atoms, 2, "per") && is_word(atoms, 4, "per") &&
                      is_word(atoms, 5, "contact");
  if (!shaped || !word_of(atoms[0])) return std::nullopt;
  bytecode::SendLimit limit;
  const auto* known = std::find_if(std::begin(kClasses), std::end(kClasses),
                                   [&](const auto& row) { return row.first == *word_of(atoms[0]); });
  const auto most = count_of(atoms[1]);
  const auto* duration = policy_literal<ast::Duration>(atoms[3]);
  const auto per = duration ? fixed_length(*duration) : std::nullopt;
  if (known == std::end(kClasses) || !most || !per) return std::nullopt;
  if (*most > bytecode::kMostLimited || *per < 1 || *per > bytecode::kLongestLimit) return std::nullopt;
  limit.mail_class = known->second;
  limit.most = static_cast<std::uint32_t>(*most);
  limit.per = *per;
  return limit;
}

std::optional<std::uint32_t> marketing_contacts_of(const std::vector<ast::Atom>& atoms) {
  const bool shaped = atoms.size() == 4 && is_word(atoms, 0, "contacts") && is_word(atoms, 1, "at") &&
                      is_word(atoms, 2, "most");
  const auto most = shaped ? count_of(atoms[3]) : std::nullopt;
  if (!most || *most >= kNone) return std::nullopt;
  return static_cast<std::uint32_t>(*most);
}

/// `21:00..08:00 in contact.timezone else "Asia/Tokyo"`
std::optional<QuietHours> quiet_hours_of(const ast::Field& field) {
  const auto& atoms = field.atoms;
  const auto* hours = !atoms.empty() ? std::get_if<ast::TimeRange>(&atoms[0].value) : nullptr;
  if (!hours || hours->from % (24 * 60) == hours->to % (24 * 60)) return std::nullopt;
  if (atoms.size() != 1 && (atoms.size() != 3 || !is_word(atoms, 1, "in"))) return std::nullopt;
  QuietHours quiet;
  quiet.from = hours->from % (24 * 60);
  quiet.to = hours->to % (24 * 60);
  quiet.span = field.span;
  if (atoms.size() == 1) return quiet;
  ast::ZoneClause zone;
  zone.span = atoms[2].span;
  const ast::Atom* first = &atoms[2];
  if (const auto* either = std::get_if<ast::ElseAtom>(&first->value)) {
    if (!text_of(*either->second)) return std::nullopt;
    zone.zone = *text_of(*either->second);
    first = either->first.get();
  } else if (const std::string* text = text_of(*first)) {
    zone.zone = *text;
    quiet.zone = std::move(zone);
    return quiet;
  }
  if (!path_of(*first)) return std::nullopt;
  zone.property = *path_of(*first);
  quiet.zone = std::move(zone);
  return quiet;
}

void report_unreadable(text::DiagnosticSink& sink, const ast::Field& field, const char* expected) {
  sink.report(text::Code::invalid_field, field.span, "`" + field.name.text + "` of a policy cannot be read")
      .primary.text = std::string("expected ") + expected;
}

}  // namespace

void Builder::declare_policy(const ast::ResourceDecl& decl) {
  for (const Policy& other : schema_.policies) {
    if (other.decl->name.text == decl.name.text)
      return report_duplicate(sink_, decl.name.span, other.decl->name.span, "policy", decl.name.text), void();
  }
  Policy policy;
  policy.decl = &decl;
  bytecode::Policy& out = schema_.catalogue.policies.emplace_back();
  out.name = decl.name.text;
  for (const ast::Field& field : decl.fields) read_policy_field(field, policy, out);
  schema_.policies.push_back(std::move(policy));
}

void Builder::read_policy_field(const ast::Field& field, Policy& policy, bytecode::Policy& out) {
  const std::string& name = field.name.text;
  if (name == "limit") {
    if (const auto limit = limit_of(field.atoms)) return out.limits.push_back(*limit);
    return report_unreadable(sink_, field, "a line such as `limit marketing 4 per 7 days per contact`");
  }
  if (name == "quiet") {
    if (auto quiet = quiet_hours_of(field)) return policy.quiet.push_back(std::move(*quiet));
    return report_unreadable(
        sink_, field, "hours and a zone such as `21:00..08:00 in contact.timezone else \"Asia/Tokyo\"`");
  }
  if (name == "marketing") {
    const auto most = marketing_contacts_of(field.atoms);
    if (!most) return report_unreadable(sink_, field, "`marketing contacts at most 2000`");
    out.marketing_contacts = std::min(out.marketing_contacts, *most);
    return;
  }
  report_unknown(sink_, text::Code::unknown_field, field.name.span, "a policy has no field `" + name + "`",
                 name, {"limit", "quiet", "marketing"});
}

void Builder::declare_experiments(const ast::Block& steps) {
  ast::each_step(steps, [&](const ast::Step& step) {
    const auto* experiment = std::get_if<ast::Experiment>(&step.node);
    if (!experiment) return;
    const std::size_t before = schema_.catalogue.experiments.size();
    declare_resource_name(ResourceKind::experiment, experiment->name, nullptr);
    if (schema_.catalogue.experiments.size() == before) return;
    schema_.experiments.push_back(experiment);
    for (const ast::Experiment::Arm& arm : experiment->arms) {
      auto& out = schema_.catalogue.experiments.back().arms.emplace_back();
      out.name = arm.name.text;
      out.is_holdout = arm.is_holdout;
    }
  });
}

}  // namespace wf::schema
