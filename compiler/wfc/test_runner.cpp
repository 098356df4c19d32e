#include "compiler/wfc/test_runner.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/emit/emit.hpp"
#include "compiler/ir/ir.hpp"
#include "compiler/wfc/virtual_run.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::wfc {

using bytecode::kNone;
using bytecode::ResourceKind;
using engine::Happening;
using When = ast::TestLine::When;

namespace {

/// The module's program with one more segment per `expect CONDITION`: its function evaluates the condition.
bytecode::Program program_with_conditions(const sema::Module& module, const text::SourceSet& sources,
                                          std::map<const sema::TestThat*, std::uint32_t>& segments) {
  sema::Module extended = module;
  for (std::size_t t = 0; t < module.tests.size(); ++t) {
    for (const sema::TestLine& line : module.tests[t].lines) {
      const auto* that = std::get_if<sema::TestThat>(&line.node);
      if (that == nullptr) continue;
      const auto index = static_cast<std::uint32_t>(extended.catalogue.segments.size());
      const std::uint32_t object = module.tests[t].records[that->record].object;
      extended.catalogue.segments.push_back({"test " + std::to_string(index), "", object, kNone});
      extended.segments.push_back({index, that->condition});
      segments[that] = index;
    }
  }
  ir::Unit unit = ir::build(extended, sources);
  ir::optimise(unit);
  auto program = emit::emit(std::move(unit));
  // The project alone was accepted, and a condition more has a function of its own.
  WF_ASSERT(program.ok());
  return std::move(*program);
}

class TestRun {
 public:
  TestRun(const sema::Test& test, const bytecode::Program& program, const std::string& bundle,
          const std::map<const sema::TestThat*, std::uint32_t>& segments, TestOutcome& outcome)
      : test_(test), program_(program), bundle_(bundle), segments_(segments), outcome_(outcome) {}

  void run(bool trace) {
    auto created = VirtualRun::create(bundle_, test_.start);
    if (!created) return fail(test_.span, created.error().message);
    run_ = std::move(*created);
    set_up();
    play();
    finish();
    if (trace) write_trace();
    for (const Observation& o : run_->observations()) {
      if (o.item.what == Happening::step) {
        outcome_.steps.push_back(run_->engine().subject_name(o.item.subject) + ": " + o.item.detail);
      }
    }
  }

 private:
  const bytecode::Catalogue& catalogue() const { return program_.catalogue; }
  void fail(text::Span span, std::string message) { outcome_.failures.push_back({span, std::move(message)}); }

  std::string subject(std::uint32_t record) const { return "test:" + test_.records[record].name; }

  engine::InputEvent input(engine::InputKind kind, std::uint32_t record) const {
    engine::InputEvent event;
    event.kind = kind;
    event.object = catalogue().objects[test_.records[record].object].name;
    event.subject = subject(record);
    return event;
  }

  void set_up() {
    for (const sema::TestLine& line : test_.lines) {
      if (const auto* answers = std::get_if<sema::TestAnswers>(&line.node)) {
        run_->script_webhook(catalogue().webhooks[answers->webhook].name, answers->statuses);
      }
      others_allowed_ |= std::holds_alternative<sema::TestAllowOthers>(line.node);
    }
    for (std::uint32_t r = 0; r < test_.records.size(); ++r) {
      engine::InputEvent event = input(engine::InputKind::upsert, r);
      add_properties(event, r, test_.records[r].data.properties);
      event.marketing = test_.records[r].data.marketing;
      run_->accept(event);
    }
    if (const auto settled = run_->settle(); !settled) fail(test_.span, settled.error().message);
  }

  void add_properties(engine::InputEvent& event, std::uint32_t record,
                      const std::vector<std::pair<std::uint32_t, value::Value>>& properties) const {
    const auto& declared = catalogue().objects[test_.records[record].object].properties;
    for (const auto& [property, v] : properties) {
      event.properties.emplace_back(declared[property].name, outside(v));
    }
  }

