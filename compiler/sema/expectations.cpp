// `expect` lines made of words: the forms they can have.
#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/campaigns.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/test_words.hpp"
#include "compiler/sema/tests.hpp"

namespace wf::sema {
namespace {

using value::Value;

class Words;

/// Each form: what it expects and how it reads. What a slot holds is told by its name: `record`, `person`,
/// `subject`, `fields`, `due`, `due_in`, `times`, `word`, `title`, and the kinds of resources.
struct ExpectRow {
  Expectation what;
  const char* phrase;
};
constexpr ExpectRow kForms[] = {
    {Expectation::sent,
     "sent {email: email} to {record: name} [with subject {subject: text}] [{times: number} times]"},
    {Expectation::refused, "refused {email: email} to {record: name} [because {word: name}]"},
    {Expectation::task,
     "task [{title: text}] [for {record: name}] [assigned to {person: user or team}] [due in {due_in: "
     "duration}] "
     "[due {due: date}]"},
    {Expectation::notified,
     "notified [{person: user or team}] [about {record: name}] [using {message: message}] "
     "[with subject {subject: text}]"},
    {Expectation::called,
     "called {webhook: webhook} [for {record: name}] [with {fields: fields}] [{times: number} times]"},
    {Expectation::nothing, "nothing [for {record: name}]"},
    {Expectation::winner, "winner {word: name} of {experiment: experiment}"},
    {Expectation::marketing_refused, "refused marketing of {record: name} [because {word: name}]"},
};
/// The name of a record stands before these. `completed`, `goal_met` and the other ends have forms as well.
constexpr ExpectRow kFormsBehindRecord[] = {
    {Expectation::enrolled, "enrolled in {workflow: workflow or sequence or record}"},
    {Expectation::ended, "ended {workflow: workflow or sequence or record} as {word: name}"},
    {Expectation::subscribed, "subscribed to {topic: topic}"},
    {Expectation::variant, "in variant {word: name} of {experiment: experiment}"},
    {Expectation::variant, "in {word: name} of {experiment: experiment}"},
    {Expectation::marketing, "marketing"},
};
/// Those that are conditions over the record.
constexpr const char* kConditions[] = {"in {set: list or segment or campaign or audience}",
                                       "has tag {tag: name}"};

std::vector<std::string> end_reasons() {
  std::vector<std::string> all;
  for (int i = 0; i <= static_cast<int>(bytecode::kLastEndReason); ++i) {
    all.emplace_back(bytecode::to_string(static_cast<bytecode::EndReason>(i)));
  }
  return all;
}

std::vector<std::string> phrases_of(const ExpectRow* begin, const ExpectRow* end) {
  std::vector<std::string> phrases;
  for (const ExpectRow* row = begin; row != end; ++row) phrases.emplace_back(row->phrase);
  return phrases;
}

const WordForms& forms() {
  static const WordForms all(phrases_of(std::begin(kForms), std::end(kForms)));
  return all;
}

const WordForms& forms_behind_record() {
  static const WordForms all = [] {
    auto phrases = phrases_of(std::begin(kFormsBehindRecord), std::end(kFormsBehindRecord));
    for (const std::string& reason : end_reasons())
      phrases.push_back(reason + " {workflow: workflow or sequence or record}");
    return WordForms(phrases);
  }();
  return all;
}

const WordForms& conditions() {
  static const WordForms all({std::begin(kConditions), std::end(kConditions)});
  return all;
}

std::optional<TestNode> report_no_form(Context& context, Span span) {
  auto& d = context.sink.report(Code::phrase_mismatch, span, "this is nothing that can be expected");
  const auto note = [&](const char* phrase, const char* record) {
    d.notes.push_back(std::string("expect ") + record + phrase);
  };
  for (const ExpectRow& row : kForms) note(row.phrase, "");
  for (const ExpectRow& row : kFormsBehindRecord) note(row.phrase, "{record} ");
  for (const char* phrase : kConditions) note(phrase, "{record} ");
  return std::nullopt;
}

/// Fills an expectation from the slots of its form.
class ExpectationCheck {
 public:
  ExpectationCheck(Context& context, TestRecords& records, const WordForms::Match& match, TestExpect expect)
      : context_(context), records_(records), match_(match), expect_(std::move(expect)) {}

