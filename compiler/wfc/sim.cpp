// wfc sim [PATH…] --records FILE.csv --events FILE.ndjson: a project over real data, in virtual time.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include "compiler/wfc/report.hpp"
#include "compiler/wfc/virtual_run.hpp"
#include "grammar/text/suggest.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/api/event_body.hpp"
#include "runtime/api/event_check.hpp"
#include "runtime/crm/csv.hpp"

namespace wf::wfc {
namespace {

using value::Value;

constexpr std::size_t kMaxDataBytes = std::size_t{1} << 30;

struct SimArguments {
  ProjectArguments project;
  ReportOptions report;
  std::string records, events, object = "contact", from, until, explain;
  bool timeline = false;
};

struct Dated {
  std::int64_t at = 0;
  engine::InputEvent event;
};

/// The world of one simulation, and how many rows it had to refuse.
class Simulation {
 public:
  Simulation(const compiler::Compiled& compiled, const SimArguments& arguments)
      : program_(*compiled.program), arguments_(arguments), check_(program_) {}

  int run() {
    if (!read_inputs() || !read_times()) return kUsage;
    auto created = VirtualRun::create(bytecode::write_bundle(program_), from_);
    if (!created) return fail(created.error());
    run_ = std::move(*created);
    if (const auto played = play(); !played) return fail(played.error());
    return print_report();
  }

 private:
  void refuse(const std::string& file, std::size_t line, const std::string& reason) {
    ++refused_;
    std::fprintf(stderr, "%s:%zu: %s\n", file.c_str(), line, reason.c_str());
  }

  bool load(const std::string& file, std::string& content) {
    auto read = read_file(file, kMaxDataBytes);
    if (!read) {
      (void)fail(read.error());
      return false;
    }
    content = std::move(*read);
    return true;
  }

  bool read_inputs() {
    std::string text;
    if (!arguments_.records.empty() && (!load(arguments_.records, text) || !read_records(text))) return false;
    if (!arguments_.events.empty() && (!load(arguments_.events, text) || !read_events(std::move(text))))
      return false;
    std::stable_sort(events_.begin(), events_.end(),
                     [](const Dated& a, const Dated& b) { return a.at < b.at; });
    return true;
  }

  /// Every column must be a property (by name or title) or `marketing`.
  bool read_header(const crm::CsvRow& row, std::vector<std::string>& columns) {
    const std::uint32_t object = program_.catalogue.find_object(arguments_.object);
    if (object == bytecode::kNone) {
      std::fprintf(stderr, "wfc: there is no object `%s`\n", arguments_.object.c_str());
      return false;
    }
    std::vector<std::string> names{"marketing", "id"};
    for (const auto& property : program_.catalogue.objects[object].properties) {
      if (!property.hidden) names.push_back(property.name);
    }
    for (const std::string& cell : row.cells) {
      std::string column = cell;
      for (const auto& property : program_.catalogue.objects[object].properties) {
        if (!property.title.empty() && property.title == cell) column = property.name;
      }
      if (std::find(names.begin(), names.end(), column) == names.end()) {
        std::fprintf(stderr, "%s:1: `%s` is no property of %s %s\n", arguments_.records.c_str(), cell.c_str(),
                     arguments_.object.c_str(), text::did_you_mean(cell, names).c_str());
        return false;
      }
      columns.push_back(column);
    }
    return true;
  }

  bool read_records(const std::string& text) {
    crm::CsvReader reader(text);
    std::vector<std::string> columns;
    while (auto row = reader.next()) {
      if (!*row) {
        refuse(arguments_.records, reader.line(), row->error().message);
      } else if (columns.empty()) {
        if (!read_header(**row, columns)) return false;
      } else if ((*row)->cells.size() != columns.size()) {
        refuse(arguments_.records, (*row)->line,
               "expected " + std::to_string(columns.size()) + " cells, got " +
                   std::to_string((*row)->cells.size()));
      } else {
        read_record(**row, columns);
      }
    }
    return true;
  }

  void read_record(const crm::CsvRow& row, const std::vector<std::string>& columns) {
    value::Map data,
        event{{"type", Value::text("record.upsert")}, {"object", Value::text(arguments_.object)}};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (row.cells[i].empty()) continue;
      if (columns[i] == "id") {
        event.emplace_back("subject", Value::text(row.cells[i]));
      } else if (columns[i] == "marketing") {
        event.emplace_back("marketing", Value::boolean(row.cells[i] == "yes" || row.cells[i] == "true"));
      } else {
        data.emplace_back(columns[i], Value::text(crm::without_formula_guard(row.cells[i])));
      }
    }
    event.emplace_back("data", Value::map(std::move(data)));
    auto checked = check_.check(Value::map(std::move(event)));
    if (!checked) return refuse(arguments_.records, row.line, checked.error().message);
    records_.push_back(std::move(checked->event));
  }

