// notations [COUNT] [SEED]: random programs through the formatter and through YAML. Formatting twice is as
// formatting once, and the tree stays the same both ways.
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "compiler/front.hpp"
#include "compiler/yaml/write.hpp"
#include "grammar/ast/dump.hpp"
#include "grammar/format/format.hpp"
#include "tests/reference/differential/project.hpp"
#include "tests/reference/generator/generator.hpp"

namespace wf::reference {
namespace {

std::string tree(const std::string& name, const std::string& content) {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  compiler::add_source(sources, name, content, sink);
  const auto files = compiler::parse_files(sources, 1, sink);
  if (!sink.has_errors()) return ast::dump(files.at(0));
  std::string mistakes = "not parsed:";
  for (const auto& d : sink.all()) mistakes += " " + text::code_text(d.code) + " " + d.message;
  return mistakes;
}

/// What is wrong with a program, or nothing.
std::string complaint(const std::string& program) {
  const std::string before = tree("p.wf", program);
  const std::string neat = format::format_wf(program);
  if (format::format_wf(neat) != neat) return "formatting twice is not as once:\n" + neat;
  if (tree("p.wf", neat) != before) return "formatting changes the tree:\n" + neat;
  const std::string yaml = yaml::write_yaml(program, compiler::standard_actions());
  const std::string after = tree("p.wf.yaml", yaml);
  if (after != before) return "YAML changes the tree:\n" + yaml + "\n" + after;
  return {};
}

int run(std::uint64_t count, std::uint64_t seed) {
  const auto standard = check("");
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string program = text_of(generate(seed + i, standard->module->catalogue));
    const std::string wrong = complaint(program);
    if (wrong.empty()) continue;
    std::printf("%s\n%s\nrepeat with: notations 1 %llu\n", program.c_str(), wrong.c_str(),
                static_cast<unsigned long long>(seed + i));
    return 1;
  }
  std::printf("%llu programs from %llu: the same tree through the formatter and through YAML\n",
              static_cast<unsigned long long>(count), static_cast<unsigned long long>(seed));
  return 0;
}

}  // namespace
}  // namespace wf::reference

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device{}();
  return wf::reference::run(count, seed);
}
