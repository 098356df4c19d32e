// Liquid: any template is rendered or refused, within its limits.
#include "grammar/liquid/paths.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace wf::liquid;

const Object& data() {
  static const Array words = {Datum::text("one"), Datum::text("Two"), Datum::integer(3), Datum()};
  static const Object company({{"name", Datum::text("Acme & Co")}, {"size", Datum::integer(250)}});
  static const Object contact({{"firstname", Datum::text("太郎")}, {"company", Datum::object(company)}});
  static const Object all({{"contact", Datum::object(contact)},
                           {"a", Datum::array(words)},
                           {"b", Datum::real(-1.5)},
                           {"c", Datum::boolean(true)},
                           {"n", Datum::integer(7)},
                           {"s", Datum::text("<b>It's & \"so\"</b>\r\n")}});
  return all;
}

}  // namespace

void wf::fuzz::run(std::string_view input) {
  RenderOptions options;
  options.now = 0;
  options.limits.output = 100'000;
  options.limits.memory = 1'000'000;
  options.limits.iterations = 2'000;
  options.limits.work = 100'000;
  const Parsed parsed = Document::parse(input, {.strict_filters = input.size() % 2 == 0, .allow_raw = false});
  if (!parsed.document) return;
  Partials partials([&](std::string_view) { return std::string(input.substr(input.size() / 2)); });
  for (const Escaping escaping : {Escaping::none, Escaping::html, Escaping::header}) {
    options.escaping = escaping;
    const Rendered shown = render(*parsed.document, {&data(), {}, {}}, &partials, options);
    require(shown.text.size() <= options.limits.output, "the output is within its limit");
    if (escaping == Escaping::header)
      require(shown.text.find_first_of("\r\n") == shown.text.npos, "a header is one line");
  }
  require(reads_of(*parsed.document).reads.size() <= parsed.document->lookups(), "reads are lookups");
}
