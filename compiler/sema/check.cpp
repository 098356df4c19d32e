#include "compiler/sema/check.hpp"

#include "compiler/sema/conditions.hpp"
#include "compiler/sema/context.hpp"
#include "compiler/sema/effects.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/templates.hpp"
#include "compiler/sema/tests.hpp"
#include "compiler/sema/workflows.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::sema {
namespace {

void resolve_segment_objects(Context& context) {
  for (std::size_t i = 0; i < context.schema.segments.size(); ++i) {
    const ast::SegmentDecl& decl = *context.schema.segments[i];
    bytecode::Segment& segment = context.catalogue().segments[i];
    segment.title = decl.title.value_or("");
    segment.object = context.catalogue().find_object(decl.on.text);
    if (segment.object != kNone) continue;
    auto& d =
        context.sink.report(Code::unknown_name, decl.on.span, "no object is named `" + decl.on.text + "`");
    d.primary.text = text::did_you_mean(decl.on.text, context.schema.object_names());
  }
  context.segments.resize(context.schema.segments.size());
}

void check_segments(Context& context) {
  for (std::uint32_t i = 0; i < context.schema.segments.size(); ++i) {
    const ast::SegmentDecl& decl = *context.schema.segments[i];
    if (decl.conditions.empty()) {
      context.sink.report(Code::missing_field, decl.name.span,
                          "the segment `" + decl.name.text + "` has no condition");
      continue;
    }
    auto condition = segment_condition(context, i, decl.name.span);
    if (condition) context.module.segments.push_back({i, std::move(*condition)});
  }
}

}  // namespace

std::optional<Module> check(const std::vector<ast::File>& files, text::SourceSet& sources,
                            const FileDoor& open, text::DiagnosticSink& diagnostics) {
  const std::size_t before = diagnostics.errors();
  const schema::Schema schema = schema::build(files, sources, diagnostics);
  Module module;
  module.catalogue = schema.catalogue;
  Context context{schema, module, sources, open, diagnostics, {}, {}, {}, {}};
  check_actions(context);
  load_templates(context);
  resolve_segment_objects(context);
  check_segments(context);
  for (std::uint32_t i = 0; i < schema.workflows.size(); ++i) {
    module.workflows.push_back(check_workflow(context, i));
  }
  for (std::uint32_t i = 0; i < schema.tests.size(); ++i) check_test(context, i);
  if (diagnostics.errors() > before) return std::nullopt;
  return module;
}

}  // namespace wf::sema
