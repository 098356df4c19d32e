#include "compiler/yaml/write_steps.hpp"

#include <algorithm>

#include "compiler/yaml/scalars.hpp"

namespace wf::yaml {

using format::Kind;
using format::Token;

// ---- lines ----

void Lines::line(int indent, const std::string& text) {
  std::string blanks(static_cast<std::size_t>(indent) * 2, ' ');
  if (item_) blanks.replace(blanks.size() - 2, 2, "- ");
  item_ = false;
  out_ += blanks + text + "\n";
}

std::string Lines::comment_behind(Range whole) {
  const auto& comments = in_.comments();
  if (whole.empty() || next_ >= comments.size()) return {};
  const Statements::Comment& next = comments[next_];
  if (!next.behind || next.before <= whole.first || next.before > whole.last) return {};
  ++next_;
  return "  " + std::string(next.text);
}

void Lines::entry(int indent, const std::string& key, const std::string& value, Range whole) {
  line(indent, key + ": " + value + comment_behind(whole));
}

void Lines::item(int indent, const std::string& value, Range whole) {
  line(indent, "- " + value + comment_behind(whole));
}

void Lines::comments_before(std::uint32_t token, int indent) {
  const auto& comments = in_.comments();
  for (; next_ < comments.size() && comments[next_].before <= token; ++next_) {
    out_ += std::string(static_cast<std::size_t>(indent) * 2, ' ') + std::string(comments[next_].text) + "\n";
  }
}

// ---- lists ----

std::string StepWriter::flow_text(std::string_view token) const {
  const std::string value = unquoted(token);
  const bool plain = text_scalar(value) == value && value.find_first_of(",[]{}") == value.npos;
  return plain ? value : quoted_scalar(value);
}

std::string StepWriter::flow_list(const std::vector<Range>& items) const {
  std::string list;
  for (const Range& item : items) {
    list += (list.empty() ? "" : ", ") + code_in_flow(in_.text(item));
  }
  return "[" + list + "]";
}

void StepWriter::list(const std::vector<Range>& steps, int indent) {
  for (const Range& one : steps) step(one, indent);
}

void StepWriter::step(Range range, int indent) {
  out_.comments_before(range.first, indent);
  for (const Form& form : step_forms()) {
    const auto found = match(form.parts, in_.tokens(), range.first, range.last);
    if (!found) continue;
    out_.open_item();
    write(*found, range, indent + 1);
    return;
  }
  if (!action(range, indent)) out_.item(indent, code_scalar(in_.text(range)), range);
}

// ---- forms ----

bool StepWriter::form(const Form& form, Range range, int indent, const std::string& key) {
  const auto found = match(form.parts, in_.tokens(), range.first, range.last);
  if (!found) return false;
  out_.line(indent - 1, key + ":");
  write(*found, range, indent);
  return true;
}

void StepWriter::form_item(const Form& form, Range range, int indent) {
  const auto found = match(form.parts, in_.tokens(), range.first, range.last);
  if (!found) return out_.item(indent, code_scalar(in_.text(range)), range);
  out_.open_item();
  write(*found, range, indent + 1);
}

void StepWriter::write(const std::vector<Capture>& captures, Range whole, int indent) {
  for (const Capture& one : captures) capture(one, whole, indent);
}

void StepWriter::capture(const Capture& capture, Range whole, int indent) {
  const Range range{capture.first, capture.last};
  const std::string& key = capture.part->key;
  const auto below = [&](auto write_it) {
    out_.line(indent, key + ":");
    write_it();
  };
  switch (capture.part->shape) {
    case Shape::flag:
      return out_.entry(indent, key, "true");
    case Shape::text:
      return out_.entry(indent, key, text_scalar(unquoted(in_[range.first].text)), whole);
    case Shape::code:
    case Shape::word:
      return out_.entry(indent, key, code_scalar(in_.text(range)),
                        Range{whole.first, std::min(whole.last, range.last + 1)});
    case Shape::points: {
      const bool plus = in_[range.first].is("+");
      return out_.entry(indent, key, in_.text({range.first + (plus ? 1 : 0), range.last}), {});
    }
    case Shape::steps: {
      const auto steps = in_.split(in_.inside(range.first));
      if (steps.empty()) return out_.line(indent, key + ": []");
      return below([&] { list(steps, indent + 1); });
    }
    case Shape::chain:
      return below([&] { chain(range, indent + 1); });
    case Shape::arms:
      return below([&] { arms(range, indent + 1); });
    case Shape::variants:
      return below([&] { variants(range, indent + 1); });
    case Shape::items:
      return below([&] {
        for (const Range& item : in_.split(range)) {
          out_.comments_before(item.first, indent + 1);
          out_.item(indent + 1, code_scalar(in_.text(item)), item);
        }
      });
    case Shape::failure: {
      const auto found = match(failure_form().parts, in_.tokens(), range.first, range.last);
      if (!found) return out_.entry(indent, key, code_scalar(in_.text(range)));
      return below([&] { write(*found, range, indent + 1); });
    }
  }
}

/// Each part of the range that ends with a block.
template <class F>
void each_with_block(const Statements& in, Range range, F use) {
  for (std::uint32_t first = range.first; first < range.last;) {
    if (in[first].kind == Kind::semicolon) {
      ++first;
      continue;
    }
    const std::uint32_t open = in.block_of({first, range.last});
    const std::uint32_t last = open < range.last ? in[open].partner + 1 : range.last;
    use(Range{first, last}, open);
    first = last;
  }
}

void StepWriter::chain(Range range, int indent) {
  each_with_block(in_, range, [&](Range link, std::uint32_t) {
    out_.comments_before(link.first, indent);
    form_item(chain_form(), link, indent);
  });
}

void StepWriter::arms(Range range, int indent) {
  each_with_block(in_, range, [&](Range arm, std::uint32_t open) {
    out_.comments_before(arm.first, indent);
    const auto steps = in_.split(in_.inside(open));
    const std::string key = code_scalar(in_.text({arm.first, open}));
    if (steps.empty()) return out_.line(indent, key + ": []");
    out_.line(indent, key + ":");
    list(steps, indent + 1);
  });
}

void StepWriter::variants(Range range, int indent) {
  each_with_block(in_, range, [&](Range arm, std::uint32_t) {
    // `holdout 10%` alone has no block of its own.
    for (const Range& one : in_.split(arm)) {
      out_.comments_before(one.first, indent);
      const Form& form = in_[one.first].is("holdout") ? variant_forms()[1] : variant_forms()[0];
      form_item(form, one, indent);
    }
  });
}

// ---- actions ----

bool StepWriter::action(Range range, int indent) {
  // What follows the action itself begins with `on failure`, or is the block of the answers.
  std::uint32_t behind = range.last;
  for (std::uint32_t i = range.first + 1; i < range.last; ++i) {
    if (in_[i].kind == Kind::open && in_[i].is("{")) behind = std::min(behind, i);
    if (in_[i].is("on") && i + 1 < range.last && in_[i + 1].is("failure")) behind = std::min(behind, i);
    if (in_[i].kind == Kind::open) i = std::max(i, in_[i].partner);
  }
  const auto tail = match(action_tail().parts, in_.tokens(), behind, range.last);
  if (!tail) return false;
  for (const Form& form : actions_.forms()) {
    // Words behind the last slot are part of its value.
    const auto found = match(form.parts, in_.tokens(), range.first, behind);
    if (!found || found->empty()) continue;
    std::vector<std::pair<std::string, std::string>> entries;
    bool fits = true;
    for (const Capture& one : *found) {
      Capture wide = one;
      if (&one == &found->back()) wide.last = behind;
      entries.emplace_back(one.part->key, action_value(form.head, wide, fits));
    }
    if (!fits) continue;
    out_.open_item();
    for (const auto& [key, value] : entries)
      out_.entry(indent + 1, key, value, key == entries.front().first ? Range{range.first, behind} : Range{});
    write(*tail, range, indent + 1);
    return true;
  }
  return false;
}

std::string StepWriter::action_value(const std::string& head, const Capture& capture, bool& fits) const {
  const Range value{capture.first, capture.last};
  const bool list = in_[value.first].is("(") && in_[value.first].partner + 1 == value.last;
  switch (actions_.slot(head, capture.part->key)) {
    case Actions::Slot::text:
      fits = fits && value.last - value.first == 1 && in_[value.first].kind == Kind::text;
      return text_scalar(unquoted(in_[value.first].text));
    case Actions::Slot::fields:
      return list ? loose(value, fits) : code_scalar(in_.text(value));
    default:
      return code_scalar(in_.text(value));
  }
}

/// Within brackets a text is quoted and a piece is not; what cannot be written so does not fit.
std::string StepWriter::loose(Range value, bool& fits) const {
  if (in_[value.first].is("(") && in_[value.first].partner + 1 == value.last) {
    std::string list;
    for (const Range& item : in_.items(in_.inside(value.first)))
      list += (list.empty() ? "" : ", ") + loose(item, fits);
    return "[" + list + "]";
  }
  if (value.last - value.first == 1 && in_[value.first].kind == Kind::text)
    return quoted_scalar(unquoted(in_[value.first].text));
  const std::string code = in_.text(value);
  fits = fits && is_plain_code(code);
  return code;
}

// ---- data ----

void StepWriter::fields(Range block, int indent) {
  for (const Range& line : in_.split(block)) {
    out_.comments_before(line.first, indent);
    data(std::string(in_[line.first].text), line, indent);
  }
}

void StepWriter::data(const std::string& name, Range line, int indent) {
  const Range value{line.first + 1, line.last};
  if (!value.empty() && in_[value.first].is("{")) {
    const bool empty = in_.split(in_.inside(value.first)).empty();
    out_.line(indent, name + (empty ? ": {}" : ":"));
    fields(in_.inside(value.first), indent + 1);
    return;
  }
  bool fits = !value.empty();
  const std::string written = fits ? loose(value, fits) : "";
  if (fits) return out_.entry(indent, name, written, line);
  // A block scalar is never quoted.
  out_.line(indent, name + ": >-");
  out_.line(indent + 1, in_.text(value));
}

void StepWriter::record(Range value, Range whole, int indent) {
  const std::uint32_t open = in_.block_of(value);
  const bool named = open - value.first == 2 && in_[value.first].kind == Kind::word &&
                     in_[value.first + 1].kind == Kind::word &&
                     in_[value.first].text.find('.') == std::string::npos;
  if (!named || (open < value.last && in_[open].partner + 1 != value.last))
    return out_.item(indent, code_scalar(in_.text(value)), whole);
  out_.open_item();
  out_.entry(indent + 1, std::string(in_[value.first].text), std::string(in_[value.first + 1].text), whole);
  if (open >= value.last || in_.split(in_.inside(open)).empty()) return;
  out_.line(indent + 1, "with:");
  fields(in_.inside(open), indent + 2);
}

}  // namespace wf::yaml
