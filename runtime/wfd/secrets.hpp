// Secrets by name: from the environment (WF_SECRET_NAME), or a file of NAME=value lines that only the owner
// may read.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "grammar/text/result.hpp"

namespace wf::wfd {

class Secrets {
 public:
  /// `file` may be "" (environment only). Errors: not_found, io, invalid (others may read it, a line without
  /// `=`).
  static Result<Secrets> open(const std::string& file);
  /// The file goes before the environment.
  std::optional<std::string> find(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace wf::wfd
