// What a rendering makes on its way, and what it may cost: a template that asks for more is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "grammar/liquid/datum.hpp"

namespace wf::liquid {

/// What is wrong with a template, thrown inside the library; the place is known by whoever catches it unless
/// it is said here.
struct Fault {
  std::string message;
  std::string_view where = {};  ///< of the template's text; no data: the place at work
  std::string hint = {};        ///< as of Problem
};

/// Owns texts and arrays that were made during one rendering; references stay valid while it lives.
class Scratch {
 public:
  Scratch(std::size_t memory_limit, std::uint64_t work_limit) : memory_(memory_limit), work_(work_limit) {}

  std::string_view keep(std::string text);
  const Array& keep(Array array);
  Loop& keep(const Loop& loop);
  Datum text(std::string text) { return Datum::text(keep(std::move(text))); }
  Datum array(Array array) { return Datum::array(keep(std::move(array))); }

  /// Throws a Fault when the memory is used up.
  void charge(std::size_t bytes);
  /// The same for steps of work.
  void work(std::uint64_t steps) {
    if (steps > work_) refuse_work();
    work_ -= steps;
  }
  /// The work of looking through a text.
  void read(std::string_view text) { work(text.size() / 64); }
  std::size_t memory_left() const { return memory_; }

  /// rewind() gives back what was made since mark(): nothing may refer to it any more.
  struct Mark {
    std::size_t texts, arrays, loops, memory;
  };
  Mark mark() const { return {texts_.size(), arrays_.size(), loops_.size(), memory_}; }
  void rewind(const Mark& mark);

 private:
  [[noreturn]] static void refuse_work();

  std::size_t memory_;
  std::uint64_t work_;
  std::deque<std::string> texts_;
  std::deque<Array> arrays_;
  std::deque<Loop> loops_;
};

/// A text that grows up to a limit, beyond which a Fault is thrown.
class TextBuilder {
 public:
  explicit TextBuilder(const Scratch& scratch) : left_(scratch.memory_left()) {}
  void add(std::string_view text) {
    if (text.size() > left_) refuse();
    left_ -= text.size();
    text_ += text;
  }
  void add(char c) { add(std::string_view(&c, 1)); }
  std::string take() { return std::move(text_); }

 private:
  [[noreturn]] static void refuse();

  std::size_t left_;
  std::string text_;
};

/// The value as an output shows it: nil as nothing, arrays as their items one behind the other, objects as
/// `{"name"=>value}`.
void append_text(TextBuilder& out, const Datum& v, Scratch& scratch);
/// As append_text(), without a copy of what is text already.
std::string_view text_of(const Datum& v, Scratch& scratch);
/// The value as it stands inside an object's text: texts in quotes, nil as `nil`.
void append_inspected(TextBuilder& out, const Datum& v, Scratch& scratch);

}  // namespace wf::liquid
