#include "runtime/bytecode/templates.hpp"

#include <map>

namespace wf::bytecode {
namespace {

std::vector<liquid::Path> paths_of(const Template& source) {
  std::vector<liquid::Path> paths;
  for (const TemplateRead& read : source.reads) paths.push_back(read.path);
  return paths;
}

constexpr liquid::ParseOptions kParse{.strict_filters = true};

}  // namespace

CompiledTemplate::CompiledTemplate(const Template& source) {
  const liquid::Parsed parsed = liquid::Document::parse(source.text, kParse);
  if (parsed.problem) {
    fail("", *parsed.problem);
    return;
  }
  document_ = parsed.document;
  const std::vector<liquid::Path> paths = paths_of(source);
  bindings_.emplace_back(*document_, paths);
  if (source.partials.empty()) return;
  std::map<std::string, std::string, std::less<>> texts;
  for (const Partial& partial : source.partials) texts.emplace(partial.name, partial.text);
  const auto load = [texts](std::string_view name) -> std::optional<std::string> {
    const auto known = texts.find(name);
    if (known == texts.end()) return std::nullopt;
    return known->second;
  };
  partials_ = std::make_unique<liquid::Partials>(load, kParse);
  for (const Partial& partial : source.partials) {
    const liquid::Parsed& part = *partials_->find(partial.name);
    if (part.problem) {
      fail(partial.name, *part.problem);
      return;
    }
    bindings_.emplace_back(*part.document, paths, true);
  }
}

void CompiledTemplate::fail(const std::string& partial, const liquid::Problem& problem) {
  problem_ = (partial.empty() ? "" : partial + ":") + std::to_string(problem.line) + ":" +
             std::to_string(problem.column) + ": " + problem.message;
}

liquid::Rendered CompiledTemplate::render(std::span<const liquid::Datum> slots,
                                          const liquid::RenderOptions& options) const {
  return liquid::render(*document_, {nullptr, bindings_, slots}, partials_.get(), options);
}

void compile_templates(Program& program) {
  const auto compile = [](Template& source) { source.compiled = std::make_shared<CompiledTemplate>(source); };
  for (Email& email : program.catalogue.emails) {
    for (Template* source : {&email.subject, &email.html, &email.text}) compile(*source);
  }
  for (Message& message : program.catalogue.messages) {
    compile(message.subject);
    compile(message.body);
  }
  for (Webhook& webhook : program.catalogue.webhooks) compile(webhook.payload);
  for (Send& send : program.sends) {
    if (send.own_subject) compile(send.subject);
  }
}

std::shared_ptr<const CompiledTemplate> compiled(const Template& source) {
  return source.compiled ? source.compiled : std::make_shared<CompiledTemplate>(source);
}

}  // namespace wf::bytecode
