// wfc eval CONDITION: what a condition comes to for a record, and with --explain each part of it.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "compiler/wfc/report.hpp"
#include "compiler/wfc/virtual_run.hpp"
#include "grammar/value/calendar.hpp"
#include "grammar/wf/parse.hpp"
#include "runtime/crm/convert.hpp"

namespace wf::wfc {
namespace {

struct EvalArguments {
  std::string condition;
  std::vector<std::string> record;  ///< NAME=VALUE
  std::string object = "contact";
  std::string project;
  std::string now = "2026-03-02T00:00:00Z";
  bool explain = false;
  std::string color = "auto";
};

/// Shown for what is typed on the command line.
constexpr const char* kPath = "condition";

struct Part {
  std::string text;
  int depth = 0;
};

/// A condition and what `and`, `or` and `not` join in it, outermost first.
void collect(const ast::Expr& e, const text::SourceSet& sources, int depth, std::vector<Part>& parts) {
  parts.push_back({std::string(sources.text(e.span)), depth});
  if (const auto* logic = std::get_if<ast::Logic>(&e.node)) {
    for (const ast::ExprPtr& operand : logic->operands) collect(*operand, sources, depth + 1, parts);
  } else if (const auto* negated = std::get_if<ast::Not>(&e.node)) {
    collect(*negated->operand, sources, depth + 1, parts);
  }
}

/// The condition of a segment each, in a file for each, so that a finding shows the part alone.
std::string segment(std::size_t i, const std::string& object, const std::string& condition) {
  return "segment part_" + std::to_string(i) + " on " + object + " {\n" + condition + "\n}\n";
}

std::vector<Part> parts_of(const EvalArguments& arguments) {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  const auto file = sources.add(kPath, segment(0, arguments.object, arguments.condition));
  const ast::File parsed = grammar::parse_wf(sources, file, sink);
  std::vector<Part> parts;
  if (!sink.has_errors() && parsed.decls.size() == 1) {
    const auto& declared = std::get<ast::SegmentDecl>(parsed.decls.front().node);
    for (const ast::ExprPtr& condition : declared.conditions) collect(*condition, sources, 0, parts);
  }
  if (parts.empty()) parts.push_back({arguments.condition, 0});
  if (!arguments.explain) parts.resize(1);
  return parts;
}

Result<std::vector<compiler::SourceText>> sources_of(const EvalArguments& arguments,
                                                     const std::vector<Part>& parts) {
  std::vector<compiler::SourceText> sources;
  if (!arguments.project.empty()) {
    auto files = load_project({{arguments.project}, {}});
    if (!files) return files.error();
    sources = std::move(*files);
  }
  for (std::size_t i = 0; i < parts.size(); ++i)
    sources.push_back({kPath, segment(i, arguments.object, parts[i].text)});
  return sources;
}

engine::InputEvent record_of(const EvalArguments& arguments) {
  engine::InputEvent event;
  event.kind = engine::InputKind::upsert;
  event.object = arguments.object;
  event.subject = "id:it";
  for (const std::string& given : arguments.record) {
    const std::size_t equals = given.find('=');
    if (equals == std::string::npos) throw UsageError("--record needs NAME=VALUE, not `" + given + "`");
    event.properties.emplace_back(given.substr(0, equals), value::Value::text(given.substr(equals + 1)));
  }
  return event;
}

/// Is each value given one of a property, and of its type?
Result<void> check_record(const EvalArguments& arguments, const bytecode::Catalogue& catalogue) {
  const auto named = [](const std::string& name) {
    return [&name](const auto& item) { return item.name == name; };
  };
  const auto object =
      std::find_if(catalogue.objects.begin(), catalogue.objects.end(), named(arguments.object));
  for (const auto& [name, given] : record_of(arguments).properties) {
    const auto& properties = object->properties;
    const auto property = std::find_if(properties.begin(), properties.end(), named(name));
    if (property == properties.end())
      return Error{ErrorCode::invalid, "a " + arguments.object + " has no property `" + name + "`"};
    const auto value = crm::convert(catalogue, property->type, given, {});
    if (!value) return Error{ErrorCode::invalid, "`" + name + "`: " + value.error().message};
    if (const auto fits = crm::check_property(*property, *value); !fits)
      return Error{ErrorCode::invalid, "`" + name + "`: " + fits.error().message};
  }
  return {};
}

const char* word(const value::Value& v) {
  if (v.kind() == value::Kind::unknown) return "unknown";
  return v.as_boolean() ? "true" : "false";
}

/// Evaluates each part on the record; prints them.
int print_parts(const EvalArguments& arguments, const std::vector<Part>& parts,
                const bytecode::Program& program, std::int64_t now) {
  if (const auto checked = check_record(arguments, program.catalogue); !checked)
    return fail(checked.error(), kFindings);
  auto run = VirtualRun::create(bytecode::write_bundle(program), now);
  if (!run) return fail(run.error());
  (*run)->accept(record_of(arguments));
  if (const auto settled = (*run)->settle(); !settled) return fail(settled.error());
  const auto key = (*run)->engine().find(arguments.object, "id:it");
  if (!key || !*key) return fail({ErrorCode::invalid, "the record cannot be made"}, kFindings);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string name = "part_" + std::to_string(i);
    for (const auto& one : program.catalogue.segments) {
      if (one.name != name) continue;
      const auto v = (*run)->engine().evaluate(program, one.condition, **key, now);
      if (!v) return fail(v.error());
      if (!arguments.explain)
        std::printf("%s\n", word(*v));
      else
        std::printf("%-7s  %*s%s\n", word(*v), parts[i].depth * 2, "", parts[i].text.c_str());
    }
  }
  return kOk;
}

int eval(const EvalArguments& arguments) {
  const auto now = value::parse_instant(arguments.now);
  if (!now) throw UsageError("--now: `" + arguments.now + "` is not an instant; write 2026-03-02T00:00:00Z");
  const std::vector<Part> parts = parts_of(arguments);
  auto sources = sources_of(arguments, parts);
  if (!sources) return load_failure(sources.error());
  const compiler::Compiled compiled = compiler::compile(std::move(*sources), read_declared_file);
  if (!compiled.program) {
    ReportOptions report;
    report.color = arguments.color;
    print_findings(compiled.diagnostics, compiled.sources, report);
    return kFindings;
  }
  return print_parts(arguments, parts, *compiled.program, *now);
}

}  // namespace

void add_eval(CommandLine& line) {
  auto arguments = std::make_shared<EvalArguments>();
  Command command = line.add("eval", "Says what a condition comes to for a record: true, false or unknown");
  command.positional("CONDITION", arguments->condition, "As it stands behind `if`");
  command.option("-r,--record", arguments->record, "A property of the record; may stand several times",
                 "NAME=VALUE");
  command.option("--on", arguments->object, "What the record is", "OBJECT");
  command.show_default("--on");
  command.option("--project", arguments->project,
                 "Folder or file that declares more than the standard objects", "PATH");
  command.option("--now", arguments->now, "The instant to ask at", "INSTANT");
  command.show_default("--now");
  command.flag("--explain", arguments->explain, "Show each part of the condition");
  add_color(command, arguments->color);
  command.run([arguments] { return eval(*arguments); });
}

}  // namespace wf::wfc
