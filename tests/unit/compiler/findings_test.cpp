// What a project's check finds depends neither on the number of threads nor on whether a program results.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "compiler/check.hpp"
#include "compiler/compile.hpp"
#include "grammar/text/render.hpp"

namespace fs = std::filesystem;
using namespace wf;

namespace {

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<compiler::SourceText> sources_of(const fs::path& folder) {
  std::vector<compiler::SourceText> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".wf") continue;
    files.push_back({fs::relative(entry.path(), folder).string(), read(entry.path())});
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

compiler::ReadFile door(const fs::path& folder) {
  return [folder](const std::string& path) -> std::optional<std::string> {
    return fs::is_regular_file(folder / path) ? std::optional(read(folder / path)) : std::nullopt;
  };
}

template <class Result>
std::string rendered(const Result& result) {
  std::string text;
  for (const auto& d : result.diagnostics.all()) text += text::render_text(d, result.sources);
  return text;
}

std::string compiled(const std::vector<compiler::SourceText>& files, const fs::path& folder) {
  return rendered(compiler::compile(files, door(folder)));
}

std::string checked(const std::vector<compiler::SourceText>& files, const fs::path& folder,
                    unsigned threads) {
  std::vector<compiler::CheckFile> all;
  for (const auto& file : files) all.push_back({file.path, file.content, nullptr});
  compiler::CheckOptions options;
  options.threads = threads;
  return rendered(compiler::check(std::move(all), door(folder), options));
}

/// `count` copies of one workflow with a finding each, so that several threads have work.
std::vector<compiler::SourceText> many_files(int count) {
  std::vector<compiler::SourceText> files{
      {"project.wf", "project many { zone \"UTC\" }\nlist vip { title \"VIP\" }\n"}};
  for (int i = 0; i < count; ++i) {
    const std::string id = std::to_string(i);
    files.push_back({"w" + id + ".wf", "workflow w" + id + " on contact {\n  enroll when created\n" +
                                           "  reenroll never\n  add to list.vpi\n  set source to " + id +
                                           "\n}\n"});
  }
  return files;
}

}  // namespace

TEST_CASE(
    "the findings of every golden project are the same with and without a program, on 1 and 3 threads") {
  std::size_t with_findings = 0;
  for (const auto& entry :
       fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "tests/golden/cases/diagnostics")) {
    const auto files = sources_of(entry.path());
    const std::string expected = compiled(files, entry.path());
    with_findings += !expected.empty();
    INFO(entry.path());
    CHECK(checked(files, entry.path(), 1) == expected);
    CHECK(checked(files, entry.path(), 3) == expected);
  }
  CHECK(with_findings > 30);
}

TEST_CASE("many files give the same findings in the same order on every number of threads") {
  const auto files = many_files(200);
  const std::string expected = compiled(files, ".");
  CHECK(std::count(expected.begin(), expected.end(), '\n') > 400);
  for (const unsigned threads : {1u, 2u, 4u, 7u}) CHECK(checked(files, ".", threads) == expected);
}