  std::optional<TestNode> run() {
    resource("email", ResourceKind::email);
    resource("message", ResourceKind::message);
    resource("webhook", ResourceKind::webhook);
    resource("topic", ResourceKind::topic);
    resource("experiment", ResourceKind::experiment);
    if (const ast::Atom* workflow = match_.slot("workflow")) {
      expect_.resource = resolve_workflow(context_, *workflow);
      ok_ = ok_ && expect_.resource != kNone;
    }
    if (const ast::Atom* record = match_.slot("record")) {
      expect_.record = records_.find(schema::path_of(*record)->parts[0]);
      ok_ = ok_ && expect_.record != kNone;
    }
    if (const ast::Atom* title = match_.slot("title")) take_text(*title, "title", expect_.word);
    if (const ast::Atom* subject = match_.slot("subject")) {
      take_text(*subject, "subject", expect_.subject.emplace());
    }
    if (const ast::Atom* person = match_.slot("person")) take_person(*person);
    if (const ast::Atom* word = match_.slot("word")) take_word(*word);
    if (const ast::Atom* fields = match_.slot("fields")) take_fields(std::get<ast::AtomList>(fields->value));
    if (const ast::Atom* due = match_.slot("due")) take_due(*due);
    if (const ast::Atom* due = match_.slot("due_in")) take_due_in(*due);
    if (const ast::Atom* times = match_.slot("times")) take_times(*times);
    if (!ok_) return std::nullopt;
    return expect_;
  }

 private:
  void refuse(Span span, const std::string& message) {
    context_.sink.report(Code::phrase_mismatch, span, message);
    ok_ = false;
  }

  void resource(std::string_view slot, ResourceKind kind) {
    const ast::Atom* atom = match_.slot(slot);
    if (!atom) return;
    expect_.resource = resolve_resource(context_, kind, *schema::reference_of(*atom)->name);
    ok_ = ok_ && expect_.resource != kNone;
  }

  void take_text(const ast::Atom& atom, const std::string& what, std::string& into) {
    const std::string* text = schema::text_of(atom);
    if (!text) return refuse(atom.span, "a " + what + " is a text in quotes");
    into = *text;
  }

  void take_person(const ast::Atom& person) {
    const auto reference = schema::reference_of(person);
    if (!reference) return refuse(person.span, "expected `user.name` or `team.name`");
    ok_ = resolve_resource(context_, reference->kind, *reference->name) != kNone && ok_;
    expect_.person = schema::path_text(*schema::path_of(person));
  }

  void take_word(const ast::Atom& atom) {
    expect_.word = *schema::word_of(atom);
    const bool of_arm = expect_.what == Expectation::variant || expect_.what == Expectation::winner;
    if (of_arm && expect_.resource != kNone) {
      ok_ = ok_ && resolve_arm(context_, expect_.resource, schema::path_of(atom)->parts[0]) != kNone;
    }
    if (expect_.what != Expectation::ended) return;
    const std::vector<std::string> reasons = end_reasons();
    if (std::find(reasons.begin(), reasons.end(), expect_.word) != reasons.end()) return;
    schema::report_unknown(context_.sink, Code::unknown_name, atom.span,
                           "no enrolment ends as `" + expect_.word + "`", expect_.word, reasons);
    ok_ = false;
  }

  /// `(email "taro@example.com", lead_score 5)`.
  void take_fields(const ast::AtomList& list) {
    for (const ast::Atom& item : list.items) {
      const auto* pair = std::get_if<ast::AtomList>(&item.value);
      const std::string* name = pair && pair->items.size() == 2 ? schema::word_of(pair->items[0]) : nullptr;
      if (!name) {
        refuse(item.span, "a field of the call is its name and its value");
        continue;
      }
      const auto value = field_value(pair->items[1]);
      if (!value) {
        refuse(pair->items[1].span, "the value of a field is a text, a number, a name, `true` or `false`");
        continue;
      }
      expect_.fields.emplace_back(*name, *value);
    }
  }

  /// Names stand for themselves: an enum's value is a text in the body of a call.
  static std::optional<Value> field_value(const ast::Atom& atom) {
    if (const std::string* word = schema::word_of(atom)) {
      return *word == "unknown" ? Value() : Value::text(*word);
    }
    if (const std::string* text = schema::text_of(atom)) return Value::text(*text);
    const auto* literal = std::get_if<ast::Literal>(&atom.value);
    if (!literal) return std::nullopt;
    if (const auto* flag = std::get_if<ast::Bool>(&literal->value)) return Value::boolean(flag->value);
    const auto* number = std::get_if<ast::Number>(&literal->value);
    if (!number || number->percent) return std::nullopt;
    return Value::decimal(number->micros);
  }

