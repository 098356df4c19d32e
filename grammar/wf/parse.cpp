// The text notation, put together. The only file that instantiates the grammar.
#include "grammar/wf/parse.hpp"

#include "grammar/wf/declaration.hpp"
#include "grammar/wf/errors.hpp"
#include "grammar/wf/file.hpp"

namespace wf::grammar {

ast::File parse_wf(const text::SourceSet& sources, text::FileId file, text::DiagnosticSink& diagnostics) {
  ast::File result;
  result.id = file;
  CleanText text;
  clean(sources.file(file).content(), file, diagnostics, text);
  if (!text.readable) {
    result.gaps.push_back({file, 0, static_cast<std::uint32_t>(sources.file(file).content().size())});
    return result;
  }
  State state(text, result, diagnostics);
  peg::memory_input<peg::tracking_mode::lazy, peg::eol::lf, const char*> in(text.text.data(),
                                                                            text.text.size(), "");
  try {
    peg::parse<rules::file, action, control>(in, state);
  } catch (const FileAbort&) {
    // Enough mistakes were reported; what was read so far is the result.
    state.leave_gap(state.begin, state.end);
  }
  return result;
}

}  // namespace wf::grammar
