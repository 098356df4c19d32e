// `wfc check` as a library call: lines a second over generated projects.
#include <cstdio>
#include <string>

#include "compiler/compile.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace wf;

std::string workflow(std::size_t n) {
  const std::string id = std::to_string(n);
  std::string text =
      "workflow flow_" + id + " on contact {\n  title \"フロー " + id + "\"\n  enroll when any {\n";
  text += "    form.ebook submitted\n    lifecycle_stage becomes lead\n  }\n  reenroll never\n";
  text += "  goal lifecycle_stage is customer\n";
  for (int step = 0; step < 10; ++step) {
    text += "  send email.welcome\n  wait 1 day\n  if lead_score >= " + std::to_string(step) +
            " and country is \"JP\" {\n    add 5 to lead_score\n  } else {\n    set source to \"wf\"\n  }\n";
    text += "  create task \"フォローアップ\" for owner else team.sales due in 2 days\n";
  }
  return text + "}\n";
}

constexpr const char* kCommon = R"(project bench { zone "Asia/Tokyo" }
sender news { name "Example"; email "news@example.com"; address "1 Example Street" }
topic updates { title "Updates" }
form ebook { fields (email required); creates contact }
user sato { email "sato@example.com" }
team sales { members (user.sato); email "sales@example.com" }
email welcome { class marketing; topic topic.updates; from sender.news; subject "Hi"; text "{{ unsubscribe_url }}" }
)";

}  // namespace

int main(int argc, char** argv) {
  const std::size_t files = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000;
  std::vector<compiler::SourceText> sources{{"common.wf", kCommon}};
  std::size_t lines = 0;
  for (std::size_t n = 0; n < files; ++n) {
    sources.push_back({"flow_" + std::to_string(n) + ".wf", workflow(n)});
    for (const char c : sources.back().content) lines += c == '\n';
  }
  bench::print_header("wfc check, " + std::to_string(files) + " files, " + std::to_string(lines) + " lines");
  bench::Row row{"check (parse, names, types, flow, code)", "lines/s", "250,000", "PEGTL recognise 26 M", {}};
  for (int run = 0; run < bench::runs(); ++run) {
    bool good = false;
    const double s = bench::seconds([&] {
      const auto compiled = compiler::compile(sources, [](const std::string&) { return std::nullopt; });
      good = compiled.program.has_value();
      if (!good) std::fprintf(stderr, "%s\n", compiled.diagnostics.all().front().message.c_str());
    });
    if (!good) return 1;
    row.runs.push_back(static_cast<double>(lines) / s);
  }
  bench::print(row);
  bench::print({"resident memory",
                "MiB",
                "1,024 for 1 M lines",
                "",
                {static_cast<double>(bench::resident_bytes()) / (1 << 20)}});
}
