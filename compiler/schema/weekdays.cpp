#include "compiler/schema/weekdays.hpp"

#include <algorithm>

#include "compiler/schema/report.hpp"

namespace wf::schema {

std::optional<int> weekday(text::DiagnosticSink& sink, const ast::Name& name) {
  static const std::vector<std::string> names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const auto found = std::find(names.begin(), names.end(), name.text);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  report_unknown(sink, text::Code::unknown_name, name.span, "`" + name.text + "` is no day of the week",
                 name.text, names);
  return std::nullopt;
}

std::optional<std::uint8_t> weekdays(text::DiagnosticSink& sink, const ast::Name& from, const ast::Name& to) {
  const auto first = weekday(sink, from);
  const auto last = from.span == to.span ? first : weekday(sink, to);
  if (!first || !last) return std::nullopt;
  std::uint8_t mask = 0;
  for (int day = *first;; day = (day + 1) % 7) {
    mask = static_cast<std::uint8_t>(mask | (1u << day));
    if (day == *last) return mask;
  }
}

}  // namespace wf::schema
