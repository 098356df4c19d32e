// Lines of tests that say what happens: events, changes, memberships, and the rest in words.
#include "compiler/schema/atoms.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/campaigns.hpp"
#include "compiler/sema/events.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/test_words.hpp"
#include "compiler/sema/tests.hpp"

namespace wf::sema {
namespace {

using value::Value;

bool check_event_field(Context& context, TestRecords& records, const ast::Field& field, std::uint32_t object,
                       TestOccurs& occurs) {
  const auto& parameters = context.catalogue().events[occurs.event].parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].name != field.name.text) continue;
    auto value = records.constant(field.atoms, field.span, parameters[i].type, field.name.text);
    if (value) occurs.parameters.emplace_back(static_cast<std::uint32_t>(i), *value);
    return value.has_value();
  }
  const auto property = check_test_property(context, object, field.name);
  if (!property) return false;
  const Type& type = context.catalogue().objects[object].properties[*property].type;
  auto value = records.constant(field.atoms, field.span, type, field.name.text);
  if (value) occurs.properties.emplace_back(*property, *value);
  return value.has_value();
}

std::optional<Value> changed_value(Context& context, TestRecords& records, const ast::Expr& expression,
                                   std::uint32_t object, std::uint32_t property) {
  const bytecode::Property& p = context.catalogue().objects[object].properties[property];
  if (const auto* path = std::get_if<ast::PathExpr>(&expression.node)) {
    std::vector<ast::Atom> atoms;
    atoms.push_back({path->path, expression.span});
    return records.constant(atoms, expression.span, p.type, p.name);
  }
  const auto constant = schema::constant_of(expression, p.type, context.catalogue(), records.zone());
  if (constant.value) return constant.value;
  context.sink.report(Code::type_mismatch, expression.span, "this is no value of `" + p.name + "`")
      .primary.text = "expected " + schema::with_article(schema::type_name(p.type, context.catalogue()));
  return std::nullopt;
}

// ---- in words ----

struct Words {
  Context& context;
  TestRecords& records;
  const WordForms::Match& match;

  std::uint32_t record(std::string_view slot) const {
    return records.find(schema::path_of(*match.slot(slot))->parts[0]);
  }
  std::uint32_t resource(std::string_view slot, ResourceKind kind) const {
    return resolve_resource(context, kind, *schema::reference_of(*match.slot(slot))->name);
  }
};

std::optional<TestNode> topic_change(const Words& words, bool subscribe) {
  const TestTopic change{subscribe, words.record("record"), words.resource("topic", ResourceKind::topic)};
  if (change.record == kNone || change.topic == kNone) return std::nullopt;
  return change;
}
std::optional<TestNode> subscribe(const Words& words) {
  return topic_change(words, true);
}
std::optional<TestNode> unsubscribe(const Words& words) {
  return topic_change(words, false);
}
std::optional<TestNode> enrolment(const Words& words, bool enroll) {
  const TestEnroll change{enroll, words.record("record"),
                          resolve_workflow(words.context, *words.match.slot("workflow"))};
  if (change.record == kNone || change.workflow == kNone) return std::nullopt;
  return change;
}
std::optional<TestNode> enroll(const Words& words) {
  return enrolment(words, true);
}
std::optional<TestNode> unenroll(const Words& words) {
  return enrolment(words, false);
}
std::optional<TestNode> allow_others(const Words&) {
  return TestAllowOthers{};
}

std::optional<TestNode> remove(const Words& words) {
  const TestDelete gone{words.record("record")};
  if (gone.record == kNone) return std::nullopt;
  return gone;
}

/// Each line in words: its form, and what it becomes.
struct HappeningRow {
  const char* phrase;
  std::optional<TestNode> (*check)(const Words& words);
};
constexpr HappeningRow kHappenings[] = {
    {"subscribe {record: name} to {topic: topic}", subscribe},
    {"unsubscribe {record: name} from {topic: topic}", unsubscribe},
    {"enroll {record: name} in {workflow: workflow or sequence}", enroll},
    {"unenroll {record: name} from {workflow: workflow or sequence or record}", unenroll},
    {"delete {record: name}", remove},
    {"allow others", allow_others},
};

