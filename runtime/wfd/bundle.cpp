#include "runtime/wfd/bundle.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "compiler/compile.hpp"
#include "compiler/wfc/project.hpp"
#include "grammar/text/render.hpp"

namespace wf::wfd {

namespace {

Result<std::string> compile_project(const std::string& project) {
  auto files = wfc::load_project({{project}, {}});
  if (!files) return files.error();
  const compiler::Compiled compiled = compiler::compile(std::move(*files), wfc::read_declared_file);
  for (const text::Diagnostic& finding : compiled.diagnostics.all()) {
    std::fputs(text::render_text(finding, compiled.sources).c_str(), stderr);
  }
  if (!compiled.program) return Error{ErrorCode::invalid, "the project `" + project + "` has errors"};
  return bytecode::write_bundle(*compiled.program);
}

}  // namespace

Result<std::string> load_bundle(const std::string& project) {
  if (!project.ends_with(".wfb")) return compile_project(project);
  return wfc::read_file(project, bytecode::kMaxBundleBytes);
}

std::string signature_of(const std::string& project) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::string> lines;
  const auto add = [&](const fs::directory_entry& entry) {
    if (!entry.is_regular_file(error)) return;
    lines.push_back(entry.path().string() + " " + std::to_string(entry.file_size(error)) + " " +
                    std::to_string(entry.last_write_time(error).time_since_epoch().count()));
  };
  if (!fs::is_directory(project, error)) {
    add(fs::directory_entry(project, error));
  } else {
    auto it = fs::recursive_directory_iterator(project, fs::directory_options::skip_permission_denied, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) add(*it);
  }
  std::sort(lines.begin(), lines.end());
  std::string signature;
  for (const std::string& line : lines) signature += line + "\n";
  return signature;
}

}  // namespace wf::wfd
