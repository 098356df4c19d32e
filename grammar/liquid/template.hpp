// Liquid: template text to a template AST, and rendering with values.
//
// This first form has output `{{ path | filter: arg }}` with the filters default, escape, upcase, downcase
// and strip, `{{-` and `-}}` against white space, and escaping by context. A template is data compiled from
// files of the project, never from record data. All functions are pure and may be called from any thread.
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
  std::vector<std::string> path;  ///< contact.firstname
  std::vector<Filter> filters;
  std::uint32_t begin = 0, end = 0;  ///< of the path
};

struct Template {
  std::vector<std::variant<std::string, Output>> parts;
};

enum class Escape : std::uint8_t { none, html, header };

/// `offset` is where the text starts inside the file (0 for a template file of its own); byte n of `text`
/// must be byte offset + n of the file. Mistakes go to `diagnostics`, one per output, and leave that output
/// out.
///   unclosed         `{{`, `{%` or a quote without its end
///   syntax           a tag `{% … %}`, or an output that does not fit the form
///   unknown_name     no such filter
///   invalid_literal  a number out of range or with more than 6 places
/// Names in paths are in NFC. A filter's arguments are texts, integers and decimals.
Template parse(const text::SourceSet& sources, text::FileId file, std::uint32_t offset, std::string_view text,
               text::DiagnosticSink& diagnostics);

/// True when render() can apply the filter: it is known and has the arguments it takes. parse() gives no
/// others.
bool is_valid(const Filter& filter);

/// Texts of values as templates show them: dates as 2026-03-02, numbers without trailing zeros, unknown as
/// "", lists as "a, b". Enums, refs and resources are numbers without the catalogue and give "": the caller's
/// lookup turns them into texts.
std::string to_text(const value::Value& value);

/// `lookup` gives the value of the n-th output of the template (before its filters). Outputs are escaped by
/// context: html as HTML text or quoted attribute; header puts a space for line breaks and drops NUL, in the
/// whole result. An invalid filter is an assertion: check templates from elsewhere with is_valid().
std::string render(const Template& tmpl, Escape escape,
                   const std::function<value::Value(std::size_t output, const Output&)>& lookup);

}  // namespace wf::liquid
