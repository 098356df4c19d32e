// Loops and partials.
#include <algorithm>
#include <utility>

#include "grammar/liquid/numbers.hpp"
#include "grammar/liquid/renderer.hpp"

namespace wf::liquid {
namespace {

std::string_view last_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::int64_t clamped(Wide v) {
  return static_cast<std::int64_t>(std::clamp<Wide>(v, INT64_MIN, INT64_MAX));
}

}  // namespace

void Renderer::count_pass() {
  if (++passes_ > options_.limits.iterations) throw Fault{"the loops of the template run too often"};
}

/// A table takes what a text starts with, a loop only a whole number.
std::int64_t Renderer::option(const std::optional<ast::Expression>& expression, std::int64_t otherwise,
                              bool is_lenient) {
  if (!expression) return otherwise;
  const Datum v = evaluate(*expression);
  where_ = expression->written;
  if (is_lenient) return to_whole_leniently(v);
  return v.is_nil() ? otherwise : to_whole(v);
}

Renderer::Segment Renderer::segment(const ast::For& loop, const Sequence& sequence) {
  const std::int64_t offset =
      loop.goes_on ? frame_->offsets[loop.label] : option(loop.offset, 0, loop.is_table);
  const std::int64_t limit = option(loop.limit, INT64_MAX, loop.is_table);
  const Wide size = static_cast<Wide>(sequence.size());
  const Wide begin = std::clamp<Wide>(offset, 0, size);
  const Wide end = std::clamp<Wide>(static_cast<Wide>(offset) + limit, begin, size);
  if (!loop.is_table) frame_->offsets[loop.label] = clamped(static_cast<Wide>(offset) + (end - begin));
  return {static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(end - begin)};
}

Renderer::Flow Renderer::render(const ast::For& loop) {
  const Datum collection = evaluate(loop.collection);
  const Sequence sequence(collection);
  if (loop.is_table && collection.is_nil()) return Flow::next;
  const bool is_whole = collection.is(Type::text);
  const Segment part = is_whole ? Segment{0, sequence.size()} : segment(loop, sequence);
  if (!loop.is_table && part.size == 0) return render(loop.otherwise);
  const std::size_t bound = frame_->bound.size();
  const Flow flow = loop.is_table ? table(loop, sequence, part) : rows(loop, sequence, part);
  frame_->bound.resize(bound);
  return flow;
}

Renderer::Flow Renderer::rows(const ast::For& loop, const Sequence& sequence, Segment segment) {
  Loop state;
  state.length = clamped(static_cast<Wide>(segment.size));
  state.name = loop.label;
  state.parent = std::exchange(frame_->loop, &state);
  frame_->bound.emplace_back("forloop", Datum::loop(state));
  frame_->bound.emplace_back(loop.name, Datum());
  const std::size_t item = frame_->bound.size() - 1;
  for (std::uint64_t n = 0; n < segment.size; ++n) {
    where_ = loop.collection.written;
    count_pass();
    state.index0 = static_cast<std::int64_t>(n);
    const std::uint64_t index = segment.begin + (loop.is_reversed ? segment.size - 1 - n : n);
    frame_->bound[item].second = sequence.at(index, scratch_);
    if (render(loop.body) == Flow::end_loop) break;
  }
  frame_->loop = state.parent;
  return Flow::next;
}

Renderer::Flow Renderer::table(const ast::For& loop, const Sequence& sequence, Segment segment) {
  Loop state;
  state.is_table = true;
  state.length = clamped(static_cast<Wide>(segment.size));
  state.columns = option(loop.columns, state.length, true);
  frame_->bound.emplace_back("tablerowloop", Datum::loop(state));
  frame_->bound.emplace_back(loop.name, Datum());
  const std::size_t item = frame_->bound.size() - 1;
  write("<tr class=\"row1\">\n");
  for (std::uint64_t n = 0; n < segment.size; ++n) {
    where_ = loop.collection.written;
    count_pass();
    state.index0 = static_cast<std::int64_t>(n);
    frame_->bound[item].second = sequence.at(segment.begin + n, scratch_);
    write("<td class=\"col" + std::to_string(state.column) + "\">");
    const Flow flow = render(loop.body);
    write("</td>");
    if (flow == Flow::end_loop) break;
    const bool ends_row = state.column == state.columns;
    if (ends_row) ++state.row;
    state.column = ends_row ? 1 : state.column + 1;
    if (ends_row && n + 1 < segment.size) write("</tr>\n<tr class=\"row" + std::to_string(state.row) + "\">");
  }
  write("</tr>\n");
  return Flow::next;
}

Renderer::Flow Renderer::render(const ast::Partial& partial) {
  const Datum name = evaluate(partial.name);
  if (!name.is(Type::text)) throw Fault{"the name of a partial must be a text", partial.name.written};
  if (!partial.is_isolated && frame_->is_isolated)
    throw Fault{"`include` cannot be used inside of `render`: use `render`"};
  const Document& document = find_partial(name.as_text());
  if (!partial.is_isolated) return include(partial, document, name.as_text());
  isolated(partial, document, name.as_text());
  return Flow::next;
}

const Document& Renderer::find_partial(std::string_view name) {
  const Parsed* parsed = partials_ == nullptr ? nullptr : partials_->find(name);
  if (parsed == nullptr) throw Fault{"there is no partial `" + std::string(name) + "`"};
  if (parsed->problem) throw *parsed->problem;
  return *parsed->document;
}

Renderer::Flow Renderer::body_of(const Document& document, std::string_view name) {
  count_pass();
  if (++partial_depth_ > options_.limits.partial_depth) throw Fault{"partials nest too deep"};
  const Document& outer = *document_;
  enter(document);
  const std::string outer_name = std::exchange(partial_, std::string(name));
  const std::string_view outer_where = where_;
  const Flow flow = render(document.body());
  enter(outer);
  partial_ = outer_name;
  where_ = outer_where;
  --partial_depth_;
  return flow;
}

Renderer::Flow Renderer::include(const ast::Partial& partial, const Document& document,
                                 std::string_view name) {
  const std::string_view alias = partial.alias.empty() ? last_name(name) : partial.alias;
  Datum subject;
  if (partial.subject) {
    subject = evaluate(*partial.subject);
  } else {
    find_named(alias, subject);
  }
  const std::size_t bound = frame_->bound.size();
  for (const auto& [argument, expression] : partial.arguments)
    frame_->bound.emplace_back(argument, evaluate(expression));
  const bool is_repeated = subject.is(Type::array);
  const std::size_t times = is_repeated ? subject.as_array().size() : 1;
  frame_->bound.emplace_back(alias, subject);
  const std::size_t item = frame_->bound.size() - 1;
  Flow flow = Flow::next;
  for (std::size_t n = 0; n < times && flow == Flow::next; ++n) {
    if (is_repeated) frame_->bound[item].second = subject.as_array()[n];
    flow = body_of(document, name);
  }
  frame_->bound.resize(bound);
  return flow;
}

void Renderer::isolated(const ast::Partial& partial, const Document& document, std::string_view name) {
  const Datum subject = partial.subject ? evaluate(*partial.subject) : Datum();
  const bool is_collection = subject.is(Type::array) || subject.is(Type::object) || subject.is(Type::range);
  if (!partial.is_repeated || !is_collection) return isolated_once(partial, document, name, subject, nullptr);
  const Sequence sequence(subject);
  Loop state;
  state.length = clamped(static_cast<Wide>(sequence.size()));
  state.name = name;
  for (; state.index0 < state.length; ++state.index0) {
    const auto index = static_cast<std::uint64_t>(state.index0);
    isolated_once(partial, document, name, sequence.at(index, scratch_), &state);
  }
}

void Renderer::isolated_once(const ast::Partial& partial, const Document& document, std::string_view name,
                             const Datum& subject, const Loop* loop) {
  Frame inner;
  inner.is_isolated = true;
  if (loop != nullptr) inner.locals["forloop"] = Datum::loop(*loop);
  for (const auto& [argument, expression] : partial.arguments) inner.locals[argument] = evaluate(expression);
  const std::string_view alias = partial.alias.empty() ? last_name(name) : partial.alias;
  if (!subject.is_nil()) inner.locals[alias] = subject;
  Frame* const outer = std::exchange(frame_, &inner);
  body_of(document, name);
  frame_ = outer;
}

}  // namespace wf::liquid
