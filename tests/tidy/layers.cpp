// The house rules as a test: who may include whom, which third-party header only where, and no dead links in
// docs.
#include <re2/re2.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

using Layers = std::map<std::string, std::set<std::string>>;

/// What each layer may include besides itself.
const Layers& allowed() {
  static const Layers table = {
      {"grammar/text", {}},
      {"grammar/value", {"grammar/text"}},
      {"grammar/ast", {"grammar/text", "grammar/value"}},
      {"grammar/wf", {"grammar/text", "grammar/value", "grammar/ast"}},
      {"grammar/format", {"grammar/text", "grammar/wf"}},
      {"grammar/liquid", {"grammar/text", "grammar/value"}},
      {"compiler/schema",
       {"grammar/text", "grammar/value", "grammar/ast", "grammar/liquid", "runtime/bytecode"}},
      {"compiler/yaml", {"grammar/text", "grammar/format", "compiler/schema", "runtime/bytecode"}},
      {"compiler/domain", {"grammar/value"}},
      {"compiler/sema",
       {"grammar/text", "grammar/value", "grammar/ast", "grammar/liquid", "compiler/schema",
        "compiler/domain", "runtime/bytecode"}},
      {"compiler/lint",
       {"grammar/text", "grammar/value", "grammar/ast", "compiler/schema", "compiler/sema",
        "runtime/bytecode"}},
      {"compiler/ir", {"grammar/text", "grammar/value", "grammar/ast", "compiler/sema", "runtime/bytecode"}},
      {"compiler/emit", {"grammar/text", "grammar/value", "compiler/ir", "runtime/bytecode"}},
      {"compiler",
       {"grammar/text", "grammar/value", "grammar/ast", "grammar/wf", "compiler/schema", "compiler/yaml",
        "compiler/sema", "compiler/lint", "compiler/ir", "compiler/emit", "runtime/bytecode"}},
      {"runtime/log", {"grammar/text"}},
      {"runtime/bytecode", {"grammar/text", "grammar/value", "grammar/liquid"}},
      {"runtime/vm", {"grammar/text", "grammar/value", "runtime/bytecode"}},
      {"runtime/store", {"grammar/text", "grammar/value"}},
      {"runtime/triggers", {"grammar/text", "grammar/value", "runtime/bytecode", "runtime/vm"}},
      {"runtime/crm", {"grammar/text", "grammar/value", "runtime/bytecode", "runtime/vm"}},
      {"runtime/engine",
       {"grammar/text", "grammar/value", "grammar/liquid", "runtime/bytecode", "runtime/vm", "runtime/store",
        "runtime/triggers", "runtime/crm"}},
      {"runtime/channels", {"grammar/text", "grammar/value", "runtime/log"}},
      {"runtime/http", {"grammar/text", "runtime/log"}},
      {"runtime/api",
       {"grammar/text", "grammar/value", "runtime/bytecode", "runtime/store", "runtime/engine", "runtime/crm",
        "runtime/http", "runtime/log"}},
  };
  return table;
}

/// The two wiring folders may include both sides.
bool is_wiring(const std::string& layer) {
  return layer == "compiler/wfc" || layer == "runtime/wfd";
}

/// Third-party headers by prefix, and the layers that may include them.
const std::map<std::string, std::set<std::string>>& third_party() {
  static const std::map<std::string, std::set<std::string>> table = {
      {"tao/pegtl", {"grammar/wf"}},
      {"date/", {"grammar/value"}},
      {"unicode/", {"grammar/text", "grammar/wf", "grammar/liquid", "compiler/yaml"}},
      {"sqlite3.h", {"runtime/store"}},
      {"spdlog/", {"runtime/log"}},
      {"fmt/", {"runtime/log"}},
      {"curl/", {"runtime/channels"}},
      {"boost/beast", {"runtime/http"}},
      {"boost/asio", {"runtime/http"}},
      {"boost/json", {"runtime/api", "runtime/wfd"}},
      {"simdjson", {"runtime/api", "grammar/liquid"}},
      {"sodium", {"runtime/bytecode", "runtime/channels", "runtime/crm", "runtime/api", "runtime/store"}},
      {"re2/", {"runtime/vm", "compiler/wfc"}},
      {"yaml-cpp", {"compiler/yaml"}},
      {"libical/", {"compiler/schema"}},
      {"CLI/", {"compiler/wfc", "runtime/wfd"}},
      {"openssl/", {"runtime/http"}},
  };
  return table;
}