  /// A typed value as the outside would send it; instants and dates stay typed.
  value::Value outside(const value::Value& v) const {
    if (v.kind() == value::Kind::enumeration) {
      return value::Value::text(catalogue().enums[v.aux()].values[v.as_ordinal()]);
    }
    if (v.kind() == value::Kind::resource) {
      const auto kind = static_cast<ResourceKind>(v.aux());
      return value::Value::text(catalogue().resource_name(kind, v.as_resource()));
    }
    if (v.kind() == value::Kind::ref)
      return value::Value::text(subject(static_cast<std::uint32_t>(v.as_key())));
    return v;
  }

  void play() {
    std::vector<const sema::TestLine*> lines;
    for (const sema::TestLine& line : test_.lines) {
      if (line.when == When::at) lines.push_back(&line);
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto* a, const auto* b) { return a->offset < b->offset; });
    for (std::size_t i = 0; i < lines.size();) {
      std::size_t end = i;
      while (end < lines.size() && lines[end]->offset == lines[i]->offset) ++end;
      at(test_.start + lines[i]->offset,
         {lines.begin() + static_cast<std::ptrdiff_t>(i), lines.begin() + static_cast<std::ptrdiff_t>(end)});
      i = end;
    }
  }

  /// Outside events in file order, then workflow steps, then expectations.
  void at(std::int64_t instant, const std::vector<const sema::TestLine*>& lines) {
    if (instant > run_->now()) check(run_->advance(instant - 1), lines.front()->span);
    run_->move_to(instant);
    for (const sema::TestLine* line : lines) occur(*line);
    check(run_->advance(instant), lines.front()->span);
    for (const sema::TestLine* line : lines) expect(*line);
  }

  void check(const Result<void>& result, text::Span span) {
    if (!result) fail(span, result.error().message);
  }

  void occur(const sema::TestLine& line) {
    if (const auto* occurs = std::get_if<sema::TestOccurs>(&line.node)) {
      const bytecode::EventType& type = catalogue().events[occurs->event];
      engine::InputEvent event = input(engine::InputKind::event, occurs->record);
      event.type = type.name;
      for (const auto& [parameter, v] : occurs->parameters) {
        event.data.emplace_back(type.parameters[parameter].name, outside(v));
      }
      add_properties(event, occurs->record, occurs->properties);
      run_->accept(event);
    } else if (const auto* set = std::get_if<sema::TestSet>(&line.node)) {
      engine::InputEvent event = input(engine::InputKind::upsert, set->record);
      add_properties(event, set->record, {{set->property, set->value}});
      run_->accept(event);
    } else if (const auto* member = std::get_if<sema::TestMember>(&line.node)) {
      engine::InputEvent event = input(engine::InputKind::membership, member->record);
      event.type = "list." + catalogue().lists[member->list].name;
      event.flag = member->add;
      run_->accept(event);
    } else if (const auto* topic = std::get_if<sema::TestTopic>(&line.node)) {
      engine::InputEvent event = input(engine::InputKind::topic, topic->record);
      event.type = topic->topic == kNone ? "" : catalogue().topics[topic->topic].name;
      event.flag = topic->subscribe;
      run_->accept(event);
    }
  }

  engine::Key key(std::uint32_t record) {
    const std::string& object = catalogue().objects[test_.records[record].object].name;
    const auto found = run_->engine().find(object, subject(record));
    return found && *found ? **found : 0;
  }

  std::string name_of(const Observation& o) { return run_->engine().subject_name(o.item.subject); }

  std::string resource_name(const sema::TestExpect& e) const {
    if (e.resource == kNone) return {};
    switch (e.what) {
      case sema::Expectation::sent:
      case sema::Expectation::refused:
        return "email." + catalogue().emails[e.resource].name;
      case sema::Expectation::notified:
        return "message." + catalogue().messages[e.resource].name;
      case sema::Expectation::called:
        return "webhook." + catalogue().webhooks[e.resource].name;
      case sema::Expectation::enrolled:
      case sema::Expectation::ended:
        return "workflow." + program_.workflows[e.resource].name;
      case sema::Expectation::member:
        return catalogue().lists[e.resource].name;
      case sema::Expectation::task:
        return {};
    }
    return {};
  }

  static std::set<Happening> happenings(sema::Expectation what) {
    switch (what) {
      case sema::Expectation::sent:
        return {Happening::mail_sent};
      case sema::Expectation::refused:
        return {Happening::mail_refused};
      case sema::Expectation::task:
        return {Happening::task_created};
      case sema::Expectation::notified:
        return {Happening::notified};
      case sema::Expectation::called:
        return {Happening::call_made, Happening::call_retry, Happening::call_failed};
      case sema::Expectation::ended:
        return {Happening::ended};
      default:
        return {};
    }
  }

