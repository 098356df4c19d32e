#include "compiler/wfc/test_runner.hpp"

#include <algorithm>
#include <map>

#include "compiler/emit/emit.hpp"
#include "compiler/wfc/timeline.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::wfc {

using When = ast::TestLine::When;

namespace {

/// The module's program with functions for the conditions of its tests.
struct TestProgram {
  bytecode::Program program;
  std::vector<ir::Outcome> outcomes;
  ConditionTable conditions;
};

/// Properties that a condition reads: what a report of its failure shows.
void collect_values(const sema::Expr& e, std::vector<const sema::Expr*>& out) {
  if (e.op == sema::ExprOp::property || e.op == sema::ExprOp::field) {
    out.push_back(&e);
    return;
  }
  for (const sema::Expr& arg : e.args) collect_values(arg, out);
}

TestProgram build_program(const sema::Module& module, const text::SourceSet& sources, bool coverage) {
  ir::BuildOptions options;
  options.outcomes = coverage;
  std::vector<const sema::TestThat*> order;
  TestProgram result;
  for (const sema::Test& test : module.tests) {
    for (const sema::TestLine& line : test.lines) {
      const auto* that = std::get_if<sema::TestThat>(&line.node);
      if (that == nullptr) continue;
      const std::uint32_t object = test.records[that->record].object;
      std::vector<const sema::Expr*> values;
      collect_values(that->condition, values);
      ConditionFunctions& functions = result.conditions[that];
      functions.condition = static_cast<std::uint32_t>(options.conditions.size());
      options.conditions.push_back({object, &that->condition});
      for (const sema::Expr* value : values) {
        functions.values.emplace_back(value, static_cast<std::uint32_t>(options.conditions.size()));
        options.conditions.push_back({object, value});
      }
    }
  }
  ir::Unit unit = ir::build(module, sources, options);
  ir::optimise(unit);
  for (auto& [that, functions] : result.conditions) {
    functions.condition = unit.conditions[functions.condition];
    for (auto& [expression, function] : functions.values) function = unit.conditions[function];
  }
  result.outcomes = std::move(unit.outcomes);
  auto program = emit::emit(std::move(unit));
  // The project alone was accepted, and each further condition has a function of its own.
  WF_ASSERT(program.ok());
  result.program = std::move(*program);
  return result;
}

/// One test from start to end.
class TestRun {
 public:
  TestRun(const sema::Test& test, const TestProgram& program, const text::SourceSet& sources,
          TestOutcome& outcome)
      : test_(test),
        outcome_(outcome),
        world_(test, program.program),
        expectations_(world_, program.conditions, sources) {}

  void run(const std::string& bundle, const VirtualRun::Ran& ran, bool trace) {
    if (const auto started = world_.start(bundle, ran); !started) {
      return fail(test_.title_span, started.error().message);
    }
    play();
    finish();
    if (trace) write_trace();
  }

 private:
  void fail(text::Span span, std::string message) {
    TestFailure failure;
    failure.span = span;
    failure.message = std::move(message);
    outcome_.failures.push_back(std::move(failure));
  }

  void check(const Result<void>& result, const sema::TestLine& line) {
    if (!result) fail(line.what, result.error().message);
  }

  void expect(const sema::TestLine& line) {
    if (auto failure = expectations_.check(line)) outcome_.failures.push_back(std::move(*failure));
  }

  void play() {
    std::map<std::int64_t, std::vector<const sema::TestLine*>> instants;
    for (const sema::TestLine& line : test_.lines) {
      if (line.when == When::at) instants[line.offset].push_back(&line);
    }
    for (const auto& [offset, lines] : instants) at(test_.start + offset, lines);
  }

  /// Outside events in file order, then workflow steps, then expectations.
  void at(std::int64_t instant, const std::vector<const sema::TestLine*>& lines) {
    VirtualRun& run = world_.run();
    if (instant > run.now()) check(run.advance(instant - 1), *lines.front());
    run.move_to(instant);
    for (const sema::TestLine* line : lines) world_.occur(*line);
    check(run.advance(instant), *lines.front());
    for (const sema::TestLine* line : lines) expect(*line);
  }

  void finish() {
    const std::int64_t last_line = world_.run().now();
    for (const sema::TestLine& line : test_.lines) {
      if (line.when != When::finally) continue;
      check(world_.run().advance(last_line + kHorizon), line);
      expect(line);
    }
    const bool others_allowed = std::any_of(test_.lines.begin(), test_.lines.end(), [](const auto& line) {
      return std::holds_alternative<sema::TestAllowOthers>(line.node);
    });
    if (others_allowed) return;
    // Sends after the last `at` line are the business of `finally` only.
    for (TestFailure& failure : expectations_.unnamed_sends(last_line)) {
      outcome_.failures.push_back(std::move(failure));
    }
  }

  /// Instants with what happened at them.
  void write_trace() {
    std::int64_t instant = -1;
    std::size_t width = 0;
    for (const sema::TestRecord& record : test_.records) width = std::max(width, record.name.size());
    for (const Observation& o : world_.observations()) {
      if (o.item.at != instant) {
        outcome_.trace.push_back(world_.offset(o.item.at) + "  " + world_.instant(o.item.at));
      }
      instant = o.item.at;
      std::string name = world_.name(o.record);
      if (name.size() < width) name.resize(width, ' ');
      outcome_.trace.push_back("  " + name + "  " + happening_text(o, world_.subject(o), test_.zone));
    }
  }

  /// `finally` looks at the whole run: this much virtual time after the last line.
  static constexpr std::int64_t kHorizon = 400 * value::kDay;

  const sema::Test& test_;
  TestOutcome& outcome_;
  TestWorld world_;
  Expectations expectations_;
};

}  // namespace

std::size_t TestResults::failed() const {
  return static_cast<std::size_t>(
      std::count_if(outcomes.begin(), outcomes.end(), [](const auto& o) { return !o.failures.empty(); }));
}

TestResults run_tests(const sema::Module& module, const text::SourceSet& sources,
                      const TestRunOptions& options) {
  TestProgram program = build_program(module, sources, options.coverage);
  Coverage coverage(program.program, std::move(program.outcomes));
  VirtualRun::Ran ran;
  if (options.coverage) {
    ran = [&coverage](const engine::GroupRan& group) { coverage.note(group.run); };
  }
  const std::string bundle = bytecode::write_bundle(program.program);
  TestResults results;
  for (const sema::Test& test : module.tests) {
    if (!options.wanted(test.title)) continue;
    TestOutcome& outcome = results.outcomes.emplace_back();
    outcome.test = &test;
    TestRun(test, program, sources, outcome).run(bundle, ran, options.trace);
  }
  if (options.coverage) results.coverage = coverage.workflows(sources);
  return results;
}

}  // namespace wf::wfc
