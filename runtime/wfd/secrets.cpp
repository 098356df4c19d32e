#include "runtime/wfd/secrets.hpp"

#include <cstdlib>
#include <sstream>

#include "runtime/crm/convert.hpp"
#include "runtime/crm/small_file.hpp"

namespace wf::wfd {

Result<Secrets> Secrets::open(const std::string& file) {
  Secrets secrets;
  if (file.empty()) return secrets;
  const auto text = crm::read_file(file);
  if (!text) return text.error();
  if (!crm::is_private_file(file))
    return Error{ErrorCode::invalid, file + " may be read by others: chmod 600 it"};
  std::istringstream in(*text);
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    line = crm::trim(line);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{ErrorCode::invalid, file + ":" + std::to_string(number) + ": expected NAME=value"};
    }
    secrets.values_[crm::trim(line.substr(0, equals))] = crm::trim(line.substr(equals + 1));
  }
  return secrets;
}

std::optional<std::string> Secrets::find(const std::string& name) const {
  if (const auto it = values_.find(name); it != values_.end()) return it->second;
  const char* value = std::getenv(("WF_SECRET_" + name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace wf::wfd
