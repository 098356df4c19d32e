#include "compiler/sema/tests.hpp"

#include <algorithm>
#include <map>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/steps.hpp"

namespace wf::sema {
namespace {

using value::Kind;

class TestCheck {
 public:
  TestCheck(Context& context, const ast::TestDecl& decl, Span span)
      : context_(context), decl_(decl), records_(context, test_) {
    test_.title = decl.title;
    test_.title_span = decl.title_span;
    test_.span = span;
  }

  Test run() {
    // Records may refer to each other, whatever their order.
    for (const ast::TestLine& line : decl_.lines) {
      if (auto* n = std::get_if<ast::TestGiven>(&line.node)) declare(*n, line);
    }
    for (const ast::TestLine& line : decl_.lines) check_line(line);
    if (!start_) {
      context_.sink.report(Code::missing_field, decl_.title_span, "the test does not say when it starts")
          .helps.push_back("write `start 2026-03-02T09:00 in \"Asia/Tokyo\"`");
    }
    return std::move(test_);
  }

 private:
  using Node = TestNode;

  void check_line(const ast::TestLine& line) {
    if (auto* n = std::get_if<ast::TestStart>(&line.node)) return check_start(*n, line.span);
    auto node = check_node(line);
    if (!node) return;
    TestLine out;
    out.when = line.when;
    out.offset = line.offset;
    out.node = std::move(*node);
    out.label = label_of(context_.sources, line.what);
    out.span = line.span;
    out.what = line.what;
    test_.lines.push_back(std::move(out));
  }

  std::optional<Node> check_node(const ast::TestLine& line) {
    if (auto* n = std::get_if<ast::TestGiven>(&line.node)) return check_given(*n, line);
    if (auto* n = std::get_if<ast::TestAnswers>(&line.node)) return check_answers(*n);
    if (auto* n = std::get_if<ast::TestVariant>(&line.node)) return check_variant(context_, records_, *n);
    if (auto* n = std::get_if<ast::TestOccurs>(&line.node)) return check_occurs(context_, records_, *n);
    if (auto* n = std::get_if<ast::TestChange>(&line.node)) return check_change(context_, records_, *n);
    if (auto* n = std::get_if<ast::TestMembership>(&line.node))
      return check_membership(context_, records_, *n);
    if (auto* n = std::get_if<ast::TestExpectAtoms>(&line.node)) {
      return check_expectation(context_, records_, *n, line.span);
    }
    if (auto* n = std::get_if<ast::TestExpectThat>(&line.node)) return check_that(context_, records_, *n);
    if (auto* n = std::get_if<ast::TestExpectLimit>(&line.node)) {
      return check_limit(context_, records_, *n, line.span);
    }
    return check_happening(context_, records_, std::get<ast::Action>(line.node), line.span);
  }

  void check_start(const ast::TestStart& start, Span span) {
    if (start_) {
      auto& d = context_.sink.report(Code::duplicate_name, span, "a test starts once");
      d.secondary.push_back({*start_, "first here"});
      return;
    }
    start_ = span;
    test_.zone = start.zone.value_or(context_.zone());
    if (!value::zone_exists(test_.zone)) {
      context_.sink.report(Code::no_such_zone, span, "there is no zone `" + test_.zone + "`");
      return;
    }
    test_.start = value::to_instant(start.local, test_.zone);
  }

  void declare(const ast::TestGiven& given, const ast::TestLine& line) {
    TestRecord record;
    record.name = given.name.text;
    record.given = line.when != ast::TestLine::When::at;
    record.existing = given.existing;
    record.object = context_.catalogue().find_object(given.object.text);
    if (record.object == kNone) {
      records_.add_broken(record.name);
      schema::report_unknown(context_.sink, Code::unknown_name, given.object.span,
                             "no object is named `" + given.object.text + "`", given.object.text,
                             context_.schema.object_names());
      return;
    }
    if (records_.has(record.name)) {
      context_.sink.report(Code::duplicate_name, given.name.span,
                           "the test gives the record `" + record.name + "` twice");
      return;
    }
    declared_.emplace(&given, static_cast<std::uint32_t>(test_.records.size()));
    test_.records.push_back(std::move(record));
  }

