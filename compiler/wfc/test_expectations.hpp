// Whether what a `test` expects has happened, and what to say when it has not.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/wfc/test_world.hpp"
#include "grammar/text/diagnostic.hpp"

namespace wf::wfc {

struct TestFailure {
  text::Span span;
  std::int64_t at = 0;  ///< virtual time
  std::string message;  ///< stands alone
  std::string label;    ///< under the caret
  std::vector<std::string> notes;
  // What would make the test expect what happens; neither when that is not clear.
  std::vector<text::Edit> edits;
  std::string missing_line;  ///< for `at`: "expect sent email.welcome to taro"
};

/// The functions of a program that evaluate the conditions of tests, and the values in them.
struct ConditionFunctions {
  std::uint32_t condition = bytecode::kNone;
  std::vector<std::pair<const sema::Expr*, std::uint32_t>> values;
};
using ConditionTable = std::map<const sema::TestThat*, ConditionFunctions>;

/// A send counts for `at T expect sent …` when it left within this long before T: a window spreads what it
/// held back.
inline constexpr std::int64_t kExpectTolerance = 15LL * 60 * 1'000'000;

class Expectations {
 public:
  Expectations(TestWorld& world, const ConditionTable& conditions, const text::SourceSet& sources)
      : world_(world), conditions_(conditions), sources_(sources) {}

  /// Looks at what has happened up to now. Nothing when the line expects nothing or holds.
  std::optional<TestFailure> check(const sema::TestLine& line);
  /// Sends up to an instant that no line checked before has named.
  std::vector<TestFailure> unnamed_sends(std::int64_t until);

 private:
  // One for each kind of line.
  std::optional<TestFailure> check(const sema::TestLine& line, const sema::TestExpect& e);
  std::optional<TestFailure> check(const sema::TestLine& line, const sema::TestThat& that);
  std::optional<TestFailure> check(const sema::TestLine& line, const sema::TestLimit& limit);

  bool holds(const sema::TestLine& line, const sema::TestExpect& e);
  bool is_state(const sema::TestExpect& e) const;
  bool state(const sema::TestExpect& e);
  bool won(const sema::TestExpect& e);
  bool nothing(const sema::TestExpect& e);
  bool find_now(const sema::TestExpect& e);
  std::int64_t count(const sema::TestExpect& e, bool name_them);

  bool fits(std::size_t index, const sema::TestExpect& e);
  bool fits_task(std::size_t index, const sema::TestExpect& e);
  bool fits_word(const Observation& o, const sema::TestExpect& e) const;
  std::string resource_name(const sema::TestExpect& e) const;
  /// A property that the record created last before an observation got: the task or notification.
  std::string created_property(std::size_t index, std::string_view object, std::string_view property);

  TestFailure failure(const sema::TestLine& line, std::string message) const;
  void explain(TestFailure& failure, const sema::TestExpect& e);
  void say_where(TestFailure& failure, std::uint32_t record);
  std::string describe(const Observation& o);
  void add_update(TestFailure& failure, const sema::TestLine& line, const sema::TestThat& that,
                  const value::Value& actual) const;
  /// A value as it is written in a test; nothing for those that have no such form.
  std::optional<std::string> literal(const value::Value& v) const;

  TestWorld& world_;
  const ConditionTable& conditions_;
  const text::SourceSet& sources_;
  std::set<std::size_t> named_;  // observations that a line named
};

}  // namespace wf::wfc
