#include "compiler/sema/tests.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/events.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/steps.hpp"

namespace wf::sema {

using value::Kind;
using value::Value;

std::uint32_t TestRecords::find(const ast::Name& name) {
  for (std::size_t i = 0; i < test_.records.size(); ++i) {
    if (test_.records[i].name == name.text) return static_cast<std::uint32_t>(i);
  }
  if (std::find(broken_.begin(), broken_.end(), name.text) != broken_.end()) return kNone;
  schema::report_unknown(context_.sink, Code::unknown_name, name.span,
                         "the test gives no record named `" + name.text + "`", name.text, names());
  return kNone;
}

bool TestRecords::has(const std::string& name) const {
  return std::any_of(test_.records.begin(), test_.records.end(),
                     [&](const TestRecord& record) { return record.name == name; });
}

std::vector<std::string> TestRecords::names() const {
  std::vector<std::string> all;
  for (const TestRecord& record : test_.records) all.push_back(record.name);
  return all;
}

std::optional<Value> TestRecords::record_value(const ast::Name& name, const Type& type) {
  const std::uint32_t record = find(name);
  if (record == kNone) return std::nullopt;
  if (object(record) == type.aux) return Value::ref(type.aux, record);
  const auto& objects = context_.catalogue().objects;
  context_.sink.report(
      Code::wrong_object, name.span,
      "`" + name.text + "` is a " + objects[object(record)].name + ", not a " + objects[type.aux].name);
  return std::nullopt;
}

std::optional<Value> TestRecords::refuse(Span span, const Type& type, const std::string& what) {
  context_.sink.report(Code::type_mismatch, span, "this is no value of `" + what + "`").primary.text =
      "expected " + schema::with_article(schema::type_name(type, context_.catalogue()));
  return std::nullopt;
}

std::optional<Value> TestRecords::constant(const std::vector<ast::Atom>& atoms, Span span, const Type& type,
                                           const std::string& what) {
  if (atoms.size() != 1) return refuse(span, type, what);
  const ast::Atom& atom = atoms[0];
  const std::string* word = schema::word_of(atom);
  if (word && *word == "unknown") return Value();
  if (type.kind == Kind::ref && word) return record_value(schema::path_of(atom)->parts[0], type);
  const auto found = schema::constant_of(atom, type, context_.catalogue(), context_.zone());
  if (found.value) return found.value;
  if (!found.unknown_name) return refuse(atom.span, type, what);
  if (type.kind == Kind::resource) {
    resolve_resource(context_, static_cast<ResourceKind>(type.aux), schema::path_of(atom)->parts[1]);
    return std::nullopt;
  }
  const bytecode::EnumType& names = context_.catalogue().enums[type.aux];
  const std::string name = word ? *word : *schema::text_of(atom);
  schema::report_unknown(context_.sink, Code::unknown_value, atom.span,
                         "`" + name + "` is not a value of `" + names.name + "`", name, names.values);
  return std::nullopt;
}

namespace {

/// The path that a condition starts with: it names the record.
const ast::Path* leftmost(const ast::Expr& e) {
  const auto of = [](const ast::ExprPtr& inner) { return inner ? leftmost(*inner) : nullptr; };
  if (auto* n = std::get_if<ast::PathExpr>(&e.node)) return &n->path;
  if (auto* n = std::get_if<ast::Compare>(&e.node)) return of(n->left) ? of(n->left) : of(n->right);
  if (auto* n = std::get_if<ast::OneOf>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::Known>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::Between>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::TextTest>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::AgeTest>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::EverBeen>(&e.node)) return of(n->left);
  if (auto* n = std::get_if<ast::Not>(&e.node)) return of(n->operand);
  if (auto* n = std::get_if<ast::Negate>(&e.node)) return of(n->operand);
  if (auto* n = std::get_if<ast::Arith>(&e.node)) return of(n->left) ? of(n->left) : of(n->right);
  if (auto* n = std::get_if<ast::Logic>(&e.node)) return n->operands.empty() ? nullptr : of(n->operands[0]);
  return nullptr;
}

class TestCheck {
 public:
  TestCheck(Context& context, const ast::TestDecl& decl, Span span)
      : context_(context), decl_(decl), records_(context, test_) {
    test_.title = decl.title;
    test_.span = span;
  }

  Test run() {
    for (const ast::TestLine& line : decl_.lines) check_line(line);
    if (!start_) {
      context_.sink.report(Code::missing_field, decl_.title_span, "the test does not say when it starts")
          .helps.push_back("write `start 2026-03-02T09:00 in \"Asia/Tokyo\"`");
    }
    return std::move(test_);
  }

 private:
  using Node = decltype(TestLine::node);

