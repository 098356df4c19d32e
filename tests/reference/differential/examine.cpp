#include "tests/reference/differential/examine.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace wf::reference {

namespace {

constexpr std::size_t kBefore = 8, kBehind = 6;

/// The same people and events, and beside them copies that have nothing to do with them.
Timeline with_strangers(const Timeline& timeline) {
  Timeline crowd = timeline;
  const auto without_refs = [](std::vector<std::pair<std::uint32_t, Value>>& properties) {
    std::erase_if(properties, [](const auto& entry) {
      return entry.second.kind() == value::Kind::ref || entry.second.kind() == value::Kind::text;
    });
  };
  std::set<std::string> known;
  for (const Input& given : timeline.given) {
    Input stranger = given;
    stranger.record += "_stranger";
    without_refs(stranger.properties);
    crowd.names.push_back(stranger.record);
    crowd.given.push_back(std::move(stranger));
  }
  crowd.inputs.clear();
  bool before = false;
  for (const auto& [at, input] : timeline.inputs) {
    Input stranger = input;
    stranger.record += "_stranger";
    stranger.id = 0;
    without_refs(stranger.properties);
    before = !before;
    if (before) crowd.inputs.emplace_back(at, stranger);
    crowd.inputs.emplace_back(at, input);
    if (!before) crowd.inputs.emplace_back(at, stranger);
  }
  return crowd;
}

/// What happened to the records of the timeline themselves.
std::vector<Line> told_of(const std::vector<Line>& trace, const std::vector<Key>& keys) {
  std::vector<Line> own;
  for (const Line& line : trace) {
    if (std::find(keys.begin(), keys.end(), line.record) != keys.end()) own.push_back(line);
  }
  std::stable_sort(own.begin(), own.end(), [](const Line& a, const Line& b) { return a.record < b.record; });
  return own;
}

class Examination {
 public:
  Examination(const std::string& program, const Options& options) : program_(program), options_(options) {}

  Examined run() {
    const auto project = check(program_);
    if (!project->module || project->module->tests.empty()) {
      out_.result = Examined::Result::rejected;
      out_.errors = errors_of(*project);
      return std::move(out_);
    }
    if (options_.claim) options_.claim(*project->module);
    out_.timeline = timeline_of(*project);
    try {
      out_.reference = run_reference(*project, out_.timeline);
    } catch (const Endless&) {
      out_.result = Examined::Result::endless;
      return std::move(out_);
    }
    try {
      compare(*project);
    } catch (const Endless&) {
      disagree("interpreter", out_.reference.trace, "an engine that goes round and round", {});
    }
    if (!out_.disagreement) hold_claims(*project);
    if (out_.disagreement) out_.result = Examined::Result::disagreed;
    return std::move(out_);
  }

 private:
  void compare(const Project& project) {
    bytecode::Program optimised = compile(project, true);
    if (options_.plant) options_.plant(optimised);
    const std::vector<Line> engine = run_engine(optimised, out_.timeline);
    if (engine != out_.reference.trace)
      return disagree("interpreter", out_.reference.trace, "optimised", engine);
    const std::vector<Line> plain = run_engine(compile(project, false), out_.timeline);
    if (plain != engine) return disagree("optimised", engine, "not optimised", plain);
    if (options_.thorough) compare_among_strangers(optimised);
  }

  void compare_among_strangers(const bytecode::Program& program) {
    Timeline alone = out_.timeline;
    // Answers are counted by webhook, not by record.
    for (auto& script : alone.scripts) script.second = {script.second.back()};
    std::vector<Line> first;
    try {
      first = run_engine(program, alone);
    } catch (const Endless&) {
      return;  // with the last answer for ever
    }
    if (alone.scripts == out_.timeline.scripts && first != out_.reference.trace) {
      return disagree("the first run", out_.reference.trace, "the second run", first);
    }
    std::vector<Key> keys;
    for (const auto& [key, name] : out_.reference.names) keys.push_back(key);
    const std::vector<Line> own = told_of(first, keys);
    try {
      const std::vector<Line> crowd = told_of(run_engine(program, with_strangers(alone)), keys);
      if (own != crowd) disagree("alone", own, "among strangers", crowd);
    } catch (const Endless&) {
      // What strangers set off goes on for ever: there is no trace to compare.
    }
  }

  /// Whether what the checker claims about conditions and steps held in this run.
  void hold_claims(const Project& project) {
    using Kind = sema::Verdict::Kind;
    for (const Seen& seen : out_.reference.seen) {
      const sema::Outcomes bit = seen.outcome == Truth::yes  ? sema::kTrue
                                 : seen.outcome == Truth::no ? sema::kFalse
                                                             : sema::kUnknown;
      if (seen.step ? seen.claimed == 0 : (seen.claimed & bit) == 0) {
        return refute(project, seen.step ? "a step that cannot run" : "an impossible outcome", seen);
      }
      for (const sema::Workflow& workflow : project.module->workflows) {
        for (const sema::Verdict& verdict : workflow.verdicts) {
          if (!(verdict.span == seen.span)) continue;
          const bool refuted = seen.step                          ? verdict.kind == Kind::unreachable
                               : verdict.kind == Kind::never_true ? bit == sema::kTrue
                               : verdict.kind == Kind::always_true
                                   ? bit != sema::kTrue
                                   : verdict.kind == Kind::always_unknown && bit != sema::kUnknown;
          if (refuted) return refute(project, "a verdict that does not hold", seen);
        }
      }
    }
  }

  void refute(const Project& project, const std::string& what, const Seen& seen) {
    const char* outcome = seen.step                    ? "it ran"
                          : seen.outcome == Truth::yes ? "true"
                          : seen.outcome == Truth::no  ? "false"
                                                       : "unknown";
    out_.disagreement = Disagreement{"checker", "interpreter", {}, {}, {}, {}};
    out_.disagreement->note = "the checker gives " + what;
    out_.disagreement->place = std::string(project.sources.text(seen.span)) + ": " + outcome;
  }

  void disagree(std::string left, std::vector<Line> left_trace, std::string right,
                std::vector<Line> right_trace) {
    out_.disagreement = Disagreement{
        std::move(left), std::move(right), std::move(left_trace), std::move(right_trace), {}, {}};
  }

  const std::string& program_;
  const Options& options_;
  Examined out_;
};

}  // namespace

Examined examine(const std::string& program, const Options& options) {
  try {
    return Examination(program, options).run();
  } catch (const std::exception& error) {
    Examined out;
    out.result = Examined::Result::disagreed;
    out.disagreement = Disagreement{{}, {}, {}, {}, error.what(), {}};
    return out;
  }
}

std::string report(const Examined& examined) {
  const Disagreement& d = *examined.disagreement;
  if (!d.note.empty()) return d.note + "\n  " + d.place + "\n";
  std::size_t at = 0;
  while (at < d.left_trace.size() && at < d.right_trace.size() && d.left_trace[at] == d.right_trace[at]) ++at;
  std::string out;
  const auto print = [&](const std::vector<Line>& trace, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < std::min(end, trace.size()); ++i) {
      out += "  " + text_of(trace[i], examined.timeline, examined.reference.names) + "\n";
    }
  };
  out += "both:\n";
  print(d.left_trace, at < kBefore ? 0 : at - kBefore, at);
  out += d.left + ":\n";
  print(d.left_trace, at, at + kBehind);
  out += d.right + ":\n";
  print(d.right_trace, at, at + kBehind);
  return out;
}

}  // namespace wf::reference
