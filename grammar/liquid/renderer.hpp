// Goes through a document and writes what it shows. Internal: render() of document.hpp is the door.
#pragma once

#include <string>
#include <string_view>

#include "grammar/liquid/ast.hpp"
#include "grammar/liquid/document.hpp"
#include "grammar/liquid/frame.hpp"
#include "grammar/liquid/scratch.hpp"
#include "grammar/liquid/sequence.hpp"

namespace wf::liquid {

class Renderer {
 public:
  Renderer(const Document& document, const Environment& environment, Partials* partials,
           const RenderOptions& options);
  Rendered run();

 private:
  /// How rendering goes on behind a tag: with the next one, behind the loop, or with the loop's next pass.
  enum class Flow : std::uint8_t { next, end_loop, next_pass };

  Flow render(const ast::Block& block);
  Flow render(const ast::Node& node);
  // One for each tag.
  Flow render(const ast::Text& text);
  Flow render(const ast::Output& output);
  Flow render(const ast::Assign& assign);
  Flow render(const ast::Capture& capture);
  Flow render(const ast::Branches& branches);
  Flow render(const ast::Case& choice);
  Flow render(const ast::For& loop);
  Flow render(const ast::Cycle& cycle);
  Flow render(const ast::Counter& counter);
  Flow render(const ast::IfChanged& changed);
  Flow render(const ast::Partial& partial);
  Flow render(const ast::Interrupt& interrupt);

  /// The part of a collection that a loop goes through.
  struct Segment {
    std::uint64_t begin = 0, size = 0;
  };
  Segment segment(const ast::For& loop, const Sequence& sequence);
  Flow rows(const ast::For& loop, const Sequence& sequence, Segment segment);
  Flow table(const ast::For& loop, const Sequence& sequence, Segment segment);
  std::int64_t option(const std::optional<ast::Expression>& expression, std::int64_t otherwise,
                      bool is_lenient);
  void count_pass();

  Flow include(const ast::Partial& partial, const Document& document, std::string_view name);
  void isolated(const ast::Partial& partial, const Document& document, std::string_view name);
  void isolated_once(const ast::Partial& partial, const Document& document, std::string_view name,
                     const Datum& subject, const Loop* loop);
  Flow body_of(const Document& document, std::string_view name);
  const Document& find_partial(std::string_view name);

  Datum value(const ast::Value& value);
  Datum filtered(const Datum& input, const ast::Filter& filter);
  Datum evaluate(const ast::Expression& expression);
  Datum bounds(const ast::Bounds& bounds);
  Datum lookup(const ast::Lookup& lookup);
  Datum missing(const ast::Lookup& lookup) const;
  const SlotBinding::Slot* slot_of(const ast::Lookup& lookup) const;
  bool find_root(const ast::Segment& segment, Datum& found);
  bool find_named(std::string_view name, Datum& found) const;
  bool step(Datum& value, const ast::Segment& segment);
  bool holds(const ast::Condition& condition);
  bool holds(const ast::Comparison& comparison);
  bool orders(ast::Operator comparison, const Datum& left, const Datum& right) const;
  bool contains(const Datum& left, const Datum& right);

  void write(std::string_view text);
  void write_value(const Datum& v);
  void write_escaped(std::string_view text);
  /// What `body` shows, instead of writing it.
  std::string captured(const ast::Block& body, Flow& flow);

  void enter(const Document& document);

  const Document* document_;
  const SlotBinding* binding_ = nullptr;  // of the document
  std::string partial_;                   // the name of the partial at work
  const Environment& environment_;
  Partials* partials_;
  const RenderOptions& options_;
  mutable Scratch scratch_;
  Frame* frame_;
  std::string text_;
  std::string* out_ = &text_;
  std::string_view where_;  // what is at work, for problems
  std::uint64_t passes_ = 0;
  std::size_t written_ = 0;
  std::uint32_t depth_ = 0, partial_depth_ = 0;
  std::int64_t now_;
};

}  // namespace wf::liquid
