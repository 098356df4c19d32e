// `--lang`: every message of the golden cases in every language, and tables that fit together.
#include <catch2/catch.hpp>
#include <set>

#include "compiler/wfc/pages.hpp"
#include "compiler/wfc/project.hpp"
#include "compiler/wfc/translation.hpp"
#include "tests/unit/compiler_wfc/working_folder.hpp"

using namespace wf;
using wf::test::has;
using wf::test::WorkingFolder;

namespace fs = std::filesystem;

namespace {

/// A way to write something, which is the same in all languages: "delete {record: name}".
bool is_form(const std::string& text) {
  return has(text, ": ") ? has(text, "{") : text == "expect {record} marketing" || text == "allow others";
}

std::set<std::string> messages_of(const fs::path& folder) {
  const auto files = wfc::load_project({{folder.string()}, {}});
  REQUIRE(files);
  compiler::Options options;
  options.today = 20'780;
  const compiler::Compiled compiled = compiler::compile(*files, wfc::read_declared_file, options);
  std::set<std::string> all;
  for (const text::Diagnostic& d : compiled.diagnostics.all()) {
    all.insert(d.message);
    all.insert(d.primary.text);
    for (const auto& label : d.secondary) all.insert(label.text);
    all.insert(d.notes.begin(), d.notes.end());
    all.insert(d.helps.begin(), d.helps.end());
  }
  all.erase("");
  return all;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++n;
  return n;
}

}  // namespace

TEST_CASE("every message of the golden cases is there in every language") {
  std::set<std::string> messages;
  for (const std::string kind : {"diagnostics", "grammar", "yaml"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(WF_SOURCE_DIR) / "tests/golden/cases" / kind)) {
      if (entry.is_directory()) messages.merge(messages_of(entry.path()));
    }
  }
  CHECK(messages.size() > 400);
  for (const compiler::SourceText& file : wfc::language_files()) {
    const wfc::Translation translation(file.content);
    for (const std::string& message : messages) {
      if (is_form(message)) continue;
      INFO(file.path << " lacks: " << message);
      CHECK(translation.find(message).has_value());
    }
  }
}

TEST_CASE("a row has the same places on both sides") {
  for (const compiler::SourceText& file : wfc::language_files()) {
    std::set<std::string> shapes;
    std::size_t begin = 0;
    for (std::size_t end; (end = file.content.find('\n', begin)) != file.content.npos; begin = end + 1) {
      const std::string line = file.content.substr(begin, end - begin);
      if (line.empty() || line[0] == '#') continue;
      INFO(file.path << ": " << line);
      REQUIRE(count(line, "\t") == 1);
      const std::string english = line.substr(0, line.find('\t')), shown = line.substr(line.find('\t') + 1);
      CHECK(shapes.insert(english).second);
      for (const auto& [place, open, close] : {std::tuple{"{}", "{", "}"}, std::tuple{"<>", "<", ">"}}) {
        const std::size_t places = count(english, place);
        CHECK(count(shown, open) == places);
        for (std::size_t n = 1; n <= places; ++n) CHECK(count(shown, open + std::to_string(n) + close) == 1);
      }
    }
    CHECK(shapes.size() > 500);
  }
}

TEST_CASE("arguments keep their order, lists are one, phrases are looked up") {
  const wfc::Translation t(
      "{} has no {}\t{2} of {1} lacks\nadd {}\tplus {1}\nno <> named {}\t<1> {1} missing\nlist\tLISTE\n"
      "{} days\t{1} Tage\n");
  CHECK(t("`a` has no `b c`") == "`b c` of `a` lacks");
  CHECK(t("add `a`, `b` or \"c d\"") == "plus `a`、`b` または \"c d\"");
  CHECK(t("no list named `x`") == "LISTE `x` missing");
  CHECK(t("no thing named `x`") == "thing `x` missing");
  CHECK(t("1,000 days") == "1,000 Tage");
  CHECK(t("something else, 3") == "something else, 3");
  CHECK(t("an open ` quote") == "an open ` quote");
}

TEST_CASE("the option stands before the command or behind it, and leaves codes alone") {
  const WorkingFolder folder;
  folder.write("a.wf", "workflow w on contact { enroll when created; reenroll never; wait 2d }\n");
  for (const std::string arguments : {"--lang ja check a.wf", "check --lang ja a.wf"}) {
    const auto o = folder.wfc(arguments);
    CHECK(o.exit == 1);
    CHECK(has(o.err, "error[WF104 invalid-literal]: `2d` は数でも名前でもありません"));
    CHECK(has(o.err, "1 ファイルにエラー 1 件"));
  }
  CHECK(has(folder.wfc("check --lang ja --format github a.wf").out, "`2d` は数でも名前でもありません"));
  CHECK(has(folder.wfc("check --lang en a.wf").err, "`2d` is neither a number nor a name"));
  CHECK(folder.wfc("check --lang xx a.wf").exit == 2);
}
