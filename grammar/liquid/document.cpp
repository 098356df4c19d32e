#include "grammar/liquid/document.hpp"

#include <algorithm>

#include "grammar/liquid/blocks.hpp"
#include "grammar/liquid/scratch.hpp"

namespace wf::liquid {
namespace {

constexpr std::size_t kMaxText = 1 << 20;

}  // namespace

Document::Document(std::string_view text) : text_(text), body_(std::make_unique<ast::Block>()) {}
Document::~Document() = default;

Parsed Document::parse(std::string_view text, const ParseOptions& options) {
  const std::shared_ptr<Document> document(new Document(text.substr(0, kMaxText)));
  try {
    if (text.size() > kMaxText) throw Fault{"the template is longer than 1 MiB"};
    ParseState state;
    state.options = options;
    *document->body_ = BlockParser(state, Pieces::of_template(document->text())).run();
    document->names_ = std::move(state.names);
    document->lookups_ = state.lookups;
  } catch (const Fault& fault) {
    Problem problem = document->problem(fault.message, fault.where);
    problem.hint = fault.hint;
    return {nullptr, std::move(problem)};
  }
  return {document, std::nullopt};
}

Problem Document::problem(std::string message, std::string_view where) const {
  Problem problem;
  problem.message = std::move(message);
  if (where.data() == nullptr) return problem;
  const auto begin = static_cast<std::size_t>(where.data() - text_.data());
  const std::string_view before = std::string_view(text_).substr(0, begin);
  problem.begin = static_cast<std::uint32_t>(begin);
  problem.end = static_cast<std::uint32_t>(begin + where.size());
  problem.line += static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  problem.column += static_cast<std::uint32_t>(length_of(before.substr(before.rfind('\n') + 1)));
  return problem;
}

const Parsed* Partials::find(std::string_view name) {
  const auto known = parsed_.find(name);
  if (known != parsed_.end()) return &known->second;
  const std::optional<std::string> text = loader_(name);
  if (!text) return nullptr;
  Parsed parsed = Document::parse(*text, options_);
  if (parsed.problem) parsed.problem->partial = name;
  return &parsed_.emplace(name, std::move(parsed)).first->second;
}

}  // namespace wf::liquid
