// Tests of the language. Each kind of line has one place: what is given in tests.cpp, what happens in
// test_happenings.cpp, what is expected in expectations.cpp (words) and expected_conditions.cpp (conditions).
// Lines made of words are rows of a table of forms there.
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
  /// Of the test's times without a zone.
  const std::string& zone() const { return test_.zone.empty() ? context_.zone() : test_.zone; }

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

/// The body that a webhook answers with.
bool check_answer_body(Context& context, const ast::TestData& body, value::Map& out);
/// Index of a variant or the holdout; kNone after a report.
std::uint32_t resolve_arm(Context& context, std::uint32_t experiment, const ast::Name& name);

using TestNode = decltype(TestLine::node);

/// A property of an object of the test; nothing after a report.
std::optional<std::uint32_t> check_test_property(Context& context, std::uint32_t object,
                                                 const ast::Name& name);

// Nothing after a report.
std::optional<TestNode> check_variant(Context& context, TestRecords& records, const ast::TestVariant& source);
std::optional<TestNode> check_occurs(Context& context, TestRecords& records, const ast::TestOccurs& source);
std::optional<TestNode> check_change(Context& context, TestRecords& records, const ast::TestChange& source);
std::optional<TestNode> check_membership(Context& context, TestRecords& records,
                                         const ast::TestMembership& source);
/// What happens, said in words: `unsubscribe taro from topic.x`.
std::optional<TestNode> check_happening(Context& context, TestRecords& records, const ast::Action& source,
                                        Span span);

/// `expect WORDS…`.
std::optional<TestNode> check_expectation(Context& context, TestRecords& records,
                                          const ast::TestExpectAtoms& source, Span span);
std::optional<TestNode> check_that(Context& context, TestRecords& records, const ast::TestExpectThat& source);
/// The condition `source`, which names no record, over one of the test's.
std::optional<TestNode> check_that(Context& context, TestRecords& records, std::uint32_t record,
                                   const ast::Expr& source);
std::optional<TestNode> check_limit(Context& context, TestRecords& records,
                                    const ast::TestExpectLimit& source, Span span);

}  // namespace wf::sema
