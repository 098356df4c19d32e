#include "compiler/check.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "compiler/allowances.hpp"
#include "compiler/front.hpp"
#include "compiler/gaps.hpp"
#include "compiler/places.hpp"
#include "compiler/schema/secrets.hpp"
#include "compiler/sema/check.hpp"
#include "compiler/unused.hpp"
#include "grammar/value/codec.hpp"

namespace wf::compiler {
namespace {

using text::Diagnostic;
using text::FileId;
using text::Span;

template <class Visit>
void each_span(Diagnostic& d, Visit visit) {
  visit(d.primary.span);
  for (text::Label& label : d.secondary) visit(label.span);
  for (text::Fix& fix : d.fixes) {
    for (text::Edit& edit : fix.edits) visit(edit.span);
  }
}

bool has_experiment(const ast::Block& steps) {
  bool found = false;
  ast::each_step(steps, [&](const ast::Step& step) {
    found = found || std::holds_alternative<ast::Experiment>(step.node);
  });
  return found;
}

FileFacts facts_of(const ast::File& file, std::string_view content) {
  FileFacts facts;
  facts.allows = holds_allowances(content);
  facts.mentions = mentions_in(content);
  for (const ast::Decl& decl : file.decls) {
    const auto* workflow = std::get_if<ast::WorkflowDecl>(&decl.node);
    if (!workflow) {
      facts.declares = facts.declares || !std::holds_alternative<ast::TestDecl>(decl.node);
      continue;
    }
    facts.declares = facts.declares || has_experiment(workflow->steps);
    const Span name = workflow->name.span;
    const auto on = workflow->on ? std::optional(workflow->on->text) : std::nullopt;
    facts.workflows.push_back({workflow->name.text, on, workflow->is_sequence, name.begin, name.end});
  }
  return facts;
}

/// Its workflows without their bodies.
ast::File outline_of(const FileFacts& facts, FileId id) {
  ast::File file;
  file.id = id;
  for (const KnownWorkflow& known : facts.workflows) {
    ast::WorkflowDecl workflow;
    const Span span{id, known.begin, known.end};
    workflow.name = {known.name, span};
    if (known.on) workflow.on = ast::Name{*known.on, span};
    workflow.is_sequence = known.is_sequence;
    ast::Decl decl;
    decl.node = std::move(workflow);
    decl.span = span;
    file.decls.push_back(std::move(decl));
  }
  return file;
}

class Check {
 public:
  Check(std::vector<CheckFile> files, const ReadFile& read_file, const CheckOptions& options)
      : files_(std::move(files)),
        read_file_(read_file),
        options_(options),
        first_(standard_library().size()) {}

  Checked run() {
    add_sources();
    std::vector<ast::File> parsed =
        parse_files(result_.sources, options_.threads, result_.diagnostics, outlined_);
    std::vector<Diagnostic> unreadable;
    if (result_.diagnostics.has_errors()) unreadable = result_.diagnostics.take();
    check_parsed(parsed);
    if (unreadable.empty()) {
      if (!result_.diagnostics.has_errors()) look_for_unused(parsed);
    } else {
      without(parsed, std::move(unreadable));
    }
    drop_files(parsed, options_.threads);
    drop_repeats();
    apply_allowances(result_.sources, first_ + files_.size(), result_.diagnostics);
    result_.diagnostics.sort(result_.sources);
    return std::move(result_);
  }

 private:
  void add_sources() {
    for (const SourceText& file : standard_library()) result_.sources.add(file.path, file.content);
    outlined_.resize(first_);
    for (CheckFile& file : files_) {
      outlined_.push_back(file.known != nullptr && !file.known->declares);
      if (!file.content) without_text_.insert(static_cast<FileId>(result_.sources.size()));
      if (file.content)
        add_source(result_.sources, file.path, std::move(*file.content), result_.diagnostics);
      else
        result_.sources.add(file.path, "");
    }
  }

