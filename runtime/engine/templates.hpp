// Templates of the bundle with the values of a record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/bytecode/program.hpp"

namespace wf::engine {

struct RenderInputs {
  const std::vector<value::Value>* arguments = nullptr;  ///< plain ones, as the send site computed them
  std::string unsubscribe_url = {}, sender_name = {}, sender_address = {};
  std::string zone = {};  ///< instants are shown in it; "": UTC
  std::int64_t now = 0;   ///< µs since 1970
};
enum class Target : std::uint8_t { header, text, html, json };

struct Shown {
  std::string text;                    ///< with a problem: what came before it
  std::optional<std::string> problem;  ///< "2:14: divided by zero"
};
/// Numbers, booleans, texts and lists are such in the template; dates and times are texts that its filter
/// `date` reads. What the template makes safe for its target is LANGUAGE's escaping by context.
Shown render(const bytecode::Template& source, Target target, const RenderInputs& inputs);

}  // namespace wf::engine
