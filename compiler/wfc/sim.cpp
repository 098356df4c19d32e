// wfc sim [PATH…] --records FILE.csv --events FILE.ndjson: a project over real data, in virtual time.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "compiler/wfc/report.hpp"
#include "compiler/wfc/sim_explain.hpp"
#include "compiler/wfc/simulation.hpp"
#include "compiler/wfc/timeline.hpp"
#include "grammar/text/render.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/api/json.hpp"
#include "runtime/api/table.hpp"

namespace wf::wfc {
namespace {

using value::Value;

struct SimArguments {
  ProjectArguments project;
  ReportOptions report;
  std::string records, events, object = "contact", from, until, timeline, explain, simulate;
  std::int64_t seed = 1;
};

/// Prints what happens as it happens: of one record, or of all.
class TimelinePrinter {
 public:
  TimelinePrinter(const SimArguments& arguments, const std::string& zone, Explainer* explainer)
      : arguments_(arguments),
        zone_(zone),
        explainer_(explainer),
        subject_(explainer ? arguments.explain : arguments.timeline) {}

  void see(VirtualRun& run, const Observation& o) {
    if (!wanted(run, o)) return;
    const std::string subject = run.engine().subject_name(o.item.subject);
    std::vector<std::string> remarks;
    if (explainer_) remarks = explainer_->remarks(o, subject);
    if (arguments_.report.format == Format::json) {
      print_json(run, o, subject, remarks);
    } else {
      if (o.item.at != instant_) std::printf("%s\n", instant_text(o.item.at, zone_).c_str());
      const std::string who = everybody() ? name(run, o.record) + "  " : "";
      std::printf("  %s%s\n", who.c_str(), happening_text(o, subject, zone_).c_str());
      for (const std::string& remark : remarks) std::printf("      %s\n", remark.c_str());
    }
    instant_ = o.item.at;
  }

  /// What is left to say of one record when the run is over.
  int finish(VirtualRun& run) {
    if (everybody()) return kOk;
    if (key_ == 0) {
      std::fprintf(stderr, "wfc: there is no %s `%s`\n", arguments_.object.c_str(), subject_.c_str());
      return kFindings;
    }
    if (!explainer_) return kOk;
    print_lines("scores", explainer_->scores(run, key_));
    print_lines("not_enrolled", explainer_->not_enrolled(run, key_, arguments_.object));
    return kOk;
  }

 private:
  void print_lines(const char* what, const std::vector<std::string>& texts) const {
    if (arguments_.report.format != Format::json) {
      for (const std::string& text : texts) std::printf("%s\n", text.c_str());
      return;
    }
    value::List lines;
    for (const std::string& text : texts) lines.push_back(Value::text(text));
    std::printf("%s\n", api::to_json(Value::map({{what, Value::list(std::move(lines))}})).c_str());
  }

  bool everybody() const { return subject_ == "all"; }

  bool wanted(VirtualRun& run, const Observation& o) {
    if (everybody()) return true;
    if (key_ == 0) {
      const auto found = run.engine().find(arguments_.object, subject_);
      if (!found || !*found) return false;
      key_ = **found;
      if (explainer_) explainer_->watch(key_);
    }
    return o.record == key_;
  }

  static std::string name(VirtualRun& run, engine::Key record) {
    const auto info = run.engine().describe(record);
    const auto number = record & ((std::uint64_t{1} << (64 - store::kShardBits)) - 1);
    return (info && *info ? (*info)->object : "record") + " " + std::to_string(number);
  }

  void print_json(VirtualRun& run, const Observation& o, const std::string& subject,
                  const std::vector<std::string>& remarks) const {
    value::Map entry{{"at", Value::text(value::format_instant(o.item.at, zone_))},
                     {"record", Value::text(everybody() ? name(run, o.record) : subject_)},
                     {"what", Value::text(engine::to_string(o.item.what))},
                     {"subject", Value::text(subject)},
                     {"detail", Value::text(o.item.detail)},
                     {"text", Value::text(happening_text(o, subject, zone_))}};
    value::List lines;
    for (const std::string& remark : remarks) lines.push_back(Value::text(remark));
    if (!lines.empty()) entry.emplace_back("decisions", Value::list(std::move(lines)));
    std::printf("%s\n", api::to_json(Value::map(std::move(entry))).c_str());
  }

  const SimArguments& arguments_;
  const std::string& zone_;
  Explainer* explainer_;
  const std::string subject_;
  engine::Key key_ = 0;
  std::int64_t instant_ = -1;
};

/// On a terminal only: how far the virtual time has come.
class Progress {
 public:
  explicit Progress(const SimulationOptions& options)
      : from_(options.from), until_(options.until), shown_(isatty(STDERR_FILENO) == 1) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  bool shown() const { return shown_; }
  /// Makes room for what is printed next.
  void clear() const {
    if (shown_) std::fputs("\r\x1b[K", stderr);
  }
  void operator()(std::int64_t now) const {
    const std::int64_t whole = std::max<std::int64_t>(until_ - from_, 1);
    std::fprintf(stderr, "\r\x1b[K%3lld %%  %s", static_cast<long long>((now - from_) / (whole / 100 + 1)),
                 value::format_instant(now).c_str());
  }

