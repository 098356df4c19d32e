// How values and templates read.
#pragma once

#include <string>
#include <vector>

#include "compiler/sema/module.hpp"
#include "grammar/value/value.hpp"

namespace wf::reference {

/// "email.welcome"
std::string resource_path(const bytecode::Catalogue& catalogue, const value::Value& resource);
/// A value as timelines show it.
std::string display(const bytecode::Catalogue& catalogue, const value::Value& v);
/// Without the catalogue's indices: enums and resources by title, records unknown.
value::Value plain(const bytecode::Catalogue& catalogue, const value::Value& v);
std::string json(const bytecode::Catalogue& catalogue, const value::Value& v);
std::string json_text(std::string_view text);

enum class Escape : std::uint8_t { none, header, html };
/// What a template takes from its surroundings.
struct Placeholders {
  const std::vector<value::Value>& arguments;
  std::string unsubscribe_url, sender_name, sender_address;
};
std::string render(const bytecode::Template& t, Escape escape, const Placeholders& values);

}  // namespace wf::reference
