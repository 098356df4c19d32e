#include "grammar/format/format.hpp"

#include "grammar/format/columns.hpp"
#include "grammar/format/lines.hpp"

namespace wf::format {

std::string format_wf(std::string_view source) {
  const std::vector<Token> tokens = tokenise(source);
  const std::vector<Line> lines = split_lines(tokens);
  const std::vector<std::string> texts = align_lines(tokens, lines);
  std::string out;
  out.reserve(source.size() + source.size() / 8);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].blank_before) out += '\n';
    out.append(lines[i].indent, ' ');
    out += texts[i];
    out += '\n';
  }
  return out;
}

}  // namespace wf::format
