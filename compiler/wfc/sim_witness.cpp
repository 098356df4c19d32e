#include "compiler/wfc/sim_witness.hpp"

#include <algorithm>

#include "compiler/wfc/project.hpp"
#include "compiler/wfc/simulation.hpp"
#include "compiler/wfc/timeline.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/api/json.hpp"

namespace wf::wfc {
namespace {

using value::Value;

constexpr std::size_t kMaxFindingsBytes = std::size_t{256} << 20;
/// A witness has this subject, and is over so long after its last event.
constexpr const char* kSubject = "witness";
constexpr std::int64_t kAfterwards = 30 * value::kDay;

Error unreadable(const std::string& what) {
  return {ErrorCode::invalid, "this witness cannot be replayed: " + what};
}

const value::List& list_member(const Value& v, std::string_view name) {
  static const value::List kNone;
  const Value* list = api::member(v, name);
  return list && list->kind() == value::Kind::list ? list->as_list() : kNone;
}

std::string title_of(const Value& finding) {
  std::string title = api::text_member(finding, "code");
  if (const Value* primary = api::member(finding, "primary")) {
    title += " " + api::text_member(*primary, "file");
    if (const Value* start = api::member(*primary, "start"))
      title += ":" + api::text_member(*start, "line") + ":" + api::text_member(*start, "column");
  }
  return title + ": " + api::text_member(finding, "message");
}

/// Counts the lines of `shows` that lines of the timeline begin with, in this order, and drops what comes
/// behind.
void look_for_shown(Replay& replay) {
  for (std::size_t i = 0; i < replay.lines.size(); ++i) {
    if (!replay.lines[i].starts_with(replay.shows[replay.shown])) continue;
    if (++replay.shown < replay.shows.size()) continue;
    replay.lines.resize(i + 1);
    return;
  }
}

class WitnessRun {
 public:
  WitnessRun(const bytecode::Program& program, const std::string& bundle)
      : program_(program), bundle_(bundle), check_(program) {}

  Result<Replay> run(const Value& finding, const Value& witness) {
    Replay replay;
    replay.finding = title_of(finding);
    for (const Value& line : list_member(witness, "shows")) replay.shows.emplace_back(line.as_text());
    SimInputs inputs;
    if (const auto taken = read(witness, inputs); !taken) return taken.error();
    if (const auto played = play(witness, std::move(inputs), replay); !played) return played.error();
    if (!replay.shows.empty()) look_for_shown(replay);
    return replay;
  }

 private:
  Result<engine::InputEvent> event(const Value& raw) const {
    auto checked = check_.check(raw);
    if (!checked) return unreadable(checked.error().message);
    return std::move(checked->event);
  }

  Result<void> read(const Value& witness, SimInputs& inputs) const {
    const Value* data = api::member(witness, "record");
    value::Map record{{"type", Value::text("record.upsert")},
                      {"object", Value::text(api::text_member(witness, "object"))},
                      {"subject", Value::text(kSubject)}};
    if (data) record.emplace_back("data", *data);
    if (api::text_member(witness, "object") == "contact")
      record.emplace_back("marketing", Value::boolean(true));
    auto created = event(Value::map(std::move(record)));
    if (!created) return created.error();
    inputs.records.push_back(std::move(*created));
    for (const Value& raw : list_member(witness, "events")) {
      auto next = event(raw);
      if (!next) return next.error();
      const std::int64_t at = next->occurred_at;
      inputs.events.push_back({at, std::move(*next)});
    }
    return {};
  }

  Result<void> play(const Value& witness, SimInputs inputs, Replay& replay) {
    const auto from = value::parse_instant(api::text_member(witness, "at"));
    if (!from) return unreadable("`at` is no time");
    SimulationOptions options;
    options.from = *from;
    options.until = (inputs.events.empty() ? *from : inputs.events.back().at) + kAfterwards;
    options.observe = true;
    Simulation* running = nullptr;
    const std::string object = api::text_member(witness, "object");
    options.seen = [&](const Observation& o) {
      engine::Engine& engine = running->world().engine();
      const auto found = engine.find(object, kSubject);
      if (!found || !*found || **found != o.record) return;
      replay.lines.push_back(happening_text(o, engine.subject_name(o.item.subject), program_.catalogue.zone));
    };
    Simulation simulation(program_, std::move(inputs), options);
    running = &simulation;
    return simulation.run(bundle_);
  }

  const bytecode::Program& program_;
  const std::string& bundle_;
  api::EventCheck check_;
};

}  // namespace

Result<std::vector<Replay>> replay_witnesses(const compiler::Compiled& compiled, const std::string& path) {
  const auto content = read_file(path, kMaxFindingsBytes);
  if (!content) return content.error();
  const std::string bundle = bytecode::write_bundle(*compiled.program);
  WitnessRun run(*compiled.program, bundle);
  std::vector<Replay> replays;
  for (std::size_t begin = 0; begin < content->size();) {
    const std::size_t end = std::min(content->find('\n', begin), content->size());
    const std::string_view line = std::string_view(*content).substr(begin, end - begin);
    begin = end + 1;
    if (line.empty()) continue;
    const auto finding = api::parse_json(line);
    if (!finding) return finding.error();
    const Value* witness = api::member(*finding, "witness");
    if (!witness) continue;
    auto replay = run.run(*finding, *witness);
    if (!replay) return replay.error();
    replays.push_back(std::move(*replay));
  }
  return replays;
}

}  // namespace wf::wfc
