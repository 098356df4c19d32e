#include "runtime/wfd/bundle.hpp"

#include <cstdio>

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

}  // namespace wf::wfd
