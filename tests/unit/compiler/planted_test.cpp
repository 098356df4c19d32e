// Planted mistakes: one each in a file of 200 lines, some behind Japanese text, some in files with CRLF,
// pairs, and ten at once. Exactly the planted findings must come, at the right places.
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "compiler/compile.hpp"

namespace {

using namespace wf;
using text::Code;

constexpr std::size_t kLines = 200;
/// Where plants go (1-based): between declarations, and between the steps of a workflow.
constexpr std::size_t kTopLine = 40, kSecondTopLine = 60, kStepLine = 120, kSecondStepLine = 150;

/// A clean project of exactly 200 lines: blank lines stand where mistakes are planted.
std::vector<std::string> clean_file() {
  std::vector<std::string> lines = {
      "project clean { zone \"Asia/Tokyo\" }",
      "sender news { name \"例示株式会社\"; email \"news@example.com\"; address \"東京都千代田区\" }",
      "topic updates { title \"お知らせ\" }",
      "form ebook { fields (email required, firstname); creates contact }",
      "page pricing { url \"/pricing*\" }",
      "list vip { title \"優良顧客\" }",
      "user sato { email \"sato@example.com\" }",
      "team sales { members (user.sato); email \"sales@example.com\" }",
      "message told { subject \"知らせ\"; body \"本文\" }",
      "webhook sync { url secret.SYNC_URL }",
      "email welcome { class marketing; topic topic.updates; from sender.news; subject \"ようこそ\"; "
      "text \"{{ unsubscribe_url }}\" }",
      "extend object contact {",
      "  color enum(red, green, blue)?",
      "  shoe_size int = 0 range 0..60",
      "  joined_on date?",
      "  visits int?",
      "}",
  };
  while (lines.size() < 99) lines.push_back(lines.size() % 2 == 0 ? "# 注釈の行" : "");
  lines[kTopLine - 1] = lines[kSecondTopLine - 1] = "";
  lines.insert(lines.end(), {
                                "workflow clean on contact {",
                                "  title \"清潔\"",
                                "  owner team.sales",
                                "  enroll when any {",
                                "    form.ebook submitted",
                                "    page.pricing viewed at least 2 times",
                                "    added to list.vip",
                                "  }",
                                "  reenroll never",
                                "  send email.welcome as greeting",
                            });
  while (lines.size() < kLines - 4) lines.push_back(lines.size() % 3 == 0 ? "  wait 1 day" : "  # 次の手順");
  lines[kStepLine - 1] = lines[kSecondStepLine - 1] = "";
  lines.insert(lines.end(),
               {
                   "  notify owner else team.sales using message.told",
                   "  call webhook.sync with (country)",
                   "  wait until greeting opened, at most 1 day { happened { stop } timed_out { stop } }",
                   "}",
               });
  return lines;
}

/// The text of a planted line; the expected primary span stands between « and ».
struct Plant {
  Code code;
  bool step = true;  ///< within the workflow, else between declarations
  std::string text;
};

const std::vector<Plant>& plants() {
  static const std::vector<Plant> all = {
      {Code::syntax, true, "  set color «red»"},
      {Code::reserved_word, true, "  let «match» = 5"},
      {Code::invalid_character, true, "  send email«．»welcome"},
      {Code::invalid_literal, true, "  wait until «2026-02-30» at 10:00, if past continue"},
      {Code::mixed_and_or, true, "  if «color is red or color is blue and shoe_size > 3» { stop }"},
      {Code::not_any_of, true, "  if color «is not any of» (red, blue) { stop }"},
      {Code::missing_limit, true,
       "  wait until «form.ebook submitted» { happened { stop } timed_out { add tag late } }"},
      {Code::missing_if_past, true, "  wait until «2 days before joined_on»"},
      {Code::unknown_name, true, "  send email.«welcom»"},
      {Code::unknown_kind, false, "«emial» other { subject \"x\" }"},
      {Code::unknown_property, true, "  set «colour» to red"},
      {Code::duplicate_name, false, "list «vip» { title \"twice\" }"},
      {Code::type_mismatch, true, "  set shoe_size to «\"large\"»"},
      {Code::unknown_action, true, "  «sned» email.welcome"},
      {Code::missing_field, false, "email «bare» { class transactional; from sender.news; text \"x\" }"},
      {Code::unknown_field, false, "list other { «titel» \"x\" }"},
      {Code::unknown_file, false,
       "email other { class transactional; from sender.news; subject \"x\"; text file «\"none.txt\"» }"},
      {Code::no_such_zone, true, "  wait until 2026-12-01 at 10:00 in «\"Asia/Tokio\"», if past continue"},
      {Code::unknown_type, false, "object thing { size «integre» }"},
      {Code::unknown_event, true,
       "  wait until form.ebook «submited», at most 1 day { happened { stop } timed_out { stop } }"},
      {Code::phrase_mismatch, true, "  create task \"x\" «to» user.sato"},
      {Code::needs_calendar, true, "  create task \"x\" for user.sato due in «2 business days»"},
      {Code::out_of_range, true, "  set shoe_size to «99»"},
      {Code::shadowed_name, true, "  let «color» = 5"},
      {Code::month_needs_calendar, true, "  «wait 1 month»"},
      {Code::non_exhaustive_match, true, "  «match color» { red { stop } blue { stop } unknown { stop } }"},
      {Code::nullable_use, true, "  set shoe_size to «visits»"},
      {Code::never_equal, true, "  if color is «purple» { stop }"},
      {Code::engagement_race, true, "  send email.welcome as again; if «again opened» { stop }"},
      {Code::missing_unsubscribe, false,
       "email «plain» { class marketing; topic topic.updates; from sender.news; subject \"x\"; text \"x\" }"},
      {Code::template_unknown_placeholder, true,
       "  send email.welcome with subject \"{{ «contact.colour» }}\""},
      {Code::template_nullable_without_fallback, true,
       "  send email.welcome with subject \"{{ «contact.firstname» }}\""},
      {Code::pii_to_webhook, true, "  call webhook.sync with («firstname»)"},
  };
  return all;
}

struct Expected {
  Code code;
  std::uint32_t line = 0, column = 0, end_column = 0;
  friend bool operator==(const Expected&, const Expected&) = default;
  friend auto operator<=>(const Expected&, const Expected&) = default;
};

std::ostream& operator<<(std::ostream& out, const Expected& e) {
  return out << text::code_text(e.code) << " at " << e.line << ":" << e.column << ".." << e.end_column;
}

std::uint32_t code_points(std::string_view text) {
  return static_cast<std::uint32_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// Puts a plant into the file and says what must be found.
Expected plant(std::vector<std::string>& lines, std::size_t line, const Plant& p) {
  const std::string open = "«", close = "»";
  const std::size_t from = p.text.find(open), to = p.text.find(close);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  const std::string before = p.text.substr(0, from);
  const std::string inside = p.text.substr(from + open.size(), to - from - open.size());
  lines[line - 1] = before + inside + p.text.substr(to + close.size());
  const std::uint32_t column = code_points(before) + 1;
  return {p.code, static_cast<std::uint32_t>(line), column, column + code_points(inside)};
}

std::vector<Expected> findings(const std::vector<std::string>& lines, const char* line_end = "\n") {
  std::string source;
  for (const std::string& line : lines) source += line + line_end;
  const auto compiled =
      compiler::compile({{"planted.wf", source}}, [](const std::string&) { return std::nullopt; });
  std::vector<Expected> found;
  for (const text::Diagnostic& d : compiled.diagnostics.all()) {
    if (d.severity == text::Severity::info) continue;
    const text::SourceFile& file = compiled.sources.file(d.primary.span.file);
    const text::Position start = file.position(d.primary.span.begin), end = file.position(d.primary.span.end);
    found.push_back({d.code, start.line, start.column, end.column});
    UNSCOPED_INFO(found.back() << " " << d.message);
  }
  return found;
}

}  // namespace

TEST_CASE("the clean file has 200 lines and no findings") {
  CHECK(clean_file().size() == kLines);
  CHECK(findings(clean_file()).empty());
  CHECK(findings(clean_file(), "\r\n").empty());
}

TEST_CASE("each mistake alone is found exactly, where it is") {
  REQUIRE(plants().size() >= 20);
  for (const Plant& p : plants()) {
    std::vector<std::string> lines = clean_file();
    const Expected expected = plant(lines, p.step ? kStepLine : kTopLine, p);
    INFO(lines[expected.line - 1]);
    CHECK(findings(lines) == std::vector<Expected>{expected});
  }
}

TEST_CASE("lines that end in CRLF change no place") {
  for (const Plant& p : plants()) {
    std::vector<std::string> lines = clean_file();
    const Expected expected = plant(lines, p.step ? kStepLine : kTopLine, p);
    INFO(lines[expected.line - 1]);
    CHECK(findings(lines, "\r\n") == std::vector<Expected>{expected});
  }
}

TEST_CASE("columns count characters behind Japanese text on the line") {
  const std::string japanese = "  create task \"資料の送付を確認する（重要）\" for user.sato; ";
  std::size_t tried = 0;
  for (const Plant& p : plants()) {
    if (!p.step) continue;
    Plant behind = p;
    behind.text = japanese + p.text.substr(2);
    std::vector<std::string> lines = clean_file();
    const Expected expected = plant(lines, kStepLine, behind);
    INFO(lines[expected.line - 1]);
    CHECK(findings(lines) == std::vector<Expected>{expected});
    ++tried;
  }
  CHECK(tried >= 5);
}

TEST_CASE("two mistakes in one file are both found") {
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < plants().size(); ++i) {
    for (std::size_t j = i + 1; j < plants().size(); j += 3) {
      const Plant& a = plants()[i];
      const Plant& b = plants()[j];
      std::vector<std::string> lines = clean_file();
      std::vector<Expected> expected{plant(lines, a.step ? kStepLine : kTopLine, a),
                                     plant(lines, b.step ? kSecondStepLine : kSecondTopLine, b)};
      std::sort(expected.begin(), expected.end(), [](const Expected& x, const Expected& y) {
        return std::pair(x.line, x.column) < std::pair(y.line, y.column);
      });
      INFO(a.text << "\n" << b.text);
      CHECK(findings(lines) == expected);
      ++pairs;
    }
  }
  CHECK(pairs >= 100);
}

TEST_CASE("ten mistakes of different kinds in one file are ten findings") {
  constexpr std::size_t kTogether = 10;
  const auto breaks_a_line = [](Code code) { return static_cast<int>(code) < 109; };
  for (std::size_t first = 0; first < plants().size(); ++first) {
    std::vector<Plant> ten;
    for (std::size_t i = 0; ten.size() < kTogether; i += 3)
      ten.push_back(plants()[(first + i) % plants().size()]);
    // What is only a warning is told in front of a line that cannot be read.
    std::stable_partition(ten.begin(), ten.end(), [&](const Plant& p) { return !breaks_a_line(p.code); });
    std::vector<std::string> lines = clean_file();
    std::vector<Expected> expected;
    std::size_t top_line = 30, step_line = 112;
    for (const Plant& p : ten) expected.push_back(plant(lines, (p.step ? step_line : top_line) += 6, p));
    std::sort(expected.begin(), expected.end(), [](const Expected& x, const Expected& y) {
      return std::pair(x.line, x.column) < std::pair(y.line, y.column);
    });
    INFO("from plant " << first);
    CHECK(findings(lines) == expected);
  }
}