  /// The word of the expectation against the detail of a happening: a title, an addressee, a reason.
  static bool word_fits(const sema::TestExpect& e, const std::string& detail) {
    if (e.word.empty()) return true;
    if (e.what == sema::Expectation::task) return detail == e.word || detail.starts_with(e.word + " · ");
    if (e.what == sema::Expectation::ended) return detail == e.word || detail.starts_with(e.word + ":");
    return detail == e.word ||
           (e.what == sema::Expectation::refused && detail.find(e.word) != std::string::npos);
  }

  bool fits(const Observation& o, const sema::TestExpect& e) {
    if (!happenings(e.what).contains(o.item.what)) return false;
    if (e.record != kNone && o.record != key(e.record)) return false;
    const std::string resource = resource_name(e);
    if (!resource.empty() && name_of(o) != resource) return false;
    return word_fits(e, o.item.detail);
  }

  void expect(const sema::TestLine& line) {
    if (const auto* that = std::get_if<sema::TestThat>(&line.node)) return expect_that(line, *that);
    if (const auto* limit = std::get_if<sema::TestLimit>(&line.node)) return expect_limit(line, *limit);
    const auto* e = std::get_if<sema::TestExpect>(&line.node);
    if (e == nullptr) return;
    bool found = false;
    if (e->what == sema::Expectation::enrolled || e->what == sema::Expectation::member) {
      found = expect_state(*e);
    } else if (e->negated || line.when == When::finally || e->what == sema::Expectation::ended) {
      found = find_any(*e, e->negated);
    } else {
      found = find_now(*e);
    }
    if (found != e->negated) return;
    fail(line.span,
         std::string(e->negated ? "this happened" : "this did not happen") + ": " + line.label + hint(*e));
  }

  bool expect_state(const sema::TestExpect& e) {
    const auto info = run_->engine().describe(key(e.record));
    if (!info || !*info) return false;
    const std::string name = resource_name(e);
    if (e.what == sema::Expectation::member) {
      return std::find((*info)->lists.begin(), (*info)->lists.end(), name) != (*info)->lists.end();
    }
    return std::any_of((*info)->enrolments.begin(), (*info)->enrolments.end(),
                       [&](const auto& enrolment) { return "workflow." + enrolment.workflow == name; });
  }

  /// Anywhere in the run. Looking for a send that must not be there does not mark it as expected.
  bool find_any(const sema::TestExpect& e, bool negated) {
    bool found = false;
    for (std::size_t i = 0; i < run_->observations().size(); ++i) {
      if (!fits(run_->observations()[i], e)) continue;
      found = true;
      if (negated) break;
      named_.insert(i);
    }
    return found;
  }

