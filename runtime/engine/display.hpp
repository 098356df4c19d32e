// Values as people read them: in mails, tasks and timelines. And as JSON, for webhooks.
#pragma once

#include <string>

#include "runtime/bytecode/program.hpp"

namespace wf::engine {

/// Enum values by title (or name), users and teams by title (or name), other resources by name, dates as
/// 2026-03-02.
std::string display(const bytecode::Catalogue& catalogue, const value::Value& v);
/// The value as a template argument: enums and resources as text, everything else as it is.
value::Value plain(const bytecode::Catalogue& catalogue, const value::Value& v);
/// JSON: enum values and resources by name, instants RFC 3339, decimals as numbers, unknown as null.
void append_json(std::string& out, const bytecode::Catalogue& catalogue, const value::Value& v);

/// A template of the bundle with the values that the send site computed.
struct RenderInputs {
  const std::vector<value::Value>* arguments = nullptr;
  std::string unsubscribe_url, sender_name, sender_address;
};
enum class Target : std::uint8_t { header, text, html };
std::string render(const bytecode::Template& tmpl, Target target, const RenderInputs& inputs);

}  // namespace wf::engine
