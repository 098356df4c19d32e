#include "compiler/wfc/baseline.hpp"

#include <sstream>

#include "compiler/wfc/project.hpp"
#include "grammar/text/render.hpp"

namespace wf::wfc {
namespace {

constexpr std::size_t kMaxBytes = 256u << 20;
constexpr std::string_view kKey = "\"fingerprint\":";

/// As it stands in the JSON, with its quotes.
std::string fingerprint_of(const text::Diagnostic& d) {
  std::string quoted;
  text::append_json_string(quoted, text::code_text(d.code) + ":" + d.path);
  return quoted;
}

}  // namespace

Result<Baseline> read_baseline(const std::string& path) {
  auto content = read_file(path, kMaxBytes);
  if (!content) return content.error();
  Baseline known;
  std::istringstream in(*content);
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    // It is the last member of each object.
    const std::size_t at = line.rfind(kKey);
    if (at == line.npos || !line.ends_with("\"}"))
      return Error{ErrorCode::invalid, "`" + path + "` line " + std::to_string(number) +
                                           ": not a finding as `wfc check --format json` prints it"};
    ++known[line.substr(at + kKey.size(), line.size() - at - kKey.size() - 1)];
  }
  return known;
}

void leave_out(const Baseline& known, text::DiagnosticSink& findings) {
  Baseline left = known;
  std::vector<text::Diagnostic> kept;
  for (text::Diagnostic& d : findings.take()) {
    const auto found = left.find(fingerprint_of(d));
    if (found == left.end() || found->second == 0)
      kept.push_back(std::move(d));
    else
      --found->second;
  }
  findings.absorb(std::move(kept));
}

}  // namespace wf::wfc
