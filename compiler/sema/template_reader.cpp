#include "compiler/sema/template_reader.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"

namespace wf::sema {
namespace {

using bytecode::PlaceholderSource;
using value::Kind;

Span span_in(const TemplateText& source, std::uint32_t begin, std::uint32_t end) {
  return {source.file, source.offset + begin, source.offset + end};
}

std::optional<PlaceholderSource> system_source(const liquid::Path& path) {
  if (path == liquid::Path{"unsubscribe_url"}) return PlaceholderSource::unsubscribe_url;
  if (path == liquid::Path{"sender", "name"}) return PlaceholderSource::sender_name;
  if (path == liquid::Path{"sender", "address"}) return PlaceholderSource::sender_address;
  return std::nullopt;
}

/// What a template asks of a text or list itself.
bool is_member(const std::string& name) {
  return name == "[]" || name == "size" || name == "first" || name == "last";
}

}  // namespace

std::optional<TemplateText> read_template_text(Context& context, const std::vector<ast::Atom>& atoms) {
  if (atoms.size() == 1 && schema::text_of(atoms[0])) {
    const Span span = atoms[0].span;
    return TemplateText{span.file, span.begin + 1, *schema::text_of(atoms[0])};
  }
  if (atoms.size() != 2 || !schema::text_of(atoms[1])) return std::nullopt;  // the schema has reported it
  const std::string& name = *schema::text_of(atoms[1]);
  const auto file = context.open(atoms[1].span.file, name);
  if (!file) {
    auto& d =
        context.sink.report(Code::unknown_file, atoms[1].span, "the file \"" + name + "\" cannot be read");
    d.notes.push_back("file names count from the folder of the file that names them");
    return std::nullopt;
  }
  return TemplateText{*file, 0, std::string(context.sources.file(*file).content())};
}

bytecode::Template TemplateReader::read(const TemplateText& source) {
  out_ = {};
  const auto document = parse(source);
  if (!document) return {};
  out_.text = source.text;
  gather(source, *document, {});
  return std::move(out_);
}

std::shared_ptr<const liquid::Document> TemplateReader::parse(const TemplateText& source) {
  liquid::Parsed parsed = liquid::Document::parse(source.text, {.strict_filters = true});
  if (!parsed.problem) return parsed.document;
  const liquid::Problem& problem = *parsed.problem;
  const bool is_name = problem.message.starts_with("there is no ");
  auto& d = context_.sink.report(is_name ? Code::unknown_name : Code::syntax,
                                 span_in(source, problem.begin, problem.end), problem.message);
  if (!problem.hint.empty()) d.helps.push_back(problem.hint);
  return nullptr;
}

void TemplateReader::gather(const TemplateText& source, const liquid::Document& document, Names locals) {
  const liquid::Reads all = liquid::reads_of(document);
  Names included = locals;
  included.insert(all.variables.begin(), all.variables.end());
  for (const liquid::PartialUse& use : all.partials) {
    Names set = partial(source, use, use.is_isolated ? Names() : included);
    if (!use.is_isolated) included.merge(set);
  }
  for (const liquid::Read& read : all.reads) {
    const bool is_local =
        !read.path.empty() && (read.is_maybe_local ? included : locals).contains(read.path.front());
    if (!is_local) add(source, read);
  }
}

/// The names that the partial sets.
TemplateReader::Names TemplateReader::partial(const TemplateText& source, const liquid::PartialUse& use,
                                              const Names& locals) {
  const Span span = span_in(source, use.begin, use.end);
  if (use.name.empty()) {
    context_.sink.report(Code::template_unknown_placeholder, span,
                         "the name of a partial is written as a text");
    return {};
  }
  const auto known = std::find_if(out_.partials.begin(), out_.partials.end(),
                                  [&](const bytecode::Partial& p) { return p.name == use.name; });
  if (known != out_.partials.end()) return {};
  const auto file = context_.open(source.file, use.name + ".liquid");
  if (!file) {
    auto& d =
        context_.sink.report(Code::unknown_file, span, "the file \"" + use.name + ".liquid\" cannot be read");
    d.notes.push_back("a partial stands beside the file that shows it");
    return {};
  }
  const TemplateText inner{*file, 0, std::string(context_.sources.file(*file).content())};
  const auto document = parse(inner);
  if (!document) return {};
  out_.partials.push_back({use.name, inner.text});
  Names names = locals;
  names.insert(use.arguments.begin(), use.arguments.end());
  gather(inner, *document, names);
  const std::vector<std::string> set = liquid::reads_of(*document).variables;
  return {set.begin(), set.end()};
}

void TemplateReader::add(const TemplateText& source, const liquid::Read& read) {
  const Span span = span_in(source, read.begin, read.end);
  if (!read.is_whole || read.path.empty()) {
    context_.sink.report(Code::template_unknown_placeholder, span,
                         "what this reads is known only when it is shown; write the name with a point");
    return;
  }
  liquid::Path path = read.path;
  const std::size_t names = names_of_value(path);
  if (names + 1 < path.size()) {
    context_.sink.report(Code::template_unknown_placeholder, span,
                         "`" + path[names + 1] + "` of a value that has no properties");
    return;
  }
  path.resize(names);
  const auto known = std::find_if(out_.reads.begin(), out_.reads.end(),
                                  [&](const bytecode::TemplateRead& r) { return r.path == path; });
  const auto system = system_source(path);
  const std::size_t index = system ? 0 : first_ + argument(source, read, path);
  if (known != out_.reads.end()) return;
  out_.reads.push_back(
      {path, system.value_or(PlaceholderSource::argument), static_cast<std::uint32_t>(index)});
}

std::size_t TemplateReader::argument(const TemplateText& source, const liquid::Read& read,
                                     liquid::Path path) {
  const Span span = span_in(source, read.begin, read.end);
  const bool is_guarded = read.is_guarded || path.size() < read.path.size();
  auto known = std::find_if(placeholders_.begin(), placeholders_.end(),
                            [&](const Placeholder& p) { return p.path == path; });
  if (known == placeholders_.end()) {
    placeholders_.push_back({std::move(path), span, is_guarded, {}});
    known = placeholders_.end() - 1;
  }
  if (known->is_guarded && !is_guarded) known->span = span;
  known->is_guarded = known->is_guarded && is_guarded;
  for (const std::string& text : read.compared) known->compared.push_back({text, span});
  return static_cast<std::size_t>(known - placeholders_.begin());
}

/// How many names stand for a value; behind them the template asks for its size or its items.
std::size_t TemplateReader::names_of_value(const liquid::Path& path) const {
  const bytecode::Catalogue& catalogue = context_.catalogue();
  std::uint32_t object = catalogue.find_object(path.front());
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (path[i] == "[]") return i;
    if (object == kNone) {
      if (i > 1 && is_member(path[i])) return i;
      continue;
    }
    const std::uint32_t property = catalogue.find_property(object, path[i]);
    if (property == kNone) return path.size();
    const Type& type = catalogue.objects[object].properties[property].type;
    const bool has_members = type.kind == Kind::text || type.kind == Kind::list;
    if (has_members && i + 1 < path.size() && is_member(path[i + 1])) return i + 1;
    if (type.kind != Kind::ref) return path.size();
    object = type.aux;
  }
  return path.size();
}

}  // namespace wf::sema
