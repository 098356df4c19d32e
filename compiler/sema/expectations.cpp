// `expect` lines made of words: the forms they can have.
#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/tests.hpp"

namespace wf::sema {
namespace {

struct FormRow {
  Expectation what;
  bool behind_record;  ///< the name of a record stands before the phrase
  std::string_view phrase;
};
constexpr FormRow kForms[] = {
    {Expectation::sent, false, "sent {email: email} to {record: name}"},
    {Expectation::refused, false, "refused {email: email} to {record: name} [because {word: name}]"},
    {Expectation::task, false, "task [{title: text}] [for {record: name}]"},
    {Expectation::notified, false, "notified [{who: user or team}] [using {message: message}]"},
    {Expectation::called, false, "called {webhook: webhook}"},
    {Expectation::enrolled, true, "enrolled in {workflow: workflow}"},
    {Expectation::ended, true, "ended {workflow: workflow} as {word: name}"},
    {Expectation::member, true, "in {list: list}"},
};

struct ParsedForm {
  const FormRow* row;
  schema::Phrase phrase;
};

const std::vector<ParsedForm>& parsed_forms() {
  static const std::vector<ParsedForm> all = [] {
    std::vector<ParsedForm> result;
    for (const FormRow& row : kForms) {
      auto parsed = schema::parse_phrase(row.phrase, {});
      WF_ASSERT(std::holds_alternative<schema::Phrase>(parsed));
      result.push_back({&row, std::move(std::get<schema::Phrase>(parsed))});
    }
    return result;
  }();
  return all;
}

/// The slots of the form that the atoms fit.
struct Matched {
  const ParsedForm* form = nullptr;
  std::vector<const ast::Atom*> slots;

  const ast::Atom* slot(std::string_view name) const {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (form->phrase.slots[i].name == name) return slots[i];
    }
    return nullptr;
  }
};

Matched match(const std::vector<ast::Atom>& atoms, bool behind_record) {
  Matched best;
  const schema::Form* best_form = nullptr;
  for (const ParsedForm& candidate : parsed_forms()) {
    if (candidate.row->behind_record != behind_record) continue;
    for (const schema::Form& form : candidate.phrase.forms) {
      schema::Fit fit = schema::fit(candidate.phrase, form, atoms);
      if (!fit.complete || (best_form && !schema::beats(form, *best_form))) continue;
      best.form = &candidate;
      best.slots = std::move(fit.slots);
      best_form = &form;
    }
  }
  return best;
}

std::optional<TestExpect> report_no_form(Context& context, Span span) {
  auto& d = context.sink.report(Code::phrase_mismatch, span, "this is nothing that can be expected");
  for (const FormRow& row : kForms) {
    const std::string record = row.behind_record ? "{record} " : "";
    d.notes.push_back("expect " + record + std::string(row.phrase));
  }
  return std::nullopt;
}

class ExpectationCheck {
 public:
  ExpectationCheck(Context& context, TestRecords& records, Matched matched, TestExpect expect)
      : context_(context), records_(records), matched_(std::move(matched)), expect_(std::move(expect)) {}

  std::optional<TestExpect> run() {
    expect_.what = matched_.form->row->what;
    resource("email", ResourceKind::email);
    resource("message", ResourceKind::message);
    resource("webhook", ResourceKind::webhook);
    resource("workflow", ResourceKind::workflow);
    resource("list", ResourceKind::list);
    if (const ast::Atom* record = matched_.slot("record")) {
      expect_.record = records_.find(schema::path_of(*record)->parts[0]);
      ok_ = ok_ && expect_.record != kNone;
    }
    if (const ast::Atom* title = matched_.slot("title")) take_title(*title);
    if (const ast::Atom* who = matched_.slot("who")) take_person(*who);
    if (const ast::Atom* word = matched_.slot("word")) take_word(*word);
    if (!ok_) return std::nullopt;
    return expect_;
  }

 private:
  void resource(std::string_view slot, ResourceKind kind) {
    const ast::Atom* atom = matched_.slot(slot);
    if (!atom) return;
    expect_.resource = resolve_resource(context_, kind, *schema::reference_of(*atom)->name);
    ok_ = ok_ && expect_.resource != kNone;
  }

  void take_title(const ast::Atom& title) {
    if (const std::string* text = schema::text_of(title)) {
      expect_.word = *text;
      return;
    }
    context_.sink.report(Code::phrase_mismatch, title.span, "the title of a task is a text in quotes");
    ok_ = false;
  }

  void take_person(const ast::Atom& who) {
    const auto reference = schema::reference_of(who);
    if (!reference) {
      context_.sink.report(Code::phrase_mismatch, who.span, "expected `user.name` or `team.name`");
      ok_ = false;
      return;
    }
    ok_ = ok_ && resolve_resource(context_, reference->kind, *reference->name) != kNone;
    expect_.word = schema::path_text(*schema::path_of(who));
  }

  void take_word(const ast::Atom& atom) {
    expect_.word = *schema::word_of(atom);
    if (expect_.what != Expectation::ended) return;
    std::vector<std::string> reasons;
    for (int i = 0; i <= static_cast<int>(bytecode::EndReason::restarted); ++i) {
      reasons.emplace_back(bytecode::to_string(static_cast<bytecode::EndReason>(i)));
    }
    if (std::find(reasons.begin(), reasons.end(), expect_.word) != reasons.end()) return;
    schema::report_unknown(context_.sink, Code::unknown_name, atom.span,
                           "no enrolment ends as `" + expect_.word + "`", expect_.word, reasons);
    ok_ = false;
  }

  Context& context_;
  TestRecords& records_;
  Matched matched_;
  TestExpect expect_;
  bool ok_ = true;
};

}  // namespace

std::optional<TestExpect> check_expectation(Context& context, TestRecords& records,
                                            const ast::TestExpectAtoms& source, Span span) {
  TestExpect expect;
  expect.negated = source.negated;
  if (source.atoms.empty()) return report_no_form(context, span);
  const std::string* first = schema::word_of(source.atoms[0]);
  if (Matched matched = match(source.atoms, false); matched.form) {
    return ExpectationCheck(context, records, std::move(matched), expect).run();
  }
  std::vector<ast::Atom> rest;
  // Atoms cannot be copied; those that a form behind a record takes are paths.
  for (std::size_t i = 1; i < source.atoms.size(); ++i) {
    const ast::Path* path = schema::path_of(source.atoms[i]);
    if (!path) return report_no_form(context, span);
    rest.push_back({*path, source.atoms[i].span});
  }
  Matched matched = match(rest, true);
  if (!first || !matched.form) return report_no_form(context, span);
  expect.record = records.find(schema::path_of(source.atoms[0])->parts[0]);
  if (expect.record == kNone) return std::nullopt;
  return ExpectationCheck(context, records, std::move(matched), expect).run();
}

}  // namespace wf::sema
