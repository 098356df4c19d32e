// Lines of tests that say how the world answers: bodies of webhooks, variants of experiments.
#include "compiler/schema/atoms.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/tests.hpp"

namespace wf::sema {

/// Fields that the webhook does not return, and values of other types, may be given: there are bad answers.
bool check_answer_body(Context& context, const ast::TestData& body, value::Map& out) {
  for (const ast::Field& field : body.fields) {
    const bool one = field.atoms.size() == 1;
    const auto* literal = one ? std::get_if<ast::Literal>(&field.atoms[0].value) : nullptr;
    const std::string* word = one ? schema::word_of(field.atoms[0]) : nullptr;
    if (!literal && !(word && *word == "unknown")) {
      context.sink.report(Code::type_mismatch, field.span, "an answer holds numbers, texts and truth values");
      return false;
    }
    out.emplace_back(field.name.text,
                     literal ? schema::natural_value(*literal, context.zone()) : value::Value());
  }
  return true;
}

std::uint32_t resolve_arm(Context& context, std::uint32_t experiment, const ast::Name& name) {
  const bytecode::Experiment& e = context.catalogue().experiments[experiment];
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < e.arms.size(); ++i) {
    if (e.arms[i].name == name.text) return i;
    names.push_back(e.arms[i].name);
  }
  schema::report_unknown(context.sink, Code::unknown_name, name.span,
                         "`experiment." + e.name + "` has no variant `" + name.text + "`", name.text, names);
  return kNone;
}

std::optional<TestNode> check_variant(Context& context, TestRecords& records,
                                      const ast::TestVariant& source) {
  TestVariant given;
  given.record = records.find(source.record);
  const auto reference = schema::reference_of(source.experiment);
  if (!reference || reference->kind != ResourceKind::experiment) {
    context.sink.report(Code::type_mismatch, source.experiment.span, "only an experiment has variants")
        .primary.text = "expected `experiment.name`";
    return std::nullopt;
  }
  given.experiment = resolve_resource(context, ResourceKind::experiment, *reference->name);
  if (given.record == kNone || given.experiment == kNone) return std::nullopt;
  given.arm = resolve_arm(context, given.experiment, source.variant);
  if (given.arm == kNone) return std::nullopt;
  return given;
}

}  // namespace wf::sema