  std::optional<Node> check_given(const ast::TestGiven& given, const ast::TestLine& line) {
    const auto found = declared_.find(&given);
    if (found == declared_.end()) return std::nullopt;
    TestRecord& record = test_.records[found->second];
    for (const ast::Field& field : given.data.fields) check_given_field(field, record);
    if (line.when != ast::TestLine::When::at) return std::nullopt;
    return TestCreate{found->second};
  }

  /// `contacts (taro, hanako)`: the other side of an association. False when the name is none.
  bool check_associated(const ast::Field& field, TestRecord& record) {
    const auto& inverses = context_.catalogue().objects[record.object].inverses;
    const auto inverse = std::find_if(inverses.begin(), inverses.end(),
                                      [&](const bytecode::Inverse& i) { return i.name == field.name.text; });
    if (inverse == inverses.end()) return false;
    const auto* list = field.atoms.size() == 1 ? std::get_if<ast::AtomList>(&field.atoms[0].value) : nullptr;
    const std::vector<ast::Atom>& names = list ? list->items : field.atoms;
    for (const ast::Atom& atom : names) {
      if (!schema::word_of(atom)) {
        context_.sink.report(Code::type_mismatch, atom.span, "this is no value of `" + field.name.text + "`")
            .primary.text = "expected records of the test, as in `(taro, hanako)`";
        continue;
      }
      const auto other =
          records_.record_value(schema::path_of(atom)->parts[0], type_of(Kind::ref, false, inverse->object));
      if (other) link(static_cast<std::uint32_t>(other->as_key()), inverse->property, record);
    }
    return true;
  }

  /// Of two records that are given, the one that holds the association has it from the start.
  void link(std::uint32_t other, std::uint32_t property, TestRecord& record) {
    const auto self = static_cast<std::uint32_t>(&record - test_.records.data());
    if (record.given && test_.records[other].given) {
      test_.records[other].data.properties.emplace_back(property, value::Value::ref(record.object, self));
    } else {
      record.data.linked_from.emplace_back(other, property);
    }
  }

  void check_given_field(const ast::Field& field, TestRecord& record) {
    if (field.name.text == "marketing") {
      auto value = records_.constant(field.atoms, field.span, type_of(Kind::boolean), "marketing");
      if (value && !value->is_unknown()) record.data.marketing = value->as_boolean();
      return;
    }
    if (check_associated(field, record)) return;
    auto property = check_test_property(context_, record.object, field.name);
    if (!property) return;
    const Type& type = context_.catalogue().objects[record.object].properties[*property].type;
    auto value = records_.constant(field.atoms, field.span, type, field.name.text);
    if (value) record.data.properties.emplace_back(*property, std::move(*value));
  }

  std::optional<Node> check_answers(const ast::TestAnswers& source) {
    TestAnswers answers;
    const auto reference = schema::reference_of(source.webhook);
    if (!reference || reference->kind != ResourceKind::webhook) {
      context_.sink.report(Code::type_mismatch, source.webhook.span, "only a webhook answers").primary.text =
          "expected `webhook.name`";
      return std::nullopt;
    }
    answers.webhook = resolve_resource(context_, ResourceKind::webhook, *reference->name);
    bool ok = answers.webhook != kNone;
    for (const ast::Literal& literal : source.answers) {
      const auto* number = std::get_if<ast::Number>(&literal.value);
      const std::int64_t status = number && !number->has_point ? number->micros / value::kMicro : 0;
      if (status >= 100 && status <= 599) {
        answers.statuses.push_back(static_cast<int>(status));
        continue;
      }
      context_.sink.report(Code::out_of_range, literal.span, "an answer is an HTTP status from 100 to 599");
      ok = false;
    }
    if (!ok) return std::nullopt;
    for (const auto& body : source.bodies) {
      answers.bodies.emplace_back();
      if (body) ok = check_answer_body(context_, *body, answers.bodies.back()) && ok;
    }
    if (!ok) return std::nullopt;
    return answers;
  }

  Context& context_;
  const ast::TestDecl& decl_;
  Test test_;
  TestRecords records_;
  std::map<const ast::TestGiven*, std::uint32_t> declared_;
  std::optional<Span> start_;
};

}  // namespace

void check_test(Context& context, std::uint32_t index) {
  context.module.tests.push_back(
      TestCheck(context, *context.schema.tests[index], context.schema.test_spans[index]).run());
}

}  // namespace wf::sema
