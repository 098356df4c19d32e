#include "compiler/wfc/coverage.hpp"

#include <algorithm>
#include <cstdio>

#include "grammar/text/render.hpp"

namespace wf::wfc {

using bytecode::Opcode;

Coverage::Coverage(const bytecode::Program& program, std::vector<ir::Outcome> outcomes)
    : program_(program), outcomes_(std::move(outcomes)) {
  for (const bytecode::Word word : program.code) {
    const std::uint32_t operand = bytecode::operand_of(word);
    if (bytecode::opcode_of(word) == Opcode::step) steps_reached_[operand] = 0;
    if (bytecode::opcode_of(word) == Opcode::outcome) outcomes_reached_[operand] = 0;
  }
}

void Coverage::note(const vm::Run& run) {
  for (const std::uint32_t step : run.steps) ++steps_reached_[step];
  for (const std::uint32_t outcome : run.outcomes) ++outcomes_reached_[outcome];
}

std::vector<Coverage::WorkflowCoverage> Coverage::workflows(const text::SourceSet& sources) const {
  std::vector<WorkflowCoverage> all;
  for (const bytecode::Workflow& workflow : program_.workflows) {
    WorkflowCoverage& covered = all.emplace_back();
    covered.name = workflow.name;
    for (const std::uint32_t index : workflow.steps) {
      const auto reached = steps_reached_.find(index);
      if (reached == steps_reached_.end()) continue;
      const bytecode::Step& step = program_.steps[index];
      covered.steps.push_back({step.label, program_.files[step.file], step.line, 0, reached->second});
    }
  }
  for (const auto& [index, count] : outcomes_reached_) {
    const ir::Outcome& outcome = outcomes_[index];
    const text::SourceFile& file = sources.file(outcome.span.file);
    all[outcome.workflow].outcomes.push_back(
        {outcome.name, file.path(), file.position(outcome.span.begin).line, outcome.branch, count});
  }
  for (WorkflowCoverage& covered : all) {
    std::stable_sort(covered.outcomes.begin(), covered.outcomes.end(), [](const Item& a, const Item& b) {
      return std::tie(a.file, a.line, a.branch) < std::tie(b.file, b.line, b.branch);
    });
  }
  return all;
}

double CoverageShare::percent() const {
  return all == 0 ? 100.0 : 100.0 * static_cast<double>(reached) / static_cast<double>(all);
}

CoverageShare share(const std::vector<Coverage::Item>& items) {
  const auto reached = std::count_if(items.begin(), items.end(), [](const auto& i) { return i.count > 0; });
  return {static_cast<std::size_t>(reached), items.size()};
}

CoverageShare share(const std::vector<Coverage::WorkflowCoverage>& workflows) {
  CoverageShare whole;
  for (const auto& workflow : workflows) {
    for (const CoverageShare& part : {share(workflow.steps), share(workflow.outcomes)}) {
      whole.reached += part.reached;
      whole.all += part.all;
    }
  }
  return whole;
}

namespace {

std::string fraction(const CoverageShare& part) {
  return std::to_string(part.reached) + "/" + std::to_string(part.all);
}

/// " (line 22: unknown never, line 30: `send email.x` never)"; nothing when all was reached.
std::string missed_text(const Coverage::WorkflowCoverage& workflow) {
  std::string text;
  const auto add = [&](const Coverage::Item& item, const std::string& name) {
    if (item.count > 0) return;
    text += (text.empty() ? " (line " : ", line ") + std::to_string(item.line) + ": " + name + " never";
  };
  for (const Coverage::Item& step : workflow.steps) add(step, "`" + step.name + "`");
  for (const Coverage::Item& outcome : workflow.outcomes) add(outcome, outcome.name);
  return text.empty() ? "" : text + ")";
}

}  // namespace

std::string coverage_text(const std::vector<Coverage::WorkflowCoverage>& workflows) {
  std::uint32_t width = 0;
  for (const auto& workflow : workflows) width = std::max(width, text::display_width(workflow.name));
  std::string text;
  for (const auto& workflow : workflows) {
    text += workflow.name + std::string(width - text::display_width(workflow.name), ' ');
    text += "  steps " + fraction(share(workflow.steps)) + "  outcomes " + fraction(share(workflow.outcomes));
    text += missed_text(workflow) + "\n";
  }
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.1f", share(workflows).percent());
  return text + percent + " % of " + std::to_string(share(workflows).all) + " steps and outcomes\n";
}

std::string coverage_json(const std::vector<Coverage::WorkflowCoverage>& workflows) {
  std::string out = "{\"coverage\":[";
  const auto items = [&](const char* key, const std::vector<Coverage::Item>& all) {
    out += std::string(",\"") + key + "\":[";
    for (std::size_t i = 0; i < all.size(); ++i) {
      out += i == 0 ? "{\"name\":" : ",{\"name\":";
      text::append_json_string(out, all[i].name);
      out += ",\"file\":";
      text::append_json_string(out, all[i].file);
      out += ",\"line\":" + std::to_string(all[i].line) + ",\"count\":" + std::to_string(all[i].count) + "}";
    }
    out += "]";
  };
  for (std::size_t i = 0; i < workflows.size(); ++i) {
    out += i == 0 ? "{\"workflow\":" : ",{\"workflow\":";
    text::append_json_string(out, workflows[i].name);
    items("steps", workflows[i].steps);
    items("outcomes", workflows[i].outcomes);
    out += "}";
  }
  return out + "]}";
}

namespace {

/// One source file's part of a tracefile.
struct LcovFile {
  std::map<std::uint32_t, std::uint64_t> lines;
  std::vector<std::pair<std::uint32_t, std::string>> functions;  // first line, name
  std::map<std::string, std::uint64_t> calls;
  std::vector<const Coverage::Item*> outcomes;
};

std::string number(std::uint64_t n) {
  return std::to_string(n);
}

void append_functions(std::string& out, const LcovFile& file) {
  for (const auto& [line, name] : file.functions) out += "FN:" + number(line) + "," + name + "\n";
  std::size_t hit = 0;
  for (const auto& [name, count] : file.calls) {
    out += "FNDA:" + number(count) + "," + name + "\n";
    hit += count > 0 ? 1 : 0;
  }
  out += "FNF:" + number(file.calls.size()) + "\nFNH:" + number(hit) + "\n";
}

/// A branch that was never come to has `-` for its outcomes.
void append_branches(std::string& out, const LcovFile& file) {
  std::map<std::uint32_t, std::uint64_t> visits;
  for (const Coverage::Item* outcome : file.outcomes) visits[outcome->branch] += outcome->count;
  std::map<std::uint32_t, std::uint32_t> next;
  std::size_t hit = 0;
  for (const Coverage::Item* outcome : file.outcomes) {
    const std::string taken = visits[outcome->branch] == 0 ? "-" : number(outcome->count);
    out += "BRDA:" + number(outcome->line) + "," + number(outcome->branch) + "," +
           number(next[outcome->branch]++) + "," + taken + "\n";
    hit += outcome->count > 0 ? 1 : 0;
  }
  out += "BRF:" + number(file.outcomes.size()) + "\nBRH:" + number(hit) + "\n";
}

void append_lines(std::string& out, const LcovFile& file) {
  std::size_t hit = 0;
  for (const auto& [line, count] : file.lines) {
    out += "DA:" + number(line) + "," + number(count) + "\n";
    hit += count > 0 ? 1 : 0;
  }
  out += "LF:" + number(file.lines.size()) + "\nLH:" + number(hit) + "\n";
}

}  // namespace

std::string coverage_lcov(const std::vector<Coverage::WorkflowCoverage>& workflows) {
  std::map<std::string, LcovFile> files;
  for (const auto& workflow : workflows) {
    for (const Coverage::Item& step : workflow.steps) {
      std::uint64_t& count = files[step.file].lines[step.line];
      count = std::max(count, step.count);
    }
    for (const Coverage::Item& outcome : workflow.outcomes) {
      LcovFile& file = files[outcome.file];
      file.outcomes.push_back(&outcome);
      // The branch's line ran if any of its outcomes was reached.
      std::uint64_t& count = file.lines[outcome.line];
      count = std::max(count, outcome.count);
    }
    if (workflow.steps.empty()) continue;
    const Coverage::Item& first = workflow.steps.front();
    files[first.file].functions.emplace_back(first.line, workflow.name);
    files[first.file].calls[workflow.name] = first.count;
  }
  std::string out = "TN:\n";
  for (const auto& [path, file] : files) {
    out += "SF:" + path + "\n";
    append_functions(out, file);
    append_branches(out, file);
    append_lines(out, file);
    out += "end_of_record\n";
  }
  return out;
}

}  // namespace wf::wfc
