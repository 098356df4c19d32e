// liquid_suite FILE [--least N] [--through WFC]: renders the cases of a JSON file and compares.
//
// A case has a name, a template, maybe data and partials (`templates`), and what is expected: `result`, one
// of `results`, or `invalid`. Ours may also have `error` ("LINE:COLUMN: MESSAGE"), `strict`, `escaping`,
// `allow_raw`, `now` and `limits`. Ends with 1 when fewer than N cases pass, without --least when one fails.
// With --through every case goes through the program, as files.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "grammar/liquid/document.hpp"
#include "grammar/liquid/json.hpp"
#include "grammar/liquid/numbers.hpp"
#include "grammar/text/render.hpp"

namespace {

using namespace wf::liquid;
namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_text(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

const Datum* member(const Object& object, std::string_view name) {
  return object.find(name);
}

std::string_view text_member(const Object& object, std::string_view name) {
  const Datum* found = member(object, name);
  return found != nullptr && found->is(Type::text) ? found->as_text() : "";
}

bool flag(const Object& object, std::string_view name) {
  const Datum* found = member(object, name);
  return found != nullptr && found->truthy();
}

const Object& object_member(const Object& object, std::string_view name) {
  static const Object none({});
  const Datum* found = member(object, name);
  return found != nullptr && found->is(Type::object) ? found->as_object() : none;
}

void append_json(std::string& out, const Datum& v) {
  char separator = v.is(Type::array) ? '[' : '{';
  switch (v.type()) {
    case Type::boolean:
      out += v.as_boolean() ? "true" : "false";
      return;
    case Type::integer:
      out += integer_text(v.as_integer());
      return;
    case Type::real:
      out += real_text(v.as_real());
      return;
    case Type::text:
      return wf::text::append_json_string(out, v.as_text());
    case Type::array:
      for (const Datum& item : v.as_array()) {
        out += separator;
        append_json(out, item);
        separator = ',';
      }
      out += v.as_array().empty() ? "[]" : "]";
      return;
    case Type::object:
      for (const auto& [name, value] : v.as_object().fields()) {
        out += separator;
        wf::text::append_json_string(out, name);
        out += ':';
        append_json(out, value);
        separator = ',';
      }
      out += v.as_object().fields().empty() ? "{}" : "}";
      return;
    default:
      out += "null";
  }
}

/// What came of a case.
struct Outcome {
  std::string text;
  std::string error;  ///< "LINE:COLUMN: MESSAGE", or empty
};

RenderOptions options_of(const Object& test) {
  RenderOptions options;
  options.strict_variables = flag(test, "strict");
  const std::string_view escaping = text_member(test, "escaping");
  if (escaping == "html") options.escaping = Escaping::html;
  if (escaping == "header") options.escaping = Escaping::header;
  if (const Datum* now = member(test, "now")) options.now = static_cast<std::int64_t>(now->as_integer());
  const Object& limits = object_member(test, "limits");
  const auto limit = [&](const char* name, auto& target) {
    if (const Datum* v = member(limits, name))
      target = static_cast<std::remove_reference_t<decltype(target)>>(v->as_integer());
  };
  limit("output", options.limits.output);
  limit("memory", options.limits.memory);
  limit("iterations", options.limits.iterations);
  limit("work", options.limits.work);
  limit("partial_depth", options.limits.partial_depth);
  limit("depth", options.limits.depth);
  return options;
}

std::string error_of(const Problem& problem) {
  const std::string file = problem.partial.empty() ? "" : problem.partial + ":";
  const std::string hint = problem.hint.empty() ? "" : " (" + problem.hint + ")";
  return file + std::to_string(problem.line) + ":" + std::to_string(problem.column) + ": " + problem.message +
         hint;
}

Outcome in_process(const Object& test) {
  ParseOptions parse;
  parse.strict_filters = flag(test, "strict");
  parse.allow_raw = flag(test, "allow_raw");
  const Parsed parsed = Document::parse(text_member(test, "template"), parse);
  if (parsed.problem) return {"", error_of(*parsed.problem)};
  const Object& templates = object_member(test, "templates");
  Partials partials(
      [&](std::string_view name) -> std::optional<std::string> {
        const Datum* text = templates.find(name);
        if (text == nullptr) return {};
        return std::string(text->as_text());
      },
      parse);
  Environment environment;
  environment.data = &object_member(test, "data");
  const Rendered rendered = render(*parsed.document, environment, &partials, options_of(test));
  return {rendered.text, rendered.problem ? error_of(*rendered.problem) : ""};
}

constexpr const char* kTemplate = "the template";

std::string quoted(const std::string& path) {
  return "'" + path + "'";
}

std::string between(const std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t from = text.find(begin);
  if (from == text.npos) return {};
  const std::size_t start = from + begin.size();
  return text.substr(start, text.find(end, start) - start);
}

/// Partial, place, message and hint from `error: MESSAGE`, `┌─ …/case/NAME.liquid:LINE:COLUMN` and the carets
/// of stderr.
std::string error_in(const std::string& report) {
  const std::string message = between(report, "error: ", "\n");
  const std::string name = between(report, "/case/", ".liquid:");
  const std::string hint = between(report, "^ did you mean ", "\n");
  if (message.empty() || name.empty()) return report;
  return (name == kTemplate ? "" : name + ":") + between(report, ".liquid:", "\n") + ": " + message +
         (hint.empty() ? "" : " (did you mean " + hint + ")");
}

class Program {
 public:
  explicit Program(std::string path) : path_(std::move(path)) {
    std::string pattern = (fs::temp_directory_path() / "liquid_suite_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    folder_ = pattern;
  }
  ~Program() { fs::remove_all(folder_); }

  Outcome run(const Object& test) const {
    const fs::path folder = folder_ / "case";
    fs::remove_all(folder);
    write_text(folder / (std::string(kTemplate) + ".liquid"), text_member(test, "template"));
    for (const auto& [name, text] : object_member(test, "templates").fields())
      write_text(folder / (std::string(name) + ".liquid"), text.as_text());
    std::string data;
    append_json(data, Datum::object(object_member(test, "data")));
    write_text(folder_ / "data.json", data);
    const std::string command = quoted(path_) + " render " +
                                quoted(folder / (std::string(kTemplate) + ".liquid")) + " --data " +
                                quoted(folder_ / "data.json") + (flag(test, "strict") ? " --strict" : "") +
                                " >" + quoted(folder_ / "out") + " 2>" + quoted(folder_ / "err");
    const int status = std::system(command.c_str());
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code == 0) return {read_text(folder_ / "out"), ""};
    const std::string report = read_text(folder_ / "err");
    return {"", code == 1 ? error_in(report) : "exit code " + std::to_string(code) + ": " + report};
  }

 private:
  std::string path_;
  fs::path folder_;
};

/// What the program has no options for.
bool is_only_in_process(const Object& test) {
  for (const char* name : {"escaping", "allow_raw", "now", "limits"}) {
    if (member(test, name) != nullptr) return true;
  }
  return false;
}

std::string expected_of(const Object& test) {
  if (flag(test, "invalid")) return "(an error)";
  std::string expected;
  for (const char* name : {"error", "result", "results"}) {
    if (const Datum* v = member(test, name)) append_json(expected, *v);
  }
  return expected;
}

bool passes(const Object& test, const Outcome& outcome) {
  if (outcome.error.starts_with("exit code")) return false;
  if (const Datum* error = member(test, "error")) return outcome.error == error->as_text();
  if (flag(test, "invalid")) return !outcome.error.empty();
  if (!outcome.error.empty()) return false;
  if (const Datum* results = member(test, "results")) {
    for (const Datum& result : results->as_array()) {
      if (result.as_text() == outcome.text) return true;
    }
    return false;
  }
  return text_member(test, "result") == outcome.text;
}

struct Arguments {
  std::string file, program;
  long least = -1;
};

Arguments arguments_of(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (std::strcmp(argv[i], "--least") == 0 && has_value) {
      arguments.least = std::atol(argv[++i]);
    } else if (std::strcmp(argv[i], "--through") == 0 && has_value) {
      arguments.program = argv[++i];
    } else {
      arguments.file = argv[i];
    }
  }
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = arguments_of(argc, argv);
  const auto suite = JsonData::parse(read_text(arguments.file));
  if (!suite) {
    std::cerr << arguments.file << ": " << suite.error().message << "\n";
    return 2;
  }
  std::optional<Program> program;
  if (!arguments.program.empty()) program.emplace(arguments.program);
  long passed = 0, cases = 0;
  for (const Datum& item : (*suite)->object()->find("tests")->as_array()) {
    const Object& test = item.as_object();
    if (program && is_only_in_process(test)) continue;
    ++cases;
    const Outcome outcome = program ? program->run(test) : in_process(test);
    if (passes(test, outcome)) {
      ++passed;
      continue;
    }
    std::string got;
    wf::text::append_json_string(got, outcome.error.empty() ? outcome.text : outcome.error);
    std::cout << "failed: " << text_member(test, "name") << "\n  expected " << expected_of(test)
              << "\n  got      " << got << "\n";
  }
  std::cout << passed << " of " << cases << " cases pass\n";
  return passed >= (arguments.least < 0 ? cases : arguments.least) ? 0 : 1;
}
