// One template from its file or text to the bundle: what it reads becomes placeholders.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/sema/context.hpp"
#include "grammar/liquid/paths.hpp"

namespace wf::sema {

/// The text of a template and where it stands.
struct TemplateText {
  text::FileId file = 0;
  std::uint32_t offset = 0;  ///< of the text inside the file
  std::string text;
};
/// `html file "welcome.html"`, `subject "Hello"`; nothing after a report.
std::optional<TemplateText> read_template_text(Context& context, const std::vector<ast::Atom>& atoms);

/// Parses templates and their partials, which are the files NAME.liquid beside them. Mistakes are reported
/// and leave the template empty.
class TemplateReader {
 public:
  /// What is no value of the mail becomes a placeholder, behind those that are there; the argument of the
  /// first is `first_argument`.
  TemplateReader(Context& context, std::vector<Placeholder>& placeholders, std::size_t first_argument)
      : context_(context), placeholders_(placeholders), first_(first_argument) {}

  bytecode::Template read(const TemplateText& source);

 private:
  using Names = std::set<std::string, std::less<>>;

  std::shared_ptr<const liquid::Document> parse(const TemplateText& source);
  void gather(const TemplateText& source, const liquid::Document& document, Names locals);
  Names partial(const TemplateText& source, const liquid::PartialUse& use, const Names& locals);
  void add(const TemplateText& source, const liquid::Read& read);
  std::size_t argument(const TemplateText& source, const liquid::Read& read, liquid::Path path);
  std::size_t names_of_value(const liquid::Path& path) const;

  Context& context_;
  std::vector<Placeholder>& placeholders_;
  std::size_t first_;
  bytecode::Template out_;
};

}  // namespace wf::sema