  void check_line(const ast::TestLine& line) {
    if (auto* n = std::get_if<ast::TestStart>(&line.node)) return check_start(*n, line.span);
    if (auto* n = std::get_if<ast::TestGiven>(&line.node)) return check_given(*n);
    auto node = check_node(line);
    if (!node) return;
    TestLine out;
    out.when = line.when;
    out.offset = line.offset;
    out.node = std::move(*node);
    out.label = label_of(context_.sources, line.span);
    out.span = line.span;
    test_.lines.push_back(std::move(out));
  }

  std::optional<Node> check_node(const ast::TestLine& line) {
    if (auto* n = std::get_if<ast::TestAnswers>(&line.node)) return check_answers(*n);
    if (auto* n = std::get_if<ast::TestOccurs>(&line.node)) return check_occurs(*n);
    if (auto* n = std::get_if<ast::TestChange>(&line.node)) return check_change(*n);
    if (auto* n = std::get_if<ast::TestMembership>(&line.node)) return check_membership(*n);
    if (auto* n = std::get_if<ast::TestExpectAtoms>(&line.node)) {
      auto expect = check_expectation(context_, records_, *n, line.span);
      if (!expect) return std::nullopt;
      return *expect;
    }
    if (auto* n = std::get_if<ast::TestExpectThat>(&line.node)) return check_that(*n);
    if (auto* n = std::get_if<ast::TestExpectLimit>(&line.node)) return check_limit(*n, line.span);
    return check_words(std::get<ast::Action>(line.node), line.span);
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

  void check_given(const ast::TestGiven& given) {
    TestRecord record;
    record.name = given.name.text;
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
    for (const ast::Field& field : given.data.fields) check_given_field(field, record);
    test_.records.push_back(std::move(record));
  }

  void check_given_field(const ast::Field& field, TestRecord& record) {
    if (field.name.text == "marketing") {
      auto value = records_.constant(field.atoms, field.span, type_of(Kind::boolean), "marketing");
      if (value && !value->is_unknown()) record.data.marketing = value->as_boolean();
      return;
    }
    auto property = check_property(record.object, field.name);
    if (!property) return;
    const Type& type = context_.catalogue().objects[record.object].properties[*property].type;
    auto value = records_.constant(field.atoms, field.span, type, field.name.text);
    if (value) record.data.properties.emplace_back(*property, std::move(*value));
  }

  std::optional<std::uint32_t> check_property(std::uint32_t object, const ast::Name& name) {
    const std::uint32_t property = context_.catalogue().find_property(object, name.text);
    if (property != kNone) return property;
    schema::report_unknown(
        context_.sink, Code::unknown_property, name.span,
        "`" + context_.catalogue().objects[object].name + "` has no property `" + name.text + "`", name.text,
        context_.schema.property_names(object));
    return std::nullopt;
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
    return answers;
  }

  std::optional<Node> check_occurs(const ast::TestOccurs& source) {
    if (!source.by) {
      context_.sink.report(Code::missing_field, source.event.span, "whose event is this?")
          .helps.push_back("name the record: `" + std::string(context_.sources.text(source.event.span)) +
                           " by taro`");
      return std::nullopt;
    }
    TestOccurs occurs;
    occurs.record = records_.find(*source.by);
    if (occurs.record == kNone) return std::nullopt;
    Scope scope;
    scope.object = records_.object(occurs.record);
    const auto use = resolve_event(context_, scope, source.event);
    if (!use) return std::nullopt;
    occurs.event = use->match.event;
    for (const auto& filter : use->match.filters)
      occurs.parameters.emplace_back(filter.parameter, filter.value);
    bool ok = true;
    for (const ast::Field& field : source.data.fields)
      ok = check_event_field(field, scope.object, occurs) && ok;
    if (!ok) return std::nullopt;
    return occurs;
  }

  bool check_event_field(const ast::Field& field, std::uint32_t object, TestOccurs& occurs) {
    const auto& parameters = context_.catalogue().events[occurs.event].parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (parameters[i].name != field.name.text) continue;
      auto value = records_.constant(field.atoms, field.span, parameters[i].type, field.name.text);
      if (value) occurs.parameters.emplace_back(static_cast<std::uint32_t>(i), *value);
      return value.has_value();
    }
    const auto property = check_property(object, field.name);
    if (!property) return false;
    const Type& type = context_.catalogue().objects[object].properties[*property].type;
    auto value = records_.constant(field.atoms, field.span, type, field.name.text);
    if (value) occurs.properties.emplace_back(*property, *value);
    return value.has_value();
  }

