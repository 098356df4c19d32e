// What a template reads from outside: to check it against a schema, and to bind its lookups to slots.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grammar/liquid/document.hpp"

namespace wf::liquid {

struct Read {
  /// {"contact", "deals", "[]", "amount"}; "[]" is an item of a list. Ends before a key that is known only
  /// when the template is rendered.
  Path path;
  bool is_whole = true;     ///< false: such a key follows
  bool is_guarded = false;  ///< nothing there is no mistake: `default` follows, a condition asks, or one did
  bool is_maybe_local = false;       ///< an `include` stands before, which may set a variable of the name
  std::uint32_t lookup = 0;          ///< its number in the document
  std::uint32_t begin = 0, end = 0;  ///< bytes of the document's text
  std::vector<std::string> compared = {};  ///< texts that it is compared with: `x == 'a'`, `when 'a'`
};

struct PartialUse {
  std::string name;                         ///< empty: known only when the template is rendered
  std::vector<std::string> arguments = {};  ///< the names that the partial is given
  bool is_isolated = false;                 ///< `render`; else `include`, which sees the variables
  std::uint32_t begin = 0, end = 0;
};

struct Reads {
  std::vector<Read> reads;  ///< in the order of the text
  std::vector<PartialUse> partials;
  std::vector<std::string> variables;  ///< all names that the template itself may set
};

/// Variables that stand for something from outside are followed: in `{% for deal in contact.deals %}{{
/// deal.amount }}` the path {"contact", "deals", "[]", "amount"} is read. A name that was set before, in
/// whatever branch, is not outside any more.
Reads reads_of(const Document& document);

}  // namespace wf::liquid
