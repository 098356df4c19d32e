// Liquid: template text to a template AST, and rendering with values.
//
// This first form has output `{{ path | filter: arg }}`, the filter `default`, and escaping by context. A template
// is data compiled from files of the project, never from record data. Rendering is a pure function.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "grammar/text/diagnostic.hpp"
#include "grammar/value/value.hpp"

namespace wf::liquid {

struct Filter {
  std::string name;
  std::vector<value::Value> arguments;
  std::uint32_t begin = 0, end = 0;  ///< bytes in the template's file
};

struct Output {
  std::vector<std::string> path;     ///< contact.firstname
  std::vector<Filter> filters;
  std::uint32_t begin = 0, end = 0;  ///< of the path
};

struct Template {
  std::vector<std::variant<std::string, Output>> parts;
};

enum class Escape : std::uint8_t { none, html, header };

/// `offset` is where the text starts inside the file (0 for a template file of its own).
Template parse(const text::SourceSet& sources, text::FileId file, std::uint32_t offset, std::string_view text,
               text::DiagnosticSink& diagnostics);

/// Texts of values as templates show them: dates as 2026-03-02, numbers without trailing zeros, unknown as "".
std::string to_text(const value::Value& value);

/// `lookup` gives the value of the n-th output of the template (before its filters).
std::string render(const Template& tmpl, Escape escape,
                   const std::function<value::Value(std::size_t output, const Output&)>& lookup);

}  // namespace wf::liquid