 private:
  std::int64_t from_, until_;
  bool shown_;
};

void read_time(const std::string& text, const char* option, std::int64_t& instant) {
  if (text.empty()) return;
  const auto parsed = value::parse_instant(text);
  if (!parsed) throw UsageError(std::string(option) + " wants a time such as 2026-03-02T09:00:00+09:00");
  instant = *parsed;
}

SimulationOptions read_options(const SimArguments& arguments, const SimInputs& inputs) {
  SimulationOptions options;
  if (!inputs.events.empty()) options.from = inputs.events.front().at;
  read_time(arguments.from, "--from", options.from);
  options.until = (inputs.events.empty() ? options.from : inputs.events.back().at) + 90 * value::kDay;
  read_time(arguments.until, "--until", options.until);
  options.seed = static_cast<std::uint64_t>(arguments.seed);
  const auto rates = parse_reaction_rates(arguments.simulate);
  if (!rates) throw UsageError("--simulate: " + rates.error().message);
  options.rates = *rates;
  return options;
}

struct Totals {
  std::size_t records = 0, events = 0, refused = 0;
};

int print_report(Simulation& simulation, const SimArguments& arguments, const SimulationOptions& options,
                 const Totals& totals, const std::string& zone) {
  const auto rows = simulation.world().engine().report();
  if (!rows) return fail(rows.error());
  const std::string from = value::format_instant(options.from, zone);
  const std::string until = value::format_instant(options.until, zone);
  if (arguments.report.format == Format::json) {
    value::List list;
    for (const engine::ReportRow& row : *rows) {
      list.push_back(Value::map({{"subject", Value::text(row.subject)},
                                 {"metric", Value::text(row.metric)},
                                 {"detail", Value::text(row.detail)},
                                 {"count", Value::integer(row.count)}}));
    }
    const auto count = [](std::size_t n) { return Value::integer(static_cast<std::int64_t>(n)); };
    const Value report = Value::map({{"from", Value::text(from)},
                                     {"until", Value::text(until)},
                                     {"records", count(totals.records)},
                                     {"events", count(totals.events)},
                                     {"reactions", count(simulation.reactions())},
                                     {"refused", count(totals.refused)},
                                     {"rows", Value::list(std::move(list))}});
    std::printf("%s\n", api::to_json(report).c_str());
    return kOk;
  }
  std::printf("%s to %s, %zu records, %zu events, %zu reactions, %zu refused\n\n%s", from.c_str(),
              until.c_str(), totals.records, totals.events, simulation.reactions(), totals.refused,
              api::report_text(*rows).c_str());
  return kOk;
}

int simulate(const compiler::Compiled& compiled, const SimArguments& arguments) {
  auto inputs = read_sim_inputs(*compiled.program, arguments.object, arguments.records, arguments.events);
  if (!inputs) {
    if (inputs.error().code == ErrorCode::invalid) return fail(inputs.error(), kFindings);
    return fail(inputs.error());
  }
  for (const std::string& row : inputs->refused) std::fprintf(stderr, "%s\n", row.c_str());
  const Totals totals{inputs->records.size(), inputs->events.size(), inputs->refused.size()};
  SimulationOptions options = read_options(arguments, *inputs);

  std::unique_ptr<Explainer> explainer;
  if (!arguments.explain.empty()) explainer = std::make_unique<Explainer>(*compiled.module, compiled.sources);
  const bytecode::Program& program = explainer ? explainer->program() : *compiled.program;
  const std::string& zone = program.catalogue.zone;
  TimelinePrinter timeline(arguments, zone, explainer.get());
  Simulation* running = nullptr;
  options.observe = explainer || !arguments.timeline.empty();
  options.seen = [&](const Observation& o) { timeline.see(running->world(), o); };
  if (explainer) options.ran = explainer->listener();
  const Progress progress(options);
  if (progress.shown() && !options.observe) options.progress = [&](std::int64_t now) { progress(now); };

  Simulation simulation(program, std::move(*inputs), options);
  running = &simulation;
  const auto ran = simulation.run(bytecode::write_bundle(program));
  progress.clear();
  if (!ran) return fail(ran.error());
  if (options.observe) {
    if (const int found = timeline.finish(simulation.world()); found != kOk) return found;
    if (arguments.report.format == Format::text) std::printf("\n");
  }
  const int printed = print_report(simulation, arguments, options, totals, zone);
  return printed == kOk && totals.refused > 0 ? kFindings : printed;
}

int sim(const SimArguments& arguments) {
  auto files = load_project(arguments.project);
  if (!files) return load_failure(files.error());
  const compiler::Compiled compiled = compiler::compile(std::move(*files), read_declared_file);
  print_findings(compiled.diagnostics, compiled.sources, arguments.report);
  if (!compiled.program) {
    std::fprintf(stderr, "%s\n", summary(compiled.diagnostics, compiled.sources.size()).c_str());
    return kFindings;
  }
  return simulate(compiled, arguments);
}

}  // namespace

void add_sim(CommandLine& line) {
  auto arguments = std::make_shared<SimArguments>();
  Command command = line.add("sim", "Runs a project over records and events in virtual time");
  add_project_arguments(command, arguments->project);
  add_report_options(command, arguments->report);
  command.option("--records", arguments->records, "A CSV file of records; its header names properties",
                 "FILE");
  command.option("--events", arguments->events, "An NDJSON file of events", "FILE");
  command.option("--object", arguments->object, "The object of the records");
  command.show_default("--object");
  command.option("--from", arguments->from, "When the run begins (the first event)", "TIME");
  command.option("--until", arguments->until, "When the run ends (90 days after the last event)", "TIME");
  command.option("--simulate", arguments->simulate,
                 "How contacts react to mails: opens, clicks, replies, unsubscribes, bounces, complaints",
                 "opens=40%,clicks=10%");
  command.option("--seed", arguments->seed, "Reactions are drawn from it: the same seed, the same run");
  command.show_default("--seed");
  command.option("--timeline", arguments->timeline, "Print what happens to this record, or to `all`",
                 "RECORD");
  command.option("--explain", arguments->explain,
                 "The same with each decision and the values that it saw, and why it was not enrolled",
                 "RECORD");
  command.run([arguments] { return sim(*arguments); });
}

}  // namespace wf::wfc