  void take_due(const ast::Atom& atom) {
    const auto* literal = std::get_if<ast::Literal>(&atom.value);
    if (const auto* date = literal ? std::get_if<ast::Date>(&literal->value) : nullptr) {
      expect_.due = value::to_instant(date->days, 0, records_.zone());
    } else if (const auto* local = literal ? std::get_if<ast::LocalDateTime>(&literal->value) : nullptr) {
      expect_.due = value::to_instant(local->civil, records_.zone());
    } else {
      refuse(atom.span, "expected a date or a date and time, such as 2026-03-06T18:00");
    }
  }

  void take_due_in(const ast::Atom& atom) {
    const auto* literal = std::get_if<ast::Literal>(&atom.value);
    const auto* duration = literal ? std::get_if<ast::Duration>(&literal->value) : nullptr;
    if (!duration) return refuse(atom.span, "expected a duration such as `2 days`");
    expect_.due_in = check_duration(context_, *duration, atom.span, false);
    ok_ = ok_ && expect_.due_in;
  }

  void take_times(const ast::Atom& atom) {
    const auto* literal = std::get_if<ast::Literal>(&atom.value);
    const auto* number = literal ? std::get_if<ast::Number>(&literal->value) : nullptr;
    const bool whole = number && !number->has_point && !number->percent && number->micros > 0;
    if (!whole) return refuse(atom.span, "expected a whole number above 0");
    expect_.times = number->micros / value::kMicro;
  }

  Context& context_;
  TestRecords& records_;
  const WordForms::Match& match_;
  TestExpect expect_;
  bool ok_ = true;
};

/// `taro in list.vip`, `taro has tag vip`: a condition over the record.
std::optional<TestNode> check_record_condition(Context& context, TestRecords& records, std::uint32_t record,
                                               const WordForms::Match& match, bool negated, Span span) {
  ast::Expr condition;
  condition.span = span;
  if (const ast::Atom* set = match.slot("set")) {
    condition.node = ast::Member{negated, *schema::path_of(*set)};
    return check_that(context, records, record, condition);
  }
  condition.node = ast::HasTag{schema::path_of(*match.slot("tag"))->parts[0]};
  if (!negated) return check_that(context, records, record, condition);
  ast::Expr opposite;
  opposite.span = span;
  opposite.node = ast::Not{std::make_unique<ast::Expr>(std::move(condition))};
  return check_that(context, records, record, opposite);
}

std::optional<TestNode> check_behind_record(Context& context, TestRecords& records,
                                            const ast::TestExpectAtoms& source, Span span) {
  const std::string* name = schema::word_of(source.atoms[0]);
  std::vector<ast::Atom> rest;
  // Atoms cannot be copied; those that a form behind a record takes are paths.
  for (std::size_t i = 1; i < source.atoms.size(); ++i) {
    const ast::Path* path = schema::path_of(source.atoms[i]);
    if (!path) return report_no_form(context, span);
    rest.push_back({*path, source.atoms[i].span});
  }
  const auto words = forms_behind_record().match(rest);
  const auto condition = conditions().match(rest);
  if (!name || (!words && !condition)) return report_no_form(context, span);
  const std::uint32_t record = records.find(schema::path_of(source.atoms[0])->parts[0]);
  if (record == kNone) return std::nullopt;
  if (condition) return check_record_condition(context, records, record, *condition, source.negated, span);
  TestExpect expect;
  expect.negated = source.negated;
  expect.record = record;
  if (words->row < std::size(kFormsBehindRecord)) {
    expect.what = kFormsBehindRecord[words->row].what;
  } else {
    expect.what = Expectation::ended;
    expect.word = end_reasons()[words->row - std::size(kFormsBehindRecord)];
  }
  return ExpectationCheck(context, records, *words, expect).run();
}

}  // namespace

std::optional<TestNode> check_expectation(Context& context, TestRecords& records,
                                          const ast::TestExpectAtoms& source, Span span) {
  if (source.atoms.empty()) return report_no_form(context, span);
  const auto match = forms().match(source.atoms);
  if (!match) return check_behind_record(context, records, source, span);
  TestExpect expect;
  expect.negated = source.negated;
  expect.what = kForms[match->row].what;
  return ExpectationCheck(context, records, *match, expect).run();
}

}  // namespace wf::sema
