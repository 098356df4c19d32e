// The templates of a program, parsed once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grammar/liquid/document.hpp"
#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

/// A template and its partials, parsed and bound: slot n of a rendering has the value of `reads[n]`. Keeps
/// nothing of the Template that it was made from. One thread at a time renders it.
class CompiledTemplate {
 public:
  explicit CompiledTemplate(const Template& source);

  /// What is wrong with it; such a one cannot be rendered.
  const std::optional<std::string>& problem() const { return problem_; }
  /// As liquid::render(); `slots` has a value for each of the reads.
  liquid::Rendered render(std::span<const liquid::Datum> slots, const liquid::RenderOptions& options) const;

 private:
  void fail(const std::string& partial, const liquid::Problem& problem);

  std::shared_ptr<const liquid::Document> document_;
  std::vector<liquid::SlotBinding> bindings_;
  std::unique_ptr<liquid::Partials> partials_;
  std::optional<std::string> problem_;
};

/// Parses all templates of a program, which must be a valid one.
void compile_templates(Program& program);
/// The template parsed: the one of compile_templates(), or a new one.
std::shared_ptr<const CompiledTemplate> compiled(const Template& source);

}  // namespace wf::bytecode
