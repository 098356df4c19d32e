#include "grammar/liquid/paths.hpp"

#include <catch2/catch.hpp>

using namespace wf::liquid;

namespace {

std::shared_ptr<const Document> parsed(std::string_view text) {
  const Parsed result = Document::parse(text);
  REQUIRE(result.document);
  return result.document;
}

/// "contact.deals.[].amount?": with `?` guarded, `*` an unknown key behind it, `~` maybe a variable.
std::string read_text(const Read& read) {
  std::string text;
  for (const std::string& name : read.path) text += (text.empty() ? "" : ".") + name;
  if (!read.is_whole) text += "*";
  if (read.is_guarded) text += "?";
  if (read.is_maybe_local) text += "~";
  return text;
}

std::string reads(std::string_view text) {
  std::string all;
  for (const Read& read : reads_of(*parsed(text)).reads) all += (all.empty() ? "" : " ") + read_text(read);
  return all;
}

std::string rendered(const Document& document, const Environment& environment) {
  const Rendered result = render(document, environment);
  REQUIRE(!result.problem);
  return result.text;
}

}  // namespace

TEST_CASE("the outside paths of a template in the order of the text") {
  CHECK(reads("{{ contact.firstname }} {{ company.name | upcase }}") == "contact.firstname company.name");
  CHECK(reads("{{ contact['first name'].size }}") == "contact.first name.size");
  CHECK(reads("{{ 連絡先.名前 }}") == "連絡先.名前");
  CHECK(reads("{{ 'text' }} {{ 12 }} {{ nil }} {{ (1..n) }}") == "n");
  CHECK(reads("{{ a | append: b | replace: c, d }}") == "a b c d");
  CHECK(reads("{% case a %}{% when b %}{{ c }}{% else %}{{ d }}{% endcase %}") == "a? b c d");
  CHECK(reads("{% for x in xs limit: n offset: m %}{{ y }}{% else %}{{ z }}{% endfor %}") == "xs? n m y z");
}

TEST_CASE("a path says where it stands") {
  const Reads all = reads_of(*parsed("ab {{ contact.name }}"));
  REQUIRE(all.reads.size() == 1);
  CHECK(all.reads.front().begin == 6);
  CHECK(all.reads.front().end == 18);
}

TEST_CASE("variables of the template are no outside paths, and stand for what they were set to") {
  CHECK(reads("{% assign x = 1 %}{{ x }}") == "");
  CHECK(reads("{{ x }}{% assign x = 1 %}{{ x }}") == "x");
  CHECK(reads("{% assign c = contact.company %}{{ c.name }}") == "contact.company contact.company.name");
  CHECK(reads("{% assign c = contact.company | upcase %}{{ c.name }}") == "contact.company");
  CHECK(reads("{% capture x %}{{ a }}{% endcapture %}{{ x }}") == "a");
  CHECK(reads("{% for d in contact.deals %}{{ d.amount }}{{ forloop.index }}{% endfor %}{{ d }}") ==
        "contact.deals? contact.deals.[].amount d");
  CHECK(reads("{{ deals[0].amount }}") == "deals.[].amount");
  CHECK(reads("{{ deals[n].amount }}") == "n deals*");
}

TEST_CASE("a path that may be nothing is guarded") {
  CHECK(reads("{{ a | default: 'x' }}") == "a?");
  CHECK(reads("{{ a | upcase | default: 'x' }}") == "a");
  CHECK(reads("{% if a %}{% endif %}") == "a?");
  CHECK(reads("{% if a != nil and b == blank or c == 1 %}{% endif %}") == "a? b? c?");
  CHECK(reads("{% for x in a %}{{ x }}{% endfor %}{% case b %}{% when 'x' %}{% endcase %}") == "a? a.[] b?");
}

TEST_CASE("what a branch has asked for is there inside it") {
  CHECK(reads("{% if a %}{{ a }}{% else %}{{ a }}{% endif %}{{ a }}") == "a? a? a a");
  CHECK(reads("{% if a.b and c > 1 %}{{ a.b }}{{ c }}{% endif %}") == "a.b? c? a.b? c?");
  CHECK(reads("{% if a or c %}{{ a }}{% endif %}") == "a? c? a");
  CHECK(reads("{% unless a %}{{ a }}{% endunless %}") == "a? a");
  CHECK(reads("{% if a == nil %}{{ a }}{% elsif b != blank %}{{ b }}{% endif %}") == "a? a b? b?");
  CHECK(reads("{% if a == 'x' %}{{ a }}{% endif %}{% if b != 'x' %}{{ b }}{% endif %}") == "a? a? b? b");
}

TEST_CASE("the texts that a path is compared with") {
  const Reads all = reads_of(
      *parsed("{% if a == 'x' or 'y' != a %}{% endif %}{% case b %}{% when 'p', 'q' %}{% endcase %}"));
  REQUIRE(all.reads.size() == 3);
  CHECK(all.reads[0].compared == std::vector<std::string>{"x"});
  CHECK(all.reads[1].compared == std::vector<std::string>{"y"});
  CHECK(all.reads[2].compared == std::vector<std::string>{"p", "q"});
}

TEST_CASE("a partial has names of its own") {
  const Reads all =
      reads_of(*parsed("{% render 'mail/head', title: a %}{% include 'x' %}{% render 'y' with b as c %}"));
  REQUIRE(all.partials.size() == 3);
  CHECK(all.partials[0].arguments == std::vector<std::string>{"title"});
  CHECK(all.partials[1].arguments == std::vector<std::string>{"x"});
  CHECK(all.partials[2].arguments == std::vector<std::string>{"c"});
}

TEST_CASE("partials are named, and an include may set variables") {
  const Reads all = reads_of(*parsed("{% render 'a' %}{{ x }}{% include 'b' %}{{ y }}{% include z %}"));
  REQUIRE(all.partials.size() == 3);
  CHECK(all.partials[0].name == "a");
  CHECK(all.partials[0].is_isolated);
  CHECK(all.partials[1].name == "b");
  CHECK(all.partials[2].name.empty());
  CHECK(read_text(all.reads[0]) == "x");
  CHECK(read_text(all.reads[1]) == "y~");
}

TEST_CASE("lookups read the slot of the longest path, and the rest by name") {
  const auto document = parsed("{{ contact.name }} {{ contact.company.name }} {{ other }}");
  const std::vector<Path> paths = {{"contact", "name"}, {"contact"}, {"contact", "company"}};
  const SlotBinding binding(*document, paths);
  const Object company({{"name", Datum::text("Acme")}});
  const Object data({{"other", Datum::integer(3)}});
  const std::vector<Datum> slots = {Datum::text("Taro"), Datum(), Datum::object(company)};
  CHECK(rendered(*document, {&data, std::span(&binding, 1), slots}) == "Taro Acme 3");
}

TEST_CASE("a variable of the template hides a slot") {
  const auto document =
      parsed("{{ a }}{% assign a = 'x' %}{{ a }}{% for b in (1..2) %}{{ b }}{% endfor %}{{ b }}{{ c }}");
  const std::vector<Path> paths = {{"a"}, {"b"}, {"c"}};
  const SlotBinding binding(*document, paths);
  const std::vector<Datum> slots = {Datum::text("A"), Datum::text("B"), Datum::text("C")};
  CHECK(rendered(*document, {nullptr, std::span(&binding, 1), slots}) == "Ax12BC");
  CHECK_FALSE(binding.of(document->lookups() - 1).is_hidden);
}
