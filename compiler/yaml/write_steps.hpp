// Internal to write_yaml(): lines of YAML with their comments, and steps by the table of forms.
#pragma once

#include <string>
#include <vector>

#include "compiler/yaml/forms.hpp"
#include "compiler/yaml/statements.hpp"

namespace wf::yaml {

/// The lines written so far; a level of indentation is two blanks.
class Lines {
 public:
  explicit Lines(const Statements& in) : in_(in) {}

  void line(int indent, const std::string& text);
  /// `key: value`, with the comment that stands behind `whole`.
  void entry(int indent, const std::string& key, const std::string& value, Range whole = {});
  /// `- value`.
  void item(int indent, const std::string& value, Range whole = {});
  /// The next line begins an item: `- ` in place of its last blanks.
  void open_item() { item_ = true; }
  void comments_before(std::uint32_t token, int indent);
  std::string take() { return std::move(out_); }

 private:
  std::string comment_behind(Range whole);

  const Statements& in_;
  std::string out_;
  std::size_t next_ = 0;
  bool item_ = false;
};

class StepWriter {
 public:
  StepWriter(const Statements& in, const Actions& actions, Lines& out)
      : in_(in), actions_(actions), out_(out) {}

  void list(const std::vector<Range>& steps, int indent);
  /// A mapping under `key`, indented by `indent`. False: the tokens do not fit the form, nothing is written.
  bool form(const Form& form, Range range, int indent, const std::string& key);
  /// A mapping that is an item.
  void form_item(const Form& form, Range range, int indent);
  /// A field whose form nobody declared: a block of fields, a list or a piece.
  void data(const std::string& name, Range line, int indent);
  /// A record that a test is given, as an item.
  void record(Range value, Range whole, int indent);
  /// `[a, b]`.
  std::string flow_list(const std::vector<Range>& items) const;
  /// A text with its quotes, within brackets.
  std::string flow_text(std::string_view token) const;

 private:
  void step(Range range, int indent);
  bool action(Range range, int indent);
  void write(const std::vector<Capture>& captures, Range whole, int indent);
  void capture(const Capture& capture, Range whole, int indent);
  void chain(Range range, int indent);
  void arms(Range range, int indent);
  void variants(Range range, int indent);
  std::string action_value(const std::string& head, const Capture& capture, bool& fits) const;
  std::string loose(Range value, bool& fits) const;
  void fields(Range block, int indent);

  const Statements& in_;
  const Actions& actions_;
  Lines& out_;
};

}  // namespace wf::yaml
