#include "grammar/liquid/renderer.hpp"

#include <algorithm>
#include <chrono>

#include "grammar/liquid/escape.hpp"
#include "grammar/liquid/filter_groups.hpp"
#include "grammar/text/render.hpp"

namespace wf::liquid {
namespace {

std::int64_t clock_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// A `forloop` that outlives its loop.
const Loop& kept(const Loop& loop, Scratch& scratch) {
  Loop& copy = scratch.keep(loop);
  if (copy.parent != nullptr) copy.parent = &kept(*copy.parent, scratch);
  return copy;
}

}  // namespace

Rendered render(const Document& document, const Environment& environment, Partials* partials,
                const RenderOptions& options) {
  return Renderer(document, environment, partials, options).run();
}

Renderer::Renderer(const Document& document, const Environment& environment, Partials* partials,
                   const RenderOptions& options)
    : document_(&document),
      environment_(environment),
      partials_(partials),
      options_(options),
      scratch_(options.limits.memory, options.limits.work),
      frame_(nullptr),
      now_(options.now ? *options.now : 0) {
  if (!options.now) now_ = clock_now();
  enter(document);
}

void Renderer::enter(const Document& document) {
  document_ = &document;
  const auto& all = environment_.bindings;
  const auto of = std::find_if(all.begin(), all.end(), [&](const auto& b) { return b.is_of(document); });
  binding_ = of == all.end() ? nullptr : &*of;
}

Rendered Renderer::run() {
  Frame frame;
  frame_ = &frame;
  text_.reserve(document_->text().size() * 5 / 4);
  std::optional<Problem> problem;
  try {
    render(document_->body());
  } catch (const Fault& fault) {
    problem = document_->problem(fault.message, fault.where.data() != nullptr ? fault.where : where_);
    problem->hint = fault.hint;
    problem->partial = partial_;
  } catch (const Problem& of_partial) {
    problem = of_partial;
  }
  if (options_.escaping == Escaping::header) text_ = one_line(text_);
  return {std::move(text_), std::move(problem)};
}

Renderer::Flow Renderer::render(const ast::Block& block) {
  if (++depth_ > options_.limits.depth) throw Fault{"tags and partials nest too deep"};
  Flow flow = Flow::next;
  for (const ast::Node& node : block.nodes) {
    flow = render(node);
    if (flow != Flow::next) break;
  }
  --depth_;
  return flow;
}

Renderer::Flow Renderer::render(const ast::Node& node) {
  scratch_.work(1);
  where_ = node.written;
  return std::visit([this](const auto& what) { return render(what); }, node.what);
}

Renderer::Flow Renderer::render(const ast::Text& text) {
  write(text.text);
  return Flow::next;
}

Renderer::Flow Renderer::render(const ast::Output& output) {
  const Scratch::Mark mark = scratch_.mark();
  write_value(value(output.value));
  scratch_.rewind(mark);
  return Flow::next;
}

Renderer::Flow Renderer::render(const ast::Assign& assign) {
  Datum v = value(assign.value);
  if (v.is(Type::loop)) v = Datum::loop(kept(v.as_loop(), scratch_));
  frame_->locals[assign.name] = v;
  return Flow::next;
}

Renderer::Flow Renderer::render(const ast::Capture& capture) {
  Flow flow = Flow::next;
  const std::string_view text = scratch_.keep(captured(capture.body, flow));
  const bool is_safe = options_.escaping == Escaping::html || options_.escaping == Escaping::json;
  frame_->locals[capture.name] = is_safe ? Datum::markup(text) : Datum::text(text);
  return flow;
}

Renderer::Flow Renderer::render(const ast::Branches& branches) {
  for (const ast::Branch& branch : branches.branches) {
    if (branch.condition.empty() || holds(branch.condition) != branch.is_negated) return render(branch.body);
  }
  return Flow::next;
}

Renderer::Flow Renderer::render(const ast::Case& choice) {
  const Datum subject = evaluate(choice.subject);
  bool matched = false;
  for (const ast::When& when : choice.whens) {
    if (when.is_else) {
      const Flow flow = matched ? Flow::next : render(when.body);
      if (flow != Flow::next) return flow;
    }
    // Every value that is equal shows the block once more.
    for (const ast::Expression& wanted : when.values) {
      if (!equals(subject, evaluate(wanted), scratch_)) continue;
      matched = true;
      const Flow flow = render(when.body);
      if (flow != Flow::next) return flow;
    }
  }
  return Flow::next;
}

Renderer::Flow Renderer::render(const ast::Cycle& cycle) {
  std::string group(cycle.group ? "" : cycle.written);
  if (cycle.group) {
    TextBuilder named(scratch_);
    named.add(":");
    append_inspected(named, evaluate(*cycle.group), scratch_);
    group = named.take();
  }
  const auto known = frame_->cycles.find(group);
  if (known == frame_->cycles.end()) scratch_.charge(group.size() + sizeof(group));
  std::size_t& next = known == frame_->cycles.end() ? frame_->cycles[group] : known->second;
  const std::size_t chosen = next++;
  if (next >= cycle.values.size()) next = 0;
  if (chosen < cycle.values.size()) write_value(evaluate(cycle.values[chosen]));
  return Flow::next;
}

Renderer::Flow Renderer::render(const ast::Counter& counter) {
  std::int64_t& count = frame_->counters[counter.name];
  const std::int64_t shown = counter.is_up ? count++ : --count;
  write(std::to_string(shown));
  return Flow::next;
}

Renderer::Flow Renderer::render(const ast::IfChanged& changed) {
  Flow flow = Flow::next;
  std::string text = captured(changed.body, flow);
  if (frame_->last_shown == text) return flow;
  write(text);
  frame_->last_shown = std::move(text);
  return flow;
}

Renderer::Flow Renderer::render(const ast::Interrupt& interrupt) {
  return interrupt.is_break ? Flow::end_loop : Flow::next_pass;
}

std::string Renderer::captured(const ast::Block& body, Flow& flow) {
  std::string text;
  std::string* const outer = std::exchange(out_, &text);
  flow = render(body);
  out_ = outer;
  return text;
}

void Renderer::write(std::string_view text) {
  if (text.size() > options_.limits.output - written_) throw Fault{"the output is too long"};
  written_ += text.size();
  *out_ += text;
}

void Renderer::write_value(const Datum& v) {
  const std::string_view text = text_of(v, scratch_);
  if (options_.escaping == Escaping::html && !v.is_markup()) {
    write_escaped(text);
  } else if (options_.escaping == Escaping::json && !v.is_markup()) {
    std::string quoted;
    text::append_json_string(quoted, text);
    write(std::string_view(quoted).substr(1, quoted.size() - 2));
  } else {
    write(text);
  }
}

void Renderer::write_escaped(std::string_view text) {
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find_first_of(kMarkupCharacters), text.size());
    write(text.substr(0, plain));
    if (plain == text.size()) return;
    write(entity_of(text[plain]));
    text.remove_prefix(plain + 1);
  }
}

}  // namespace wf::liquid
