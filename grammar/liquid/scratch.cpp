#include "grammar/liquid/scratch.hpp"

#include "grammar/liquid/numbers.hpp"

namespace wf::liquid {
namespace {

void append_quoted(TextBuilder& out, std::string_view text) {
  out.add('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.add('\\');
    if (c == '\n') {
      out.add("\\n");
    } else {
      out.add(c);
    }
  }
  out.add('"');
}

void append_object(TextBuilder& out, const Object& object, Scratch& scratch) {
  out.add('{');
  std::string_view separator;
  for (const auto& [name, value] : object.fields()) {
    out.add(separator);
    append_quoted(out, name);
    out.add("=>");
    append_inspected(out, value, scratch);
    separator = ", ";
  }
  out.add('}');
}

void append_list(TextBuilder& out, const Array& items, Scratch& scratch) {
  out.add('[');
  std::string_view separator;
  for (const Datum& item : items) {
    out.add(separator);
    append_inspected(out, item, scratch);
    separator = ", ";
  }
  out.add(']');
}

}  // namespace

std::string_view Scratch::keep(std::string text) {
  charge(text.size() + sizeof(std::string));
  return texts_.emplace_back(std::move(text));
}

const Array& Scratch::keep(Array array) {
  charge(array.size() * sizeof(Datum) + sizeof(Array));
  return arrays_.emplace_back(std::move(array));
}

Loop& Scratch::keep(const Loop& loop) {
  charge(sizeof(Loop));
  return loops_.emplace_back(loop);
}

void Scratch::charge(std::size_t bytes) {
  if (bytes > memory_) throw Fault{"the template needs too much memory"};
  memory_ -= bytes;
}

void Scratch::rewind(const Mark& mark) {
  while (texts_.size() > mark.texts) texts_.pop_back();
  while (arrays_.size() > mark.arrays) arrays_.pop_back();
  while (loops_.size() > mark.loops) loops_.pop_back();
  memory_ = mark.memory;
}

void Scratch::refuse_work() {
  throw Fault{"the template does too much work"};
}

void TextBuilder::refuse() {
  throw Fault{"the template makes a text that is too long"};
}

void append_text(TextBuilder& out, const Datum& v, Scratch& scratch) {
  scratch.work(1);
  switch (v.type()) {
    case Type::boolean:
      return out.add(v.as_boolean() ? "true" : "false");
    case Type::integer:
      return out.add(integer_text(v.as_integer()));
    case Type::real:
      return out.add(real_text(v.as_real()));
    case Type::text:
      return out.add(v.as_text());
    case Type::array:
      for (const Datum& item : v.as_array()) append_text(out, item, scratch);
      return;
    case Type::object:
      return append_object(out, v.as_object(), scratch);
    case Type::range:
      return out.add(integer_text(v.as_range().first) + ".." + integer_text(v.as_range().last));
    default:
      return;
  }
}

std::string_view text_of(const Datum& v, Scratch& scratch) {
  if (v.is(Type::text)) return v.as_text();
  if (v.is_nil()) return {};
  TextBuilder out(scratch);
  append_text(out, v, scratch);
  return scratch.keep(out.take());
}

void append_inspected(TextBuilder& out, const Datum& v, Scratch& scratch) {
  switch (v.type()) {
    case Type::nil:
      return out.add("nil");
    case Type::text:
      return append_quoted(out, v.as_text());
    case Type::array:
      return append_list(out, v.as_array(), scratch);
    default:
      return append_text(out, v, scratch);
  }
}

}  // namespace wf::liquid