  bool find_now(const sema::TestExpect& e) {
    const auto& all = run_->observations();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool in_time = all[i].item.at <= run_->now() && all[i].item.at >= run_->now() - kExpectTolerance;
      if (!in_time || named_.contains(i) || !fits(all[i], e)) continue;
      named_.insert(i);
      return true;
    }
    return false;
  }

  /// What happened instead, so that the reader need not run it again with --trace.
  std::string hint(const sema::TestExpect& e) {
    sema::TestExpect loose = e;
    loose.resource = kNone;
    loose.word.clear();
    std::string text;
    for (const Observation& o : run_->observations()) {
      if (!fits(o, loose)) continue;
      text += "\n    " + offset_text(o.item.at) + " " + engine::to_string(o.item.what) + " " + name_of(o) +
              " " + o.item.detail;
    }
    return text.empty() ? "" : "\n  there was:" + text;
  }

  std::string offset_text(std::int64_t at) const {
    return "+" + value::format_compact_duration(at - test_.start);
  }

  void expect_that(const sema::TestLine& line, const sema::TestThat& that) {
    const std::uint32_t function = program_.catalogue.segments[segments_.at(&that)].condition;
    const auto v = run_->engine().evaluate(program_, function, key(that.record), run_->now());
    if (!v) return fail(line.span, v.error().message);
    if (v->kind() == value::Kind::boolean && v->as_boolean()) return;
    std::string message = "this is " + v->debug() + ": " + line.label;
    if (!that.condition.args.empty() && that.condition.args[0].op == sema::ExprOp::property) {
      const auto info = run_->engine().describe(key(that.record));
      const auto& property =
          catalogue().objects[test_.records[that.record].object].properties[that.condition.args[0].a];
      std::string current = "unknown";
      for (const auto& [name, text] : (*info)->properties) {
        if (name == property.name) current = text;
      }
      message += "\n  `" + property.name + "` is " + current;
    }
    fail(line.span, std::move(message));
  }

  void expect_limit(const sema::TestLine& line, const sema::TestLimit& limit) {
    std::vector<std::int64_t> sends;
    for (const Observation& o : run_->observations()) {
      if (o.item.what == Happening::mail_sent && o.record == key(limit.record)) sends.push_back(o.item.at);
    }
    for (std::size_t first = 0; first < sends.size(); ++first) {
      const auto count = std::count_if(sends.begin() + static_cast<std::ptrdiff_t>(first), sends.end(),
                                       [&](std::int64_t at) { return at < sends[first] + limit.window; });
      if (count <= limit.at_most) continue;
      return fail(line.span, std::to_string(count) + " e-mails from " + offset_text(sends[first]) +
                                 " on: " + line.label);
    }
  }

  void finish() {
    const std::int64_t horizon = run_->now() + kHorizon;
    for (const sema::TestLine& line : test_.lines) {
      if (line.when != When::finally) continue;
      if (run_->now() < horizon) check(run_->advance(horizon), line.span);
      expect(line);
    }
    if (others_allowed_) return;
    const auto& all = run_->observations();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].item.what != Happening::mail_sent || named_.contains(i)) continue;
      if (all[i].item.at > last_line()) continue;
      fail(test_.span, "no `expect` names this send: " + offset_text(all[i].item.at) + " " + name_of(all[i]) +
                           " (write `allow others` to permit such)");
    }
  }

  /// Sends after the last `at` line are the business of `finally` only.
  std::int64_t last_line() const {
    std::int64_t last = test_.start;
    for (const sema::TestLine& line : test_.lines) {
      if (line.when == When::at) last = std::max(last, test_.start + line.offset);
    }
    return last;
  }

  void write_trace() {
    std::map<engine::Key, std::string> names;
    for (std::uint32_t r = 0; r < test_.records.size(); ++r) names[key(r)] = test_.records[r].name;
    for (const Observation& o : run_->observations()) {
      const auto name = names.find(o.record);
      std::string line = offset_text(o.item.at) + "\t" + (name == names.end() ? "-" : name->second) + "\t" +
                         engine::to_string(o.item.what);
      for (const std::string& part : {name_of(o), o.item.detail}) {
        if (!part.empty()) line += "\t" + part;
      }
      outcome_.trace.push_back(std::move(line));
    }
  }

  /// `finally` looks at the whole run: this much virtual time after the last line.
  static constexpr std::int64_t kHorizon = 400 * value::kDay;

  const sema::Test& test_;
  const bytecode::Program& program_;
  const std::string& bundle_;
  const std::map<const sema::TestThat*, std::uint32_t>& segments_;
  TestOutcome& outcome_;
  std::unique_ptr<VirtualRun> run_;
  std::set<std::size_t> named_;  // observations that an `expect` named
  bool others_allowed_ = false;
};

}  // namespace

std::vector<TestOutcome> run_tests(const sema::Module& module, const text::SourceSet& sources,
                                   const std::function<bool(const std::string&)>& wanted, bool trace) {
  std::map<const sema::TestThat*, std::uint32_t> segments;
  const bytecode::Program program = program_with_conditions(module, sources, segments);
  const std::string bundle = bytecode::write_bundle(program);
  std::vector<TestOutcome> outcomes;
  for (const sema::Test& test : module.tests) {
    if (!wanted(test.title)) continue;
    TestOutcome& outcome = outcomes.emplace_back();
    outcome.title = test.title;
    outcome.span = test.span;
    TestRun(test, program, bundle, segments, outcome).run(trace);
  }
  return outcomes;
}

}  // namespace wf::wfc
