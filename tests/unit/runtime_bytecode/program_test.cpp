#include <catch2/catch.hpp>
#include <set>

#include "tests/support/sample_program.hpp"

using namespace wf;
using namespace wf::bytecode;

TEST_CASE("the opcode table has a row an opcode, in order") {
  REQUIRE(opcodes().size() > static_cast<std::size_t>(Opcode::end));
  std::set<std::string> names;
  for (std::size_t i = 0; i < opcodes().size(); ++i) {
    const OpcodeInfo& row = opcodes()[i];
    CHECK(static_cast<std::size_t>(row.opcode) == i);
    CHECK(names.insert(row.name).second);
    CHECK(std::string(row.pops).find_first_not_of("abntidr*") == std::string::npos);
    CHECK(std::string(row.pushes).find_first_not_of("abntidr") == std::string::npos);
    CHECK(std::string(row.pushes).size() <= 1);
    CHECK(std::string(row.doc).size() > 3);
  }
}

TEST_CASE("words carry opcode and operand") {
  const Word w = encode(Opcode::jump, 0xffffff);
  CHECK(opcode_of(w) == Opcode::jump);
  CHECK(operand_of(w) == 0xffffff);
}

TEST_CASE("names are found, and their absence told") {
  const Program p = test::sample_program();
  const Catalogue& c = p.catalogue;
  CHECK(c.find_object("company") == 1);
  CHECK(c.find_object("ticket") == kNone);
  CHECK(c.find_event("email_opened") == 1);
  CHECK(c.find_property(0, "score") == 3);
  CHECK(c.find_property(9, "score") == kNone);
  CHECK(c.find_resource(ResourceKind::list, "banned") == 1);
  CHECK(c.find_resource(ResourceKind::workflow, "lead") == kNone);
  CHECK(c.resource_name(ResourceKind::team, 0) == "sales");
  CHECK(c.resource_count(ResourceKind::list) == 2);
  CHECK(p.find_workflow("greet") == 1);
  CHECK(p.find_workflow("none") == kNone);
}

TEST_CASE("each kind of resource has a word") {
  for (int i = 0; i < static_cast<int>(kResourceKinds); ++i) {
    const auto kind = static_cast<ResourceKind>(i);
    CHECK(resource_kind(to_string(kind)) == kind);
  }
  CHECK_FALSE(resource_kind("mail"));
}

TEST_CASE("the sample program has every opcode") {
  const Program p = test::sample_program();
  std::set<Opcode> used;
  for (const Word w : p.code) used.insert(opcode_of(w));
  for (const OpcodeInfo& row : opcodes()) {
    INFO(row.name);
    CHECK(used.count(row.opcode) == 1);
  }
}

TEST_CASE("the listing resolves operands and names steps") {
  const std::string text = listing(test::sample_program());
  for (const char* part : {
           "workflow.lead (body) on contact, 2 locals, stack ",
           "          ; lead.wf:10:3  step 0\n",
           "mon,tue,wed,thu,fri 09:00..18:00 in zone else Asia/Tokyo",
           "send            email.welcome, marketing topic.newsletter, 1 argument, label #0\n",
           "add_property    contact.score\n",
           "push            contact.stage lead\n",
           "push            team.sales\n",
           "count           email_opened(email=welcome)/30d\n",
           "moment          -30 days from anchor at 09:00 in zone else Asia/Tokyo\n",
           "wait_event      form_submitted where function 1\n",
           "stop            anchor_unknown\n",
           "call            webhook.sync (email, score), retries 5, on failure function ",
           "parameter       event.note\n",
           "set_field       company.name\n",
           "enroll          workflow.lead\n",
       }) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
}
