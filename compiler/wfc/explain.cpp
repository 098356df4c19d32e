// wfc explain WF304: what a code means, with a wrong and a right example.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <sstream>

#include "compiler/wfc/pages.hpp"
#include "compiler/wfc/report.hpp"
#include "grammar/text/suggest.hpp"

namespace wf::wfc {
namespace {

struct ExplainArguments {
  std::string code;
  bool list = false;
};

const char* severity_text(text::Severity severity) {
  constexpr const char* kTexts[] = {"error", "warning", "info"};
  return kTexts[static_cast<std::size_t>(severity)];
}

void print_list() {
  for (const text::CodeInfo& info : text::all_codes()) {
    std::printf("%s  %-32s  %-7s  %s\n", text::code_text(info.code).c_str(), info.name,
                severity_text(info.severity), info.summary);
  }
}

/// What stands above an example: its info string says what it shows.
std::string caption(const std::string& info) {
  const std::size_t file = info.find("file=");
  if (info.starts_with("wf ok")) return "right:";
  if (info.starts_with("wf ")) return "wrong:";
  if (file != std::string::npos) return "`" + info.substr(file + 5) + "`:";
  return {};
}

void print_page(const text::CodeInfo& info, const std::string& page) {
  std::istringstream in(page);
  bool example = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      example = !example;
      if (example) std::printf("%s\n\n", caption(line.substr(3)).c_str());
    } else if (example) {
      std::printf(line.empty() ? "\n" : "    %s\n", line.c_str());
    } else if (line.starts_with("# ")) {
      std::printf("%s (%s)\n", line.substr(2).c_str(), severity_text(info.severity));
    } else {
      std::printf("%s\n", line.c_str());
    }
  }
}

/// `WF304`, `wf304`, `304` or `non-exhaustive-match`.
const text::CodeInfo* find(const std::string& wanted) {
  const auto& all = text::all_codes();
  const std::string sought = text::fold(wanted);
  const auto found = std::find_if(all.begin(), all.end(), [&](const text::CodeInfo& info) {
    const std::string code = text::fold(text::code_text(info.code));
    return sought == code || sought == code.substr(2) || sought == info.name;
  });
  return found == all.end() ? nullptr : &*found;
}

int no_such_code(const std::string& wanted) {
  std::vector<std::string> names;
  for (const text::CodeInfo& info : text::all_codes()) {
    names.push_back(text::code_text(info.code));
    names.emplace_back(info.name);
  }
  std::string message = "there is no code `" + wanted + "`";
  const std::string hint = text::did_you_mean(wanted, names);
  message += hint.empty() ? "; `wfc explain --list` shows all" : "; " + hint;
  return fail({ErrorCode::not_found, message}, kUsage);
}

int explain(const ExplainArguments& arguments) {
  if (arguments.list) {
    print_list();
    return kOk;
  }
  if (arguments.code.empty()) return fail({ErrorCode::invalid, "expected a code, or --list"}, kUsage);
  const text::CodeInfo* info = find(arguments.code);
  if (info == nullptr) return no_such_code(arguments.code);
  const std::string name = text::code_text(info->code) + ".md";
  for (const compiler::SourceText& page : code_pages()) {
    if (page.path == name) print_page(*info, page.content);
  }
  return kOk;
}

}  // namespace

void add_explain(CommandLine& line) {
  auto arguments = std::make_shared<ExplainArguments>();
  Command command = line.add("explain", "Says what the code of a finding means, with examples");
  command.optional_positional("CODE", arguments->code, "A code such as WF304, or its name");
  command.flag("--list", arguments->list, "Print all codes");
  command.run([arguments] { return explain(*arguments); });
}

}  // namespace wf::wfc
