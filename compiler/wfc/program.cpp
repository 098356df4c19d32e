#include "compiler/wfc/program.hpp"

#include "compiler/wfc/report.hpp"

namespace wf::wfc {

namespace {

Result<NamedProgram> compile_program(const std::string& path) {
  auto files = load_project({{path}, {}});
  if (!files) return files.error();
  compiler::Compiled compiled = compiler::compile(std::move(*files), read_declared_file);
  if (!compiled.program) {
    print_findings(compiled.diagnostics, compiled.sources, {});
    return Error{ErrorCode::invalid, "the project has errors"};
  }
  std::string bundle = bytecode::write_bundle(*compiled.program);
  return NamedProgram{std::move(*compiled.program), std::move(bundle)};
}

}  // namespace

Result<NamedProgram> load_program(const std::string& path) {
  if (!path.ends_with(".wfb")) return compile_program(path);
  auto bytes = read_file(path, bytecode::kMaxBundleBytes);
  if (!bytes) return bytes.error();
  auto program = bytecode::read_bundle(*bytes);
  if (!program) return program.error();
  return NamedProgram{std::move(*program), std::move(*bytes)};
}

int program_failure(const std::string& path, const Error& error) {
  const bool input = error.code == ErrorCode::invalid || error.code == ErrorCode::corrupt ||
                     error.code == ErrorCode::unsupported || error.code == ErrorCode::limit;
  return fail({error.code, path + ": " + error.message}, input ? kFindings : kFailed);
}

}  // namespace wf::wfc
