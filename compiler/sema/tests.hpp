// Tests of the language.
#pragma once

#include "compiler/sema/context.hpp"

namespace wf::sema {

/// Checks one `test` and adds it to the module. A record that another refers to is a ref whose key is its
/// index in Test::records.
void check_test(Context& context, std::uint32_t index);

/// The records that a test has given so far, and what goes wrong with names of them.
class TestRecords {
 public:
  TestRecords(Context& context, Test& test) : context_(context), test_(test) {}

  /// Index of a record; kNone after a report.
  std::uint32_t find(const ast::Name& name);
  bool has(const std::string& name) const;
  /// A record whose `given` had an error: what uses it is left out without another report.
  void add_broken(const std::string& name) { broken_.push_back(name); }
  std::uint32_t object(std::uint32_t record) const { return test_.records[record].object; }
  std::vector<std::string> names() const;

  /// A value of a property or event field: a literal, an enum's value, a reference, or a record. Nothing
  /// after a report. `what` names it in the report.
  std::optional<value::Value> constant(const std::vector<ast::Atom>& atoms, Span span, const Type& type,
                                       const std::string& what);
  std::optional<value::Value> record_value(const ast::Name& name, const Type& type);

 private:
  std::optional<value::Value> refuse(Span span, const Type& type, const std::string& what);

  Context& context_;
  Test& test_;
  std::vector<std::string> broken_;
};

/// `expect WORDS…`. Nothing after a report.
std::optional<TestExpect> check_expectation(Context& context, TestRecords& records,
                                            const ast::TestExpectAtoms& source, Span span);

}  // namespace wf::sema