const WordForms& happening_forms() {
  static const WordForms all = [] {
    std::vector<std::string> phrases;
    for (const HappeningRow& row : kHappenings) phrases.emplace_back(row.phrase);
    return WordForms(phrases);
  }();
  return all;
}

}  // namespace

std::optional<TestNode> check_occurs(Context& context, TestRecords& records, const ast::TestOccurs& source) {
  if (!source.by) {
    context.sink.report(Code::missing_field, source.event.span, "whose event is this?")
        .helps.push_back("name the record: `" + std::string(context.sources.text(source.event.span)) +
                         " by taro`");
    return std::nullopt;
  }
  TestOccurs occurs;
  occurs.record = records.find(*source.by);
  if (occurs.record == kNone) return std::nullopt;
  Scope scope;
  scope.object = records.object(occurs.record);
  const auto use = resolve_event(context, scope, source.event);
  if (!use) return std::nullopt;
  occurs.event = use->match.event;
  for (const auto& filter : use->match.filters)
    occurs.parameters.emplace_back(filter.parameter, filter.value);
  bool ok = true;
  for (const ast::Field& field : source.data.fields)
    ok = check_event_field(context, records, field, scope.object, occurs) && ok;
  if (!ok) return std::nullopt;
  return occurs;
}

std::optional<TestNode> check_change(Context& context, TestRecords& records, const ast::TestChange& source) {
  if (source.target.parts.size() != 2) {
    context.sink.report(Code::phrase_mismatch, source.target.span,
                        "expected a property such as `taro.lead_score`");
    return std::nullopt;
  }
  TestSet set;
  set.record = records.find(source.target.parts[0]);
  if (set.record == kNone) return std::nullopt;
  const std::uint32_t object = records.object(set.record);
  const auto property = check_test_property(context, object, source.target.parts[1]);
  if (!property) return std::nullopt;
  set.property = *property;
  const auto value = changed_value(context, records, *source.value, object, *property);
  if (!value) return std::nullopt;
  set.value = *value;
  return set;
}

std::optional<TestNode> check_membership(Context& context, TestRecords& records,
                                         const ast::TestMembership& source) {
  TestMember member;
  member.add = source.add;
  member.record = records.find(source.record);
  const auto reference = schema::reference_of(source.list);
  if (!reference || !has_member_list(reference->kind)) {
    context.sink.report(Code::type_mismatch, source.list.span, "only a list has members").primary.text =
        "expected `list.name` or `campaign.name`";
    return std::nullopt;
  }
  if (!member.add && reference->kind == ResourceKind::campaign) {
    context.sink.report(Code::misplaced, source.list.span, "whoever is a target of a campaign stays one");
    return std::nullopt;
  }
  const std::uint32_t index = resolve_resource(context, reference->kind, *reference->name);
  if (member.record == kNone || index == kNone) return std::nullopt;
  member.list = member_list(context, reference->kind, index);
  return member;
}

std::optional<TestNode> check_happening(Context& context, TestRecords& records, const ast::Action& source,
                                        Span span) {
  if (const auto match = happening_forms().match(source.atoms)) {
    return kHappenings[match->row].check({context, records, *match});
  }
  auto& d = context.sink.report(Code::phrase_mismatch, span, "this is no line of a test");
  const std::string* first = source.atoms.empty() ? nullptr : schema::word_of(source.atoms[0]);
  if (first && *first == "expect") {
    d.helps.push_back("say when it is looked at: `at +1h expect …`, or `finally expect …`");
    return std::nullopt;
  }
  for (const HappeningRow& row : kHappenings) {
    if (first && std::string_view(row.phrase).starts_with(*first + " ")) d.notes.emplace_back(row.phrase);
  }
  if (d.notes.empty()) {
    for (const HappeningRow& row : kHappenings) d.notes.emplace_back(row.phrase);
  }
  return std::nullopt;
}

}  // namespace wf::sema
