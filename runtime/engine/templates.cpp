#include "runtime/engine/templates.hpp"

#include <deque>

#include "grammar/liquid/json.hpp"
#include "grammar/value/calendar.hpp"
#include "runtime/bytecode/templates.hpp"
#include "runtime/engine/display.hpp"

namespace wf::engine {
namespace {

using liquid::Datum;
using value::Kind;
using value::Value;

constexpr std::int64_t kMicros = 1'000'000;
/// Whole numbers up to here are exact as floating point.
constexpr std::int64_t kExact = std::int64_t{1} << 53;

/// Values as a template sees them; owns the texts and lists that are made for it.
class Data {
 public:
  explicit Data(const RenderInputs& inputs) : inputs_(inputs) {}

  Datum of(const bytecode::TemplateRead& read) {
    switch (read.source) {
      case bytecode::PlaceholderSource::unsubscribe_url:
        return Datum::text(inputs_.unsubscribe_url);
      case bytecode::PlaceholderSource::sender_name:
        return Datum::text(inputs_.sender_name);
      case bytecode::PlaceholderSource::sender_address:
        return Datum::text(inputs_.sender_address);
      case bytecode::PlaceholderSource::argument:
        break;
    }
    const bool is_there = inputs_.arguments && read.argument < inputs_.arguments->size();
    return is_there ? of((*inputs_.arguments)[read.argument]) : Datum();
  }

 private:
  Datum of(const Value& v) {
    switch (v.kind()) {
      case Kind::unknown:
        return {};
      case Kind::boolean:
        return Datum::boolean(v.as_boolean());
      case Kind::integer:
        return Datum::integer(v.as_integer());
      case Kind::decimal:
        return decimal(v);
      case Kind::text:
        return Datum::text(v.as_text());
      case Kind::instant:
        return text(inputs_.zone.empty() ? text_of(v) : value::format_instant(v.as_instant(), inputs_.zone));
      case Kind::list: {
        liquid::Array& items = lists_.emplace_back();
        for (const Value& item : v.as_list()) items.push_back(of(item));
        return Datum::array(items);
      }
      default:
        return text(text_of(v));
    }
  }

  Datum decimal(const Value& v) {
    const std::int64_t micros = v.as_micros();
    if (micros % kMicros == 0) return Datum::integer(micros / kMicros);
    if (micros > kExact || micros < -kExact) return text(text_of(v));
    return Datum::real(static_cast<double>(micros) / static_cast<double>(kMicros));
  }

  Datum text(std::string made) { return Datum::text(texts_.emplace_back(std::move(made))); }

  const RenderInputs& inputs_;
  std::deque<std::string> texts_;
  std::deque<liquid::Array> lists_;
};

liquid::Escaping escaping_of(Target target) {
  switch (target) {
    case Target::html:
      return liquid::Escaping::html;
    case Target::header:
      return liquid::Escaping::header;
    case Target::json:
      return liquid::Escaping::json;
    case Target::text:
      break;
  }
  return liquid::Escaping::none;
}

}  // namespace

Shown render(const bytecode::Template& source, Target target, const RenderInputs& inputs) {
  const auto compiled = bytecode::compiled(source);
  if (compiled->problem()) return {{}, compiled->problem()};
  Data data(inputs);
  std::vector<Datum> slots;
  slots.reserve(source.reads.size());
  for (const bytecode::TemplateRead& read : source.reads) slots.push_back(data.of(read));
  liquid::RenderOptions options;
  options.escaping = escaping_of(target);
  options.now = inputs.now / kMicros;
  liquid::Rendered rendered = compiled->render(slots, options);
  if (!rendered.problem && target == Target::json) {
    const auto json = liquid::JsonData::parse(rendered.text);
    if (!json) return {std::move(rendered.text), "what it shows is no JSON: " + json.error().message};
  }
  if (!rendered.problem) return {std::move(rendered.text), std::nullopt};
  const liquid::Problem& p = *rendered.problem;
  return {std::move(rendered.text), (p.partial.empty() ? "" : p.partial + ":") + std::to_string(p.line) +
                                        ":" + std::to_string(p.column) + ": " + p.message};
}

}  // namespace wf::engine