  std::optional<Node> check_change(const ast::TestChange& source) {
    if (source.target.parts.size() != 2) {
      context_.sink.report(Code::phrase_mismatch, source.target.span,
                           "expected a property such as `taro.lead_score`");
      return std::nullopt;
    }
    TestSet set;
    set.record = records_.find(source.target.parts[0]);
    if (set.record == kNone) return std::nullopt;
    const std::uint32_t object = records_.object(set.record);
    const auto property = check_property(object, source.target.parts[1]);
    if (!property) return std::nullopt;
    set.property = *property;
    const auto value = changed_value(*source.value, object, *property);
    if (!value) return std::nullopt;
    set.value = *value;
    return set;
  }

  std::optional<Value> changed_value(const ast::Expr& expression, std::uint32_t object,
                                     std::uint32_t property) {
    const bytecode::Property& p = context_.catalogue().objects[object].properties[property];
    if (const auto* path = std::get_if<ast::PathExpr>(&expression.node)) {
      std::vector<ast::Atom> atoms;
      atoms.push_back({path->path, expression.span});
      return records_.constant(atoms, expression.span, p.type, p.name);
    }
    const auto constant = schema::constant_of(expression, p.type, context_.catalogue(),
                                              test_.zone.empty() ? context_.zone() : test_.zone);
    if (constant.value) return constant.value;
    context_.sink.report(Code::type_mismatch, expression.span, "this is no value of `" + p.name + "`")
        .primary.text = "expected " + schema::with_article(schema::type_name(p.type, context_.catalogue()));
    return std::nullopt;
  }

  std::optional<Node> check_membership(const ast::TestMembership& source) {
    TestMember member;
    member.add = source.add;
    member.record = records_.find(source.record);
    const auto reference = schema::reference_of(source.list);
    if (!reference || reference->kind != ResourceKind::list) {
      context_.sink.report(Code::type_mismatch, source.list.span, "only a list has members").primary.text =
          "expected `list.name`";
      return std::nullopt;
    }
    member.list = resolve_resource(context_, ResourceKind::list, *reference->name);
    if (member.record == kNone || member.list == kNone) return std::nullopt;
    return member;
  }

  std::optional<Node> check_that(const ast::TestExpectThat& source) {
    const ast::Path* path = leftmost(*source.condition);
    if (!path) {
      context_.sink.report(Code::unknown_name, source.condition->span, "which record is this about?")
          .helps.push_back("name it, as in `taro.lead_score = 5`");
      return std::nullopt;
    }
    TestThat that;
    that.record = records_.find(path->parts[0]);
    if (that.record == kNone) return std::nullopt;
    Scope scope;
    scope.object = records_.object(that.record);
    scope.record = path->parts[0].text;
    auto condition = check_condition(context_, scope, *source.condition);
    if (!condition) return std::nullopt;
    that.condition = std::move(*condition);
    return that;
  }

  std::optional<Node> check_limit(const ast::TestExpectLimit& source, Span span) {
    TestLimit limit;
    limit.at_most = source.at_most;
    limit.record = records_.find(source.record);
    const auto window = check_duration(context_, source.window, span, true);
    if (limit.record == kNone || !window) return std::nullopt;
    limit.window = *window;
    return limit;
  }

  /// `allow others`, `subscribe taro to topic.x`, `unsubscribe taro from topic.x`.
  std::optional<Node> check_words(const ast::Action& action, Span span) {
    const auto word = [&](std::size_t i) {
      const std::string* text = i < action.atoms.size() ? schema::word_of(action.atoms[i]) : nullptr;
      return text ? *text : "";
    };
    if (action.atoms.size() == 2 && word(0) == "allow" && word(1) == "others") return TestAllowOthers{};
    const bool subscribe = word(0) == "subscribe" && word(2) == "to";
    const bool unsubscribe = word(0) == "unsubscribe" && word(2) == "from";
    const auto topic = action.atoms.size() == 4 ? schema::reference_of(action.atoms[3]) : std::nullopt;
    if ((!subscribe && !unsubscribe) || !topic || topic->kind != ResourceKind::topic || word(1).empty()) {
      auto& d = context_.sink.report(Code::phrase_mismatch, span, "this is no line of a test");
      d.notes.push_back(
          "besides events, `set`, `add` and `remove`: `subscribe taro to topic.x`, "
          "`unsubscribe taro from topic.x`, `allow others`");
      return std::nullopt;
    }
    TestTopic change;
    change.subscribe = subscribe;
    change.record = records_.find(schema::path_of(action.atoms[1])->parts[0]);
    change.topic = resolve_resource(context_, ResourceKind::topic, *topic->name);
    if (change.record == kNone || change.topic == kNone) return std::nullopt;
    return change;
  }

  Context& context_;
  const ast::TestDecl& decl_;
  Test test_;
  TestRecords records_;
  std::optional<Span> start_;
};

}  // namespace

void check_test(Context& context, std::uint32_t index) {
  context.module.tests.push_back(
      TestCheck(context, *context.schema.tests[index], context.schema.test_spans[index]).run());
}

}  // namespace wf::sema
