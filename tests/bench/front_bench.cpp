// Text to a tree, YAML to a tree, and the layout of a million lines: on one core, in processor time.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/front.hpp"
#include "compiler/yaml/lower.hpp"
#include "compiler/yaml/write.hpp"
#include "grammar/format/format.hpp"
#include "grammar/wf/parse.hpp"
#include "tests/bench/projects.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace wf;

constexpr std::size_t kFiles = 2'000, kYamlFiles = 200, kLines = 1'000'000;

std::size_t bytes_of(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  return bytes;
}

/// MB a second of `work` over all texts.
template <class Work>
bench::Row throughput(const std::string& name, const std::string& target,
                      const std::vector<std::string>& texts, Work work) {
  bench::Row row{name, "MB/s", target, "", {}};
  for (int run = 0; run < bench::runs(); ++run) {
    const double begin = bench::thread_seconds();
    for (const std::string& text : texts) work(text);
    row.runs.push_back(static_cast<double>(bytes_of(texts)) / 1e6 / (bench::thread_seconds() - begin));
  }
  return row;
}

void require(bool holds, const char* message) {
  if (holds) return;
  std::fprintf(stderr, "front_bench: %s\n", message);
  std::exit(1);
}

void parse(const std::string& text) {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  const text::FileId file = sources.add("a.wf", text);
  const ast::File parsed = grammar::parse_wf(sources, file, sink);
  require(parsed.decls.size() == 1 && !sink.has_errors(), "the text has mistakes");
}

void parse_yaml(const std::string& text) {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  const text::FileId file = compiler::add_source(sources, "a.wf.yaml", text, sink);
  const ast::File parsed = grammar::parse_wf(sources, file, sink);
  require(parsed.decls.size() == 1 && !sink.has_errors(), "the YAML has mistakes");
}

/// What yaml-cpp itself takes to tell its events to somebody who does nothing with them.
struct Listener : YAML::EventHandler {
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

void only_events(const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  Listener listener;
  while (parser.HandleNextDocument(listener)) {
  }
}

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

}  // namespace

int main() {
  std::vector<std::string> texts, yamls;
  for (std::size_t n = 0; n < kFiles; ++n) texts.push_back(bench::workflow(n));
  for (std::size_t n = 0; n < kYamlFiles; ++n)
    yamls.push_back(yaml::write_yaml(texts[n], compiler::standard_actions()));
  bench::print_header("The front, " + std::to_string(bytes_of(texts) / 1'000'000) + " MB of text, " +
                      std::to_string(bytes_of(yamls) / 1'000) + " KB of YAML");
  bench::print(throughput("text to a tree", "50", texts, parse));
  const bench::Row limit = throughput("events of yaml-cpp alone", "", yamls, only_events);
  bench::Row yaml = throughput("YAML to a tree", "", yamls, parse_yaml);
  yaml.beside = "yaml-cpp alone: " + shown(bench::median(limit.runs));
  bench::print(limit);
  bench::print(yaml);

  const std::size_t each = static_cast<std::size_t>(std::count(texts[0].begin(), texts[0].end(), '\n'));
  std::string all;
  std::size_t lines = 0;
  for (std::size_t n = 0; lines < kLines; ++n, lines += each) all += bench::workflow(n);
  bench::Row whole{"layout of a million lines, one file", "s", "5", "", {}};
  bench::Row parts{"layout of a million lines, a file a workflow", "s", "5", "", {}};
  for (int run = 0; run < bench::runs(); ++run) {
    double begin = bench::thread_seconds();
    require(format::format_wf(all).size() > all.size() / 2, "the layout is empty");
    whole.runs.push_back(bench::thread_seconds() - begin);
    begin = bench::thread_seconds();
    std::size_t done = 0;
    for (std::size_t n = 0; done < lines; ++n, done += each) (void)format::format_wf(texts[n % kFiles]);
    parts.runs.push_back(bench::thread_seconds() - begin);
  }
  bench::print(whole);
  bench::print(parts);
}
