// Properties of the parser that no single golden file shows: fixes that work, spans, limits, speed on hostile
// input.
#include "grammar/wf/parse.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>
#include <random>
#include <thread>

#include "grammar/ast/dump.hpp"
#include "grammar/text/suggest.hpp"

using namespace wf;

namespace {

struct Parsed {
  text::SourceSet sources;
  text::DiagnosticSink sink;
  ast::File file;
  explicit Parsed(std::string content) {
    const text::FileId id = sources.add("input.wf", std::move(content));
    file = grammar::parse_wf(sources, id, sink);
    sink.sort(sources);
  }
};

std::string repeat(const std::string& piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

/// The content with all machine fixes applied.
std::string fixed(const Parsed& parsed, std::string content) {
  std::vector<text::Edit> edits;
  for (const auto& d : parsed.sink.all()) {
    for (const auto& fix : d.fixes) {
      if (fix.applicability == text::Applicability::machine)
        edits.insert(edits.end(), fix.edits.begin(), fix.edits.end());
    }
  }
  std::stable_sort(edits.begin(), edits.end(),
                   [](const auto& a, const auto& b) { return a.span.begin > b.span.begin; });
  for (const auto& edit : edits) content.replace(edit.span.begin, edit.span.end - edit.span.begin, edit.text);
  return content;
}

/// Processor time, so that a busy machine does not fail the test.
double seconds_to_parse(const std::string& content) {
  const std::clock_t start = std::clock();
  const Parsed parsed(content);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace

TEST_CASE("machine fixes give a file that parses to the intended tree") {
  const std::pair<std::string, std::string> cases[] = {
      {"segment s on c {\n a = 1 and b = 2 or c = 3 and d = 4\n}\n",
       "segment s on c {\n (a = 1 and b = 2) or (c = 3 and d = 4)\n}\n"},
      {"segment s on c {\n a = 1 or (b = 2 or e = 5) and c = 3 or d = 4\n}\n",
       "segment s on c {\n a = 1 or ((b = 2 or e = 5) and c = 3) or d = 4\n}\n"},
      {"segment s on c {\n a = 1 or not b = 2 and in list.x\n}\n",
       "segment s on c {\n a = 1 or (not b = 2 and in list.x)\n}\n"},
      {"segment s on c {\n a is not any of (x, y)\n}\n", "segment s on c {\n a is none of (x, y)\n}\n"},
      {"segment s on c {\n a == 1\n}\n", "segment s on c {\n a = 1\n}\n"},
      {"workflow w on c {\n wait until email.x opened at most 2 days\n}\n",
       "workflow w on c {\n wait until email.x opened, at most 2 days\n}\n"},
      {"email x ｛\n a “b”，c　d\n｝\n", "email x {\n a \"b\",c d\n}\n"},
      {"email x {\n a\u200B b\n}\n", "email x {\n a b\n}\n"},
  };
  for (const auto& [broken, good] : cases) {
    const Parsed parsed(broken);
    INFO(broken);
    CHECK(parsed.sink.has_errors());
    CHECK(fixed(parsed, broken) == good);
    const Parsed again(good);
    CHECK(again.sink.all().empty());
  }
}

TEST_CASE("spans are as small as possible") {
  const Parsed parsed("workflow w on contact {\n  if a = 1   {   # why\n    send email.x   # that\n  }\n}\n");
  REQUIRE(parsed.sink.all().empty());
  const auto& workflow = std::get<ast::WorkflowDecl>(parsed.file.decls.at(0).node);
  const ast::Step& branch = workflow.steps.at(0);
  CHECK(parsed.sources.text(branch.span) == "if a = 1");
  const auto& arm = std::get<ast::If>(branch.node).arms.at(0);
  CHECK(parsed.sources.text(arm.condition->span) == "a = 1");
  CHECK(parsed.sources.text(arm.body.at(0).span) == "send email.x");
  CHECK(parsed.sources.text(parsed.file.decls[0].span).back() == '}');
}

TEST_CASE("expression spans cover what they mean") {
  const std::string conditions[] = {
      "not (a = 1)",    "a is any of (x, y)",        "no (email.x opened) for 3 days",
      "in list.x",      "count(deals) > 3",          "any { a = 1; b = 2 }",
      "a + b * 2 > -c", "email.x opened ever",       "some deals where (x = 1)",
      "has tag vip",    "a is more than 3 days ago", "event e where (b = 1)"};
  for (const std::string& condition : conditions) {
    const Parsed parsed("segment s on contact {\n  " + condition + "   # comment\n}\n");
    REQUIRE(parsed.sink.all().empty());
    const auto& segment = std::get<ast::SegmentDecl>(parsed.file.decls.at(0).node);
    CHECK(parsed.sources.text(segment.conditions.at(0)->span) == condition);
  }
}

TEST_CASE("good declarations and steps survive the broken ones") {
  const Parsed parsed(
      "email a { x 1 }\nemail { }\nworkflow w on contact {\n  send email.a\n  wait\n  stop\n}\nemail b { y 2 "
      "}\n");
  CHECK(parsed.sink.errors() == 2);
  REQUIRE(parsed.file.decls.size() == 3);
  CHECK(std::get<ast::WorkflowDecl>(parsed.file.decls[1].node).steps.size() == 2);
}

TEST_CASE("at most so many mistakes are reported") {
  const Parsed parsed("workflow w on contact {\n" + repeat("  wait\n", 500) + "}\n");
  CHECK(parsed.sink.errors() == grammar::kMaxSyntaxErrors);
}

TEST_CASE("hostile nesting is refused quickly and without a crash") {
  constexpr int kMany = 200'000;
  const std::string expressions[] = {repeat("(", kMany),
                                     repeat("not ", kMany),
                                     "a = " + repeat("- ", kMany) + "1",
                                     "a = 1" + repeat(" + 1", kMany),
                                     "a = 1" + repeat(" * 1", kMany),
                                     repeat("any { ", kMany),
                                     repeat("some a where (", kMany),
                                     repeat("count(a where (", kMany),
                                     repeat("email.x opened where (", kMany),
                                     repeat("a is any of (", kMany)};
  for (const std::string& expression : expressions) {
    const std::string content = "segment s on c {\n  " + expression + "\n}\n";
    INFO(content.substr(0, 60));
    CHECK(seconds_to_parse(content) < 5);
    CHECK(Parsed(content).sink.has_errors());
  }
  const std::string others[] = {"email x {\n a " + repeat("(", kMany),
                                "email x {\n a " + repeat("b else ", kMany),
                                "email x {\n" + repeat(" a { ", kMany),
                                "workflow w {\n" + repeat("if a = 1 {\n", kMany),
                                "workflow w {\n if a = 1 { }" + repeat(" else if b = 2 { }", 2000) + "\n}\n",
                                repeat("}", kMany),
                                repeat("{", kMany),
                                repeat("workflow ", kMany)};
  for (const std::string& content : others) {
    INFO(content.substr(0, 60));
    CHECK(seconds_to_parse(content) < 5);
  }
}

TEST_CASE("limits hold on another thread") {
  std::thread([] {
    const Parsed parsed("segment s on c {\n" + repeat("(", 1000) + "\n}\n");
    CHECK(parsed.sink.errors() == 1);
  }).join();
}

TEST_CASE("deep but allowed nesting parses, without backtracking") {
  const std::string content =
      "segment s on c {\n  " + repeat("(", 90) + "a + 1" + repeat(")", 90) + " > 2\n}\n";
  CHECK(seconds_to_parse(content) < 1);
  CHECK(Parsed(content).sink.all().empty());
}

TEST_CASE("long runs of comments, blanks and open lists are not quadratic") {
  const std::string contents[] = {
      "workflow w on c {\n" + repeat("  send email.x # and\n\n# with\n", 20'000) + "}\n",
      "email x {\n  a b\n" + repeat("# comment\n", 200'000) + "  c d\n}\n",
      "email x {\n  a (" + repeat("b,\n", 100'000) + "c)\n}\n",
      "email x {\n  a \"" + repeat("\\\"", 200'000) + "\n}\n",
      repeat("（", 100'000),
  };
  for (const std::string& content : contents) CHECK(seconds_to_parse(content) < 5);
}

TEST_CASE("no cut or damaged file crashes or loops") {
  const std::string good =
      "workflow w on contact {\n  enroll when any { form.x submitted, if a is any of (b, c); created }\n"
      "  reenroll each event, at most once per 3 days\n  wait until email.x opened, at most 2 days {\n"
      "    happened { send email.y with (a, b) on failure retry 3 times then { stop } }\n"
      "    timed_out { match a { b, c { stop } else { set d to (1 + 2) * 3 } } }\n  }\n"
      "  at 1 day before e.f at 10:00 in \"Asia/Tokyo\", if past skip { if not (a = 1) { stop } else { stop "
      "} }\n}\n"
      "test \"t\" { start 2026-03-02T09:00; at +4d6h expect a.b = 5; finally expect at most 4 emails to a in "
      "any 7 days }\n";
  REQUIRE(Parsed(good).sink.all().empty());
  for (std::size_t size = 0; size < good.size(); ++size) (void)Parsed(good.substr(0, size));
  std::mt19937 random(7);
  const std::string signs = "{}()\",.;#\n =<>+-*/0aé.\\";
  for (int round = 0; round < 1000; ++round) {
    std::string damaged = good;
    for (int i = 0; i < 3; ++i) damaged[random() % damaged.size()] = signs[random() % signs.size()];
    const Parsed parsed(damaged);
    for (const auto& d : parsed.sink.all()) {
      CHECK(d.primary.span.begin <= d.primary.span.end);
      CHECK(d.primary.span.end <= damaged.size());
    }
  }
}