std::string layer_of(const std::string& path) {
  const std::size_t first = path.find('/');
  const std::size_t second = path.find('/', first + 1);
  return second == std::string::npos ? path.substr(0, first) : path.substr(0, second);
}

struct Include {
  std::string file, target;
  bool own = false;
};

std::vector<Include> includes_of(const std::string& file, std::istream& in) {
  static const RE2 pattern(R"(\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  std::vector<Include> found;
  for (std::string line; std::getline(in, line);) {
    std::string quote, target;
    if (RE2::FullMatch(line, pattern, &quote, &target)) found.push_back({file, target, quote == "\""});
  }
  return found;
}

std::vector<std::string> sources() {
  std::vector<std::string> files;
  for (const char* top : {"grammar", "compiler", "runtime"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(WF_SOURCE_DIR) / top)) {
      const std::string extension = entry.path().extension();
      if (extension != ".hpp" && extension != ".cpp" && extension != ".def") continue;
      files.push_back(fs::relative(entry.path(), WF_SOURCE_DIR).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Empty when the include is fine.
std::string complaint(const Include& include) {
  const std::string layer = layer_of(include.file);
  const std::string target = layer_of(include.target);
  if (include.target.starts_with("grammar/") || include.target.starts_with("compiler/") ||
      include.target.starts_with("runtime/")) {
    if (is_wiring(layer) || layer == target) return {};
    const auto rule = allowed().find(layer);
    if (rule == allowed().end()) return include.file + ": the layer " + layer + " is not in the table";
    if (rule->second.contains(target)) return {};
    return include.file + " includes " + include.target + ": " + layer + " must not know " + target;
  }
  for (const auto& [prefix, layers] : third_party()) {
    if (include.target.starts_with(prefix) && !layers.contains(layer)) {
      return include.file + " includes " + include.target + ", which belongs to other layers";
    }
  }
  return {};
}

}  // namespace

TEST_CASE("every include follows the layers") {
  std::size_t checked = 0;
  for (const std::string& file : sources()) {
    std::ifstream in(fs::path(WF_SOURCE_DIR) / file);
    for (const Include& include : includes_of(file, in)) {
      ++checked;
      const std::string text = complaint(include);
      if (!text.empty()) FAIL_CHECK(text);
    }
  }
  REQUIRE(checked > 100);
}

TEST_CASE("the layer check finds violations") {
  CHECK_FALSE(complaint({"grammar/ast/dump.cpp", "runtime/vm/vm.hpp", true}).empty());
  CHECK_FALSE(complaint({"runtime/engine/engine.cpp", "compiler/compile.hpp", true}).empty());
  CHECK_FALSE(complaint({"runtime/engine/engine.cpp", "sqlite3.h", false}).empty());
  CHECK_FALSE(complaint({"runtime/unheard/x.cpp", "runtime/vm/vm.hpp", true}).empty());
  CHECK(complaint({"runtime/wfd/serve.cpp", "compiler/compile.hpp", true}).empty());
  CHECK(complaint({"runtime/store/sqlite_store.cpp", "sqlite3.h", false}).empty());
  std::istringstream text("#include \"a.hpp\"\n  # include <b>\nint x;\n");
  CHECK(includes_of("f", text).size() == 2);
}

TEST_CASE("relative links in the documents lead somewhere") {
  static const RE2 link(R"(\]\(([^)#\s]+)(?:#[^)]*)?\))");
  std::vector<fs::path> pages{fs::path(WF_SOURCE_DIR) / "README.md"};
  for (const char* top : {"docs", "examples"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(WF_SOURCE_DIR) / top)) {
      if (entry.path().extension() == ".md") pages.push_back(entry.path());
    }
  }
  REQUIRE(fs::exists(pages.front()));
  for (const fs::path& page : pages) {
    std::ifstream in(page);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    re2::StringPiece rest(text);
    for (std::string target; RE2::FindAndConsume(&rest, link, &target);) {
      if (target.find("://") != std::string::npos || target.starts_with("mailto:")) continue;
      INFO(page.string() << " links to " << target);
      CHECK(fs::exists(page.parent_path() / target));
    }
  }
}
