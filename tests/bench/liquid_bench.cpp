// Renderings a second of a mail of 4 KB with 20 placeholders, parsed once, on one core.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "grammar/liquid/document.hpp"
#include "tests/bench/report.hpp"

namespace {

using namespace wf::liquid;

constexpr std::size_t kBytes = 4096, kPlaceholders = 20, kRenderings = 400'000;

const std::vector<Path>& paths() {
  static const std::vector<Path> all = {{"contact", "firstname"},
                                        {"contact", "company", "name"},
                                        {"contact", "score"},
                                        {"contact", "plan"},
                                        {"sender", "name"}};
  return all;
}

/// Prose with a placeholder every 200 bytes; every other one has a filter.
std::string mail() {
  static constexpr const char* kOutputs[] = {"{{ contact.firstname }}", "{{ contact.company.name | upcase }}",
                                             "{{ contact.score }}", "{{ contact.plan | default: 'basic' }}",
                                             "{{ sender.name }}"};
  std::string text;
  for (std::size_t n = 0; n < kPlaceholders; ++n) {
    text += kOutputs[n % std::size(kOutputs)];
    while (text.size() < (n + 1) * kBytes / kPlaceholders) text += "The product keeps what it promises. ";
  }
  text.resize(std::max(kBytes, text.rfind("}}") + 2));
  return text;
}

void require(bool holds, const char* message) {
  if (holds) return;
  std::fprintf(stderr, "liquid_bench: %s\n", message);
  std::exit(1);
}

wf::bench::Row measure(const std::string& name, const Document& document, const Environment& environment,
                       Escaping escaping) {
  wf::bench::Row row{name, "renderings/s", "200,000", "", {}};
  RenderOptions options;
  options.escaping = escaping;
  options.now = 0;
  for (int run = 0; run < wf::bench::runs(); ++run) {
    std::size_t bytes = 0;
    const double begin = wf::bench::thread_seconds();
    for (std::size_t n = 0; n < kRenderings; ++n)
      bytes += render(document, environment, nullptr, options).text.size();
    const double seconds = wf::bench::thread_seconds() - begin;
    require(bytes > kRenderings * kBytes / 2, "the mails are empty");
    row.runs.push_back(static_cast<double>(kRenderings) / seconds);
  }
  return row;
}

}  // namespace

int main() {
  const std::string text = mail();
  const Parsed parsed = Document::parse(text);
  require(parsed.document != nullptr, "the mail is no template");
  const SlotBinding binding(*parsed.document, paths());
  const std::vector<Datum> slots = {Datum::text("Taro"), Datum::text("Aozora Shoji"), Datum::integer(72),
                                    Datum(), Datum::text("Hanako")};
  const Object company({{"name", slots[1]}});
  const Object contact({{"firstname", slots[0]},
                        {"company", Datum::object(company)},
                        {"score", slots[2]},
                        {"plan", slots[3]}});
  const Object sender({{"name", slots[4]}});
  const Object data({{"contact", Datum::object(contact)}, {"sender", Datum::object(sender)}});

  wf::bench::print_header("a mail of " + std::to_string(text.size()) + " bytes with " +
                          std::to_string(kPlaceholders) + " placeholders, one core, processor time");
  wf::bench::print(
      measure("by slot, HTML", *parsed.document, {nullptr, std::span(&binding, 1), slots}, Escaping::html));
  wf::bench::print(measure("by slot, plain text", *parsed.document, {nullptr, std::span(&binding, 1), slots},
                           Escaping::none));
  wf::bench::print(measure("by name, HTML", *parsed.document, {&data, {}, {}}, Escaping::html));
}