  void check_parsed(std::vector<ast::File>& parsed) {
    std::vector<bool> wanted(parsed.size(), true);
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const auto id = static_cast<FileId>(first_ + i);
      if (outlined_[id]) parsed[id] = outline_of(*files_[i].known, id);
      wanted[id] = files_[i].known == nullptr;
    }
    Door door(result_.sources, read_file_);
    auto found = sema::find(parsed, wanted, result_.sources, std::ref(door), result_.diagnostics,
                            options_.threads, {options_.today});
    name_places(parsed, result_.sources, result_.diagnostics.all());
    for (const Diagnostic& d : result_.diagnostics.all()) look_for_text(d);
    for (const auto& [path, id] : door.opened()) {
      result_.opened.push_back(
          {path, id ? std::optional(value::hash64(result_.sources.file(*id).content())) : std::nullopt});
    }
    result_.facts.resize(files_.size());
    for (std::size_t i = 0; i < first_; ++i) result_.diagnostics.absorb(std::move(found[i]));
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (files_[i].known != nullptr) {
        recall(*files_[i].known);
      } else {
        learn(i, parsed, found[first_ + i]);
      }
    }
  }

  /// Findings beside what could not be read. Nothing of it is kept for the next check.
  void without(const std::vector<ast::File>& parsed, std::vector<Diagnostic> unreadable) {
    auto found = result_.diagnostics.take();
    drop_consequences(parsed, result_.sources, found);
    name_places(parsed, result_.sources, unreadable);
    result_.diagnostics.absorb(std::move(found));
    result_.diagnostics.absorb(std::move(unreadable));
    result_.facts.clear();
  }

  void look_for_unused(const std::vector<ast::File>& parsed) {
    std::set<std::string> mentions;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const FileFacts& facts = files_[i].known != nullptr ? *files_[i].known : result_.facts[i];
      mentions.insert(facts.mentions.begin(), facts.mentions.end());
    }
    text::DiagnosticSink sink;
    report_unused(parsed, mentions, sink);
    name_places(parsed, result_.sources, sink.all());
    result_.diagnostics.absorb(sink.take());
  }

  void learn(std::size_t i, const std::vector<ast::File>& parsed, std::vector<Diagnostic>& found) {
    const auto id = static_cast<FileId>(first_ + i);
    text::DiagnosticSink secrets;
    schema::report_tokens(id, result_.sources.file(id).content(), secrets);
    for (Diagnostic& d : secrets.take()) found.push_back(std::move(d));
    FileFacts facts = facts_of(parsed[id], result_.sources.file(id).content());
    name_places(parsed, result_.sources, found);
    facts.findings = found;
    std::map<FileId, FileId> places;
    for (Diagnostic& d : facts.findings) {
      each_span(d, [&](Span& span) {
        const auto [place, added] = places.emplace(span.file, static_cast<FileId>(facts.paths.size()));
        if (added) facts.paths.push_back(result_.sources.file(span.file).path());
        span.file = place->second;
      });
    }
    result_.facts[i] = std::move(facts);
    for (const Diagnostic& d : found) look_for_text(d);
    result_.diagnostics.absorb(std::move(found));
  }

  void recall(const FileFacts& known) {
    if (known.findings.empty()) return;
    if (ids_.empty()) {
      for (std::size_t id = 0; id < result_.sources.size(); ++id)
        ids_.emplace(result_.sources.file(static_cast<FileId>(id)).path(), static_cast<FileId>(id));
    }
    std::vector<Diagnostic> found = known.findings;
    for (Diagnostic& d : found) {
      each_span(d, [&](Span& span) {
        const auto id = ids_.find(known.paths[span.file]);
        result_.lacks_text = result_.lacks_text || id == ids_.end();
        span.file = id == ids_.end() ? 0 : id->second;
      });
      look_for_text(d);
    }
    result_.diagnostics.absorb(std::move(found));
  }

  void look_for_text(Diagnostic d) {
    each_span(d, [&](Span& span) {
      result_.lacks_text = result_.lacks_text || without_text_.count(span.file) > 0;
    });
  }

  void drop_repeats() {
    std::set<std::tuple<FileId, std::uint32_t, std::uint32_t>> seen;
    std::vector<Diagnostic> kept;
    for (Diagnostic& d : result_.diagnostics.take()) {
      const Span& span = d.primary.span;
      if (!d.once || seen.emplace(span.file, span.begin, span.end).second) kept.push_back(std::move(d));
    }
    result_.diagnostics.absorb(std::move(kept));
  }

  std::vector<CheckFile> files_;
  const ReadFile& read_file_;
  const CheckOptions& options_;
  const std::size_t first_;     ///< id of the first of them
  std::vector<bool> outlined_;  ///< by id: not parsed
  std::set<FileId> without_text_;
  std::map<std::string, FileId> ids_;
  Checked result_;
};

}  // namespace

Checked check(std::vector<CheckFile> files, const ReadFile& read_file, const CheckOptions& options) {
  return Check(std::move(files), read_file, options).run();
}

}  // namespace wf::compiler
