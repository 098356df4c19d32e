// The YAML notation (*.wf.yaml) as the text notation, with a map back to the file: one grammar reads both.
//
// Each document is a declaration: `KIND: NAME`, then its keys; the first says `wf: 1`. Where the language
// says what stands in a place, quotes make no difference. Elsewhere (data of tests, actions of the project)
// what is quoted is a text and what is not is a piece of the text notation. A step, trigger or line may also
// be written as one scalar, as in the text notation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/yaml/forms.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::yaml {

/// Does the path name a file of this notation?
bool is_yaml(std::string_view path);

struct Lowered {
  std::string text;  ///< with the comments
  std::vector<text::Piece> pieces;
};

/// `file` is the id under which mistakes are reported, with places in `content`. Nothing: there were some.
std::optional<Lowered> lower(std::string_view content, text::FileId file, const Actions& actions,
                             text::DiagnosticSink& sink);

}  // namespace wf::yaml
