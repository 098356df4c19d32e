#include "compiler/sema/check.hpp"

#include <iterator>
#include <memory>

#include "compiler/sema/calendars.hpp"
#include "compiler/sema/campaigns.hpp"
#include "compiler/sema/conditions.hpp"
#include "compiler/sema/context.hpp"
#include "compiler/sema/effects.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/policies.hpp"
#include "compiler/sema/scores.hpp"
#include "compiler/sema/templates.hpp"
#include "compiler/sema/tests.hpp"
#include "compiler/sema/workflows.hpp"
#include "grammar/text/parallel.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::sema {
namespace {

/// A thread takes so many workflows at once.
constexpr std::size_t kPartsPerChunk = 16;

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

/// A workflow, sequence, campaign or test: what the threads share out. In this order: what the ones become is
/// counted on by the others.
void check_part(Context& context, std::size_t part) {
  const schema::Schema& schema = context.schema;
  const auto in = [&](const auto& parts) {
    if (part < parts.size()) return true;
    part -= parts.size();
    return false;
  };
  if (in(schema.workflows)) {
    context.module.workflows.push_back(check_workflow(context, static_cast<std::uint32_t>(part)));
  } else if (in(schema.sequences)) {
    context.module.workflows.push_back(check_sequence(context, static_cast<std::uint32_t>(part)));
  } else if (in(schema.campaigns)) {
    check_campaign(context, static_cast<std::uint32_t>(part));
  } else {
    check_test(context, static_cast<std::uint32_t>(part));
  }
}

std::size_t parts_of(const schema::Schema& schema) {
  return schema.workflows.size() + schema.sequences.size() + schema.campaigns.size() + schema.tests.size();
}

text::FileId file_of(const schema::Schema& schema, std::size_t part) {
  for (const auto* workflows : {&schema.workflows, &schema.sequences}) {
    if (part < workflows->size()) return (*workflows)[part]->name.span.file;
    part -= workflows->size();
  }
  if (part < schema.campaigns.size()) return schema.campaigns[part]->name.span.file;
  return schema.test_spans[part - schema.campaigns.size()].file;
}

/// What one thread needs to check parts of its own: copies of all that checking changes.
struct Worker {
  explicit Worker(const Context& shared)
      : module(shared.module),
        context{shared.schema,
                module,
                shared.sources,
                shared.open,
                sink,
                shared.segments,
                shared.scorings,
                {},
                shared.counters,
                shared.email_placeholders,
                shared.message_placeholders,
                shared.payload_placeholders,
                shared.quiet,
                shared.today,
                {},
                shared.faulty_actions} {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  std::vector<text::Diagnostic> check(std::size_t part) {
    const std::size_t moments = module.moments.size(), relations = module.relations.size();
    check_part(context, part);
    module.relations.resize(relations);
    module.workflows.clear();
    module.tests.clear();
    module.moments.resize(moments);
    context.reported.clear();
    return sink.take();
  }

  Module module;
  text::DiagnosticSink sink;
  Context context;
};

/// All that the bodies need: the project's declarations.
void check_declarations(Context& context) {
  context.scorings.resize(context.schema.scorings.size());
  check_actions(context);
  load_templates(context);
  load_calendars(context);
  check_policies(context);
  resolve_segment_objects(context);
  check_segments(context);
  check_scorings(context);
}

}  // namespace

std::optional<Module> check(const std::vector<ast::File>& files, text::SourceSet& sources,
                            const FileDoor& open, text::DiagnosticSink& diagnostics, const Options& options) {
  const std::size_t before = diagnostics.errors();
  const schema::Schema schema = schema::build(files, sources, diagnostics);
  Module module;
  module.catalogue = schema.catalogue;
  const auto today = options.today ? options.today : schema.today;
  Context context{schema, module, sources, open, diagnostics, {}, {}, {}, {}, {}, {}, {}, {}, today, {}};
  check_declarations(context);
  const std::size_t parts = parts_of(schema);
  for (std::size_t part = 0; part < parts; ++part) check_part(context, part);
  if (diagnostics.errors() > before) return std::nullopt;
  return module;
}

std::vector<FileFindings> find(const std::vector<ast::File>& files, const std::vector<bool>& wanted,
                               text::SourceSet& sources, const FileDoor& open,
                               text::DiagnosticSink& diagnostics, unsigned threads, const Options& options) {
  const schema::Schema schema = schema::build(files, sources, diagnostics);
  Module module;
  module.catalogue = schema.catalogue;
  const auto today = options.today ? options.today : schema.today;
  Context context{schema, module, sources, open, diagnostics, {}, {}, {}, {}, {}, {}, {}, {}, today, {}};
  check_declarations(context);

  std::vector<std::size_t> parts;
  for (std::size_t part = 0; part < parts_of(schema); ++part) {
    if (wanted[file_of(schema, part)]) parts.push_back(part);
  }
  std::vector<std::unique_ptr<Worker>> workers(std::max(1u, threads));
  std::vector<FileFindings> found(parts.size());
  const auto work = [&](unsigned worker, std::size_t begin, std::size_t end) {
    if (!workers[worker]) workers[worker] = std::make_unique<Worker>(context);
    for (std::size_t i = begin; i < end; ++i) found[i] = workers[worker]->check(parts[i]);
  };
  text::in_parallel(parts.size(), threads, kPartsPerChunk, work);
  std::vector<FileFindings> result(files.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    FileFindings& of_file = result[file_of(schema, parts[i])];
    std::move(found[i].begin(), found[i].end(), std::back_inserter(of_file));
  }
  return result;
}

}  // namespace wf::sema
