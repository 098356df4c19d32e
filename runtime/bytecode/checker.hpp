// What the parts of the verifier share: the first problem found, and the checks of single indices, types and
// values. Private to this folder.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "runtime/bytecode/program.hpp"

namespace wf::bytecode::verifier {

/// Keeps the first problem; later ones may only follow from it.
class Checker {
 public:
  explicit Checker(const Program& program) : program_(program) {}

  const Program& program() const { return program_; }
  const Catalogue& catalogue() const { return program_.catalogue; }
  bool ok() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }

  /// What the next checks are about: "send 2", "function 3, word 17".
  void at(std::string_view table, std::size_t index) {
    place_.clear();
    table_ = table;
    index_ = index;
    word_.reset();
  }
  void at_word(std::size_t function, std::size_t word) {
    at("function", function);
    word_ = word;
  }
  void at(std::string place) { place_ = std::move(place); }

  bool require(bool condition, std::string_view otherwise) {
    if (!condition && ok()) problem_ = place() + ": " + std::string(otherwise);
    return condition;
  }

  bool index(std::uint32_t i, std::size_t size, std::string_view what) {
    return i < size || require(false, std::string("no such ") + std::string(what));
  }
  bool optional_index(std::uint32_t i, std::size_t size, std::string_view what) {
    return i == kNone || index(i, size, what);
  }
  template <class Items>
  void indices(const std::vector<std::uint32_t>& list, const Items& items, std::string_view what) {
    for (const std::uint32_t i : list) index(i, items.size(), what);
  }

  bool object(std::uint32_t o) { return index(o, catalogue().objects.size(), "object"); }
  bool property(std::uint32_t o, std::uint32_t p) {
    return object(o) && index(p, catalogue().objects[o].properties.size(), "property");
  }
  void properties(std::uint32_t o, const std::vector<std::uint32_t>& list) {
    for (const std::uint32_t p : list) property(o, p);
  }
  void zone(const std::string& name);
  void weekly(const value::WeeklyWindow& hours);
  /// Every name of the table is there and there once.
  template <class Items>
  void names(const Items& items, std::string_view table) {
    std::set<std::string_view> seen;
    at(std::string(table));
    for (const auto& item : items) {
      require(!item.name.empty(), "an entry without a name");
      if (!seen.insert(item.name).second) require(false, "the name `" + item.name + "` occurs twice");
    }
  }

  void type(const Type& t);
  /// A constant that a program may hold: no list, no map, no record, and its indices exist.
  void constant(const value::Value& v);
  /// A constant that a property or field of this type may have.
  void constant_of(const Type& t, const value::Value& v);
  /// `arguments`: how many values the place of use computes.
  void text_template(const Template& t, std::size_t arguments);

  /// A function of the kind, over the object; it may read `event` if it reads one at all.
  bool function(std::uint32_t f, FunctionKind kind, std::uint32_t object, std::uint32_t event);
  bool optional_function(std::uint32_t f, std::uint32_t object, std::uint32_t event = kNone) {
    return f == kNone || function(f, FunctionKind::expression, object, event);
  }
  void match(const EventMatch& m, std::uint32_t object);

 private:
  /// Composed for a problem only: most programs have none.
  std::string place() const {
    if (!place_.empty()) return place_;
    const std::string place = std::string(table_) + " " + std::to_string(index_);
    return word_ ? place + ", word " + std::to_string(*word_) : place;
  }

  const Program& program_;
  std::string place_;  ///< or, when it is empty:
  std::string_view table_;
  std::size_t index_ = 0;
  std::optional<std::size_t> word_;
  std::string problem_;
};

/// May a value of kind `have` stand where `want` is declared? Numbers mix; unknown fits everything.
bool fits(value::Kind want, value::Kind have);

// The parts of verify(), each on what the former have accepted.
void check_catalogue(Checker& c);
void check_tables(Checker& c);
/// Gives the largest stack of each function.
std::vector<std::uint32_t> check_code(Checker& c);

}  // namespace wf::bytecode::verifier
