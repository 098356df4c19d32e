// Data at the boundary: JSON, CSV and form values to typed values of the schema, once, here.
//
// Trimmed empty text is unknown. A value that does not fit is an error that names what was expected.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "grammar/text/result.hpp"
#include "grammar/value/value.hpp"
#include "runtime/bytecode/catalogue.hpp"

namespace wf::crm {

/// Gives the key of a record of `object` by its external id, for association values; absent: left as text.
using FindRecord = std::function<std::optional<std::uint64_t>(std::uint32_t object, const std::string& id)>;

/// `raw` is text, integer, decimal, boolean or list, as parsed from JSON or CSV. Dates are 2026-03-02,
/// datetimes RFC 3339 (or local in the project's zone), booleans true/false/yes/no/1/0, enum values by name
/// or title, resources by name ("ebook" or "form.ebook"), pages also by URL. Errors: invalid.
Result<value::Value> convert(const bytecode::Catalogue& catalogue, const bytecode::Type& type,
                             const value::Value& raw, const FindRecord& find = {});

/// Checks range, unknown for a required property, and format of a converted value. Errors: invalid.
Result<void> check_property(const bytecode::Property& property, const value::Value& v);

/// addr-spec of RFC 5322 without quoted parts and comments: local@domain, UTF-8 allowed, at most 254 bytes.
bool is_email(std::string_view text);
std::string trim(std::string_view text);

/// The identity under which a record is found: `property=folded value` of a unique property, or `id=…`.
/// `subject` is "taro@example.com", "id", or "property:value".
std::string identity(const bytecode::Object& object, std::string_view subject);
std::string identity_of(const bytecode::Property& property, const value::Value& v);

/// The page whose URL glob matches, the most specific (longest) pattern first; kNone without one.
std::uint32_t page_of(const std::vector<bytecode::Page>& pages, std::string_view url);

}  // namespace wf::crm