  bool read_events(std::string text) {
    const auto read = api::read_events(std::move(text), api::BodyFormat::ndjson, [&](api::BodyEvent body) {
      if (!body.event) return refuse(arguments_.events, body.line, body.event.error().message);
      auto checked = check_.check(*body.event);
      if (!checked) return refuse(arguments_.events, body.line, checked.error().message);
      events_.push_back({checked->event.occurred_at, std::move(checked->event)});
    });
    if (!read) (void)fail(read.error());
    return read.ok();
  }

  static bool read_time(const std::string& text, const char* option, std::int64_t& instant) {
    if (text.empty()) return true;
    const auto parsed = value::parse_instant(text);
    if (!parsed) std::fprintf(stderr, "wfc: %s wants a time such as 2026-03-02T09:00:00+09:00\n", option);
    if (parsed) instant = *parsed;
    return parsed.has_value();
  }

  bool read_times() {
    if (!events_.empty()) from_ = events_.front().at;
    until_ = (events_.empty() ? from_ : events_.back().at) + 90 * value::kDay;
    return read_time(arguments_.from, "--from", from_) && read_time(arguments_.until, "--until", until_);
  }

  Result<void> play() {
    run_->keep_observations(arguments_.timeline || !arguments_.explain.empty());
    for (const engine::InputEvent& record : records_) run_->accept(record);
    if (const auto settled = run_->settle(); !settled) return settled;
    for (const Dated& dated : events_) {
      if (dated.at > until_) break;
      if (dated.at > run_->now()) {
        if (const auto advanced = run_->advance(dated.at - 1); !advanced) return advanced;
        run_->move_to(dated.at);
      }
      run_->accept(dated.event);
      if (const auto settled = run_->settle(); !settled) return settled;
      print_timeline();
    }
    if (const auto advanced = run_->advance(until_); !advanced) return advanced;
    print_timeline();
    return {};
  }

  /// What happened since the last call, in order; keeps memory flat in long runs.
  void print_timeline() {
    if (!arguments_.timeline && arguments_.explain.empty()) return;
    engine::Key wanted = 0;
    if (!arguments_.explain.empty()) {
      const auto found = run_->engine().find(arguments_.object, arguments_.explain);
      if (!found || !*found) return run_->forget();
      wanted = **found;
    }
    for (const Observation& o : run_->observations()) {
      if (wanted != 0 && o.record != wanted) continue;
      const std::string subject = run_->engine().subject_name(o.item.subject);
      std::printf(
          "%s  #%llu  %-14s %s%s%s\n", value::format_instant(o.item.at, program_.catalogue.zone).c_str(),
          static_cast<unsigned long long>(o.record & 0xffffffffffff), engine::to_string(o.item.what),
          subject.c_str(), subject.empty() || o.item.detail.empty() ? "" : "  ", o.item.detail.c_str());
    }
    run_->forget();
  }

  int print_report() {
    const auto rows = run_->engine().report();
    if (!rows) return fail(rows.error());
    std::printf("%s to %s, %zu records, %zu events, %zu refused\n",
                value::format_instant(from_, program_.catalogue.zone).c_str(),
                value::format_instant(until_, program_.catalogue.zone).c_str(), records_.size(),
                events_.size(), refused_);
    std::string subject;
    for (const engine::ReportRow& row : *rows) {
      if (row.subject != subject) std::printf("\n%s\n", row.subject.c_str());
      subject = row.subject;
      std::printf("  %10lld  %s%s%s\n", static_cast<long long>(row.count), row.metric.c_str(),
                  row.detail.empty() ? "" : ": ", row.detail.c_str());
    }
    return refused_ == 0 ? kOk : kFindings;
  }

  const bytecode::Program& program_;
  const SimArguments& arguments_;
  api::EventCheck check_;
  std::unique_ptr<VirtualRun> run_;
  std::vector<engine::InputEvent> records_;
  std::vector<Dated> events_;
  std::int64_t from_ = 0, until_ = 0;
  std::size_t refused_ = 0;
};

int sim(const SimArguments& arguments) {
  auto files = load_project(arguments.project);
  if (!files) return load_failure(files.error());
  const compiler::Compiled compiled = compiler::compile(std::move(*files), read_declared_file);
  print_findings(compiled, arguments.report);
  if (!compiled.program) {
    std::fprintf(stderr, "%s\n", summary(compiled.diagnostics, compiled.sources.size()).c_str());
    return kFindings;
  }
  return Simulation(compiled, arguments).run();
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
  command.flag("--timeline", arguments->timeline, "Print everything that happens");
  command.option("--explain", arguments->explain, "Print everything that happens to this record", "RECORD");
  command.run([arguments] { return sim(*arguments); });
}

}  // namespace wf::wfc
