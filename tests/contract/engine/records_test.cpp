// What the engine promises about records and their associations.
#include "tests/support/process.hpp"
#include "tests/support/world.hpp"

using namespace wf;
using engine::Happening;
using engine::InputKind;
using value::Value;

namespace {

constexpr const char* kProject = R"(project test { zone "UTC" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
email receipt { class transactional; from sender.shop; subject "Receipt"; text "Thanks" }
list vip { title "VIP" }
user ann { email "ann@example.com" }
user ben { email "ben@example.com" }
team sales { members (user.ann, user.ben); email "sales@example.com" }
event asked on contact { n: int? }
event replied on contact { n: int? }
extend object company { main_contact -> contact?; people <- contact.company primary main_contact }
)";

/// A world whose records have any object.
class Records {
 public:
  explicit Records(const std::string& workflows,
                   std::string address = "memory:", engine::Options options = {})
      : world(kProject + workflows, std::move(address), std::move(options)) {}

  void put(const std::string& object, const std::string& id, value::Map properties = {}) {
    engine::InputEvent event;
    event.kind = InputKind::upsert;
    event.object = object;
    event.subject = id;
    event.properties = std::move(properties);
    world.accept(event);
    world.run();
  }
  void tell(InputKind kind, const std::string& object, const std::string& id, const std::string& type = {}) {
    engine::InputEvent event;
    event.kind = kind;
    event.object = object;
    event.subject = id;
    event.type = type;
    world.accept(event);
    world.run();
  }
  void ask(const std::string& id, const std::string& event = "asked") {
    world.event(event, id);
    world.run();
  }
  std::string property(const std::string& object, const std::string& id, const std::string& name) {
    const auto key = world.engine().find(object, id);
    REQUIRE(key.ok());
    if (!*key) return "no record";
    const auto info = world.engine().describe(**key);
    REQUIRE(info.ok());
    if (!*info) return "no record";
    for (const auto& [property, text] : (*info)->properties) {
      if (property == name) return text;
    }
    return "unknown";
  }

  test::World world;
};

Value str(const char* s) {
  return Value::text(s);
}

std::string existing(const std::string& choice) {
  return "workflow leads on contact {\n  enroll when lifecycle_stage is lead\n" + choice +
         "  reenroll never\n  add 1 to lead_score\n}\n";
}

}  // namespace

TEST_CASE("S2 who matches already is enrolled when the workflow is switched on only if it says so") {
  for (const bool yes : {true, false}) {
    Records records("");
    records.put("contact", "taro@example.com", {{"lifecycle_stage", str("lead")}});
    records.put("contact", "jiro@example.com", {{"lifecycle_stage", str("mql")}});
    records.world.redeploy(kProject + existing(yes ? "  enroll existing yes\n" : ""));
    records.world.run();
    CHECK(records.property("contact", "taro@example.com", "lead_score") == (yes ? "1" : "0"));
    CHECK(records.property("contact", "jiro@example.com", "lead_score") == "0");
    // Switched on is once: a later version of the workflow takes nobody.
    records.put("contact", "jiro@example.com", {{"lifecycle_stage", str("mql")}});
    records.world.redeploy(kProject +
                           existing(yes ? "  enroll existing yes\n  priority 3\n" : "  priority 3\n"));
    records.world.run();
    CHECK(records.world.stat("workflow.leads", "enrolled") == (yes ? 1 : 0));
  }
}

TEST_CASE("S2 a crash while existing records are looked at leaves none out and takes none twice") {
  const test::Folder folder("records");
  engine::Options options;
  options.swept_per_batch = 2;
  Records records("", "sqlite:" + folder.path(), options);
  for (int i = 0; i < 9; ++i) {
    records.put("contact", "c" + std::to_string(i) + "@example.com", {{"lifecycle_stage", str("lead")}});
  }
  records.world.redeploy(kProject + existing("  enroll existing yes\n"));
  REQUIRE(records.world.engine().run(records.world.now).ok());
  records.world.reopen();
  records.world.run();
  for (int i = 0; i < 9; ++i) {
    CHECK(records.property("contact", "c" + std::to_string(i) + "@example.com", "lead_score") == "1");
  }
}

TEST_CASE("S2 a moment, a membership and a guard decide about existing records as they do about others") {
  Records records("");
  records.put("company", "soon", {{"name", str("Soon")}, {"contract_end", str("2026-03-20")}});
  records.put("company", "gone", {{"name", str("Gone")}, {"contract_end", str("2026-01-20")}});
  records.put("contact", "vip@example.com");
  records.put("contact", "poor@example.com", {{"lead_score", Value::integer(-1)}});
  for (const char* who : {"vip@example.com", "poor@example.com"}) {
    records.tell(InputKind::membership, "contact", who, "list.vip");
  }
  records.world.redeploy(std::string(kProject) + R"(
workflow renewal on company {
  enroll at 60 days before contract_end at 09:00, if past within 45 days enroll now
  enroll existing yes
  reenroll each contract_end
  set renewal_status to open
}
workflow members on contact {
  enroll when added to list.vip, if lead_score >= 0
  enroll existing yes
  reenroll never
  add 1 to lead_score
}
)");
  records.world.run();
  CHECK(records.property("company", "soon", "renewal_status") == "open");
  CHECK(records.property("company", "gone", "renewal_status") == "unknown");
  CHECK(records.property("contact", "vip@example.com", "lead_score") == "1");
  CHECK(records.property("contact", "poor@example.com", "lead_score") == "-1");
}

TEST_CASE("S3 each alternative has its own rule of re-enrolment") {
  Records records(R"(
workflow w on contact {
  enroll when any {
    event asked, reenroll every time
    event replied, reenroll never
  }
  add 1 to lead_score
}
)");
  records.put("contact", "taro@example.com");
  records.ask("taro@example.com");
  records.ask("taro@example.com");
  CHECK(records.property("contact", "taro@example.com", "lead_score") == "2");
  records.ask("taro@example.com", "replied");
  CHECK(records.property("contact", "taro@example.com", "lead_score") == "2");
  CHECK(records.world.stat("workflow.w", "not_enrolled", "enrolled_before") == 1);
}

TEST_CASE("S4 a key is used up for ever, also for a later version of the workflow") {
  const auto renewal = [](const char* more) {
    return std::string(
               "workflow renewal on company {\n  enroll when contract_end changes\n  reenroll each "
               "contract_end\n  add 1 to employees\n") +
           more + "}\n";
  };
  Records records(renewal(""));
  records.put("company", "acme", {{"name", str("Acme")}, {"employees", Value::integer(0)}});
  const auto end = [&](const char* date) { records.put("company", "acme", {{"contract_end", str(date)}}); };
  end("2026-12-31");
  end("2027-12-31");
  records.world.redeploy(kProject + renewal("  set domain to \"example.com\"\n"));
  records.world.run();
  end("2026-12-31");
  CHECK(records.property("company", "acme", "employees") == "2");
  CHECK(records.world.stat("workflow.renewal", "not_enrolled", "key_used") == 1);
  end("2028-12-31");
  CHECK(records.property("company", "acme", "employees") == "3");
}

TEST_CASE("S8 a frozen record stays the same one, its properties are read live") {
  Records records(R"(
workflow w on contact {
  enroll when event asked
  reenroll never
  let meant = company.people
  wait 1 day
  set meant.firstname to "meant"
  if meant.lead_score > 5 { add to list.vip }
}
)");
  records.put("company", "acme", {{"name", str("Acme")}});
  records.put("contact", "old@example.com", {{"company", str("acme")}});
  records.put("contact", "new@example.com", {{"company", str("acme")}});
  records.ask("new@example.com");
  records.put("company", "acme", {{"main_contact", str("new@example.com")}});
  records.put("contact", "old@example.com", {{"lead_score", Value::integer(9)}});
  records.world.now += value::kDay;
  records.world.run();
  CHECK(records.property("contact", "old@example.com", "firstname") == "meant");
  CHECK(records.property("contact", "new@example.com", "firstname") == "unknown");
  CHECK(records.world.count(Happening::list_added) == 1);
}

TEST_CASE("S23 what a workflow changes on other records sets off their workflows, once for a group") {
  Records records(R"(
workflow reorganise on company {
  enroll when renewal_status becomes agreed
  reenroll every time
  for each people as person, at most 5 {
    set person.country to "JP"
    set person.lifecycle_stage to customer
  }
}
workflow moved on contact {
  enroll when any { country changes; lifecycle_stage becomes customer }
  reenroll every time
  add 1 to lead_score
}
workflow won on company {
  enroll when some people where (lifecycle_stage becomes customer)
  reenroll every time
  add 1 to employees
}
)");
  records.put("company", "acme", {{"name", str("Acme")}, {"employees", Value::integer(0)}});
  records.put("contact", "a@example.com", {{"company", str("acme")}});
  records.put("contact", "b@example.com", {{"company", str("acme")}, {"country", str("JP")}});
  const std::string before = records.property("contact", "b@example.com", "lead_score");
  records.put("company", "acme", {{"renewal_status", str("agreed")}});
  CHECK(records.property("contact", "a@example.com", "lead_score") == "1");
  CHECK(std::stoi(records.property("contact", "b@example.com", "lead_score")) == std::stoi(before) + 1);
  CHECK(records.property("company", "acme", "employees") == "2");
}

TEST_CASE(
    "S30 deleting a record ends its enrolments, lets go what points at it, and leaves nothing to read") {
  const test::Folder folder("records");
  for (const std::string& address : {std::string("memory:"), "sqlite:" + folder.path()}) {
    Records records(R"(
workflow slow on contact {
  enroll when event asked
  reenroll every time
  wait 2 days
  send email.receipt
}
workflow left on company {
  enroll when no people where (lead_score >= 0)
  reenroll every time
  add 1 to employees
}
)",
                    address);
    records.put("company", "acme", {{"name", str("Acme")}, {"employees", Value::integer(0)}});
    records.put("contact", "taro@example.com", {{"company", str("acme")}, {"firstname", str("Taro")}});
    records.ask("taro@example.com");
    const auto key = records.world.engine().find("contact", "taro@example.com");
    REQUIRE((key.ok() && key->has_value()));
    const std::string employees = records.property("company", "acme", "employees");
    records.tell(InputKind::remove, "contact", "taro@example.com");
    CHECK(records.world.count(Happening::ended, "record_deleted") == 1);
    CHECK(records.property("contact", "taro@example.com", "firstname") == "no record");
    CHECK(std::stoi(records.property("company", "acme", "employees")) == std::stoi(employees) + 1);
    records.world.reopen();
    records.world.now += 3 * value::kDay;
    CHECK(records.world.settle().empty());
    const auto gone = records.world.engine().describe(**key);
    REQUIRE(gone.ok());
    CHECK_FALSE(gone->has_value());
    // A new record of the same outside id is another record.
    records.put("contact", "taro@example.com");
    CHECK(records.property("contact", "taro@example.com", "firstname") == "unknown");
    records.ask("taro@example.com");
    CHECK(records.world.count(Happening::enrolled) >= 2);
  }
}

TEST_CASE("S30 a workflow may delete its own record: the enrolment ends with it") {
  Records records(R"(
workflow clean on task {
  enroll when status becomes done
  reenroll never
  delete record
  set title to "never"
}
)");
  records.put("task", "t1", {{"title", str("Call")}});
  records.put("task", "t1", {{"status", str("done")}});
  CHECK(records.property("task", "t1", "title") == "no record");
  CHECK(records.world.count(Happening::ended, "record_deleted") == 1);
}

TEST_CASE("S36 a record that a workflow creates turns conditions true, and its new value becomes it") {
  Records records(R"(
workflow won on contact {
  enroll when event asked
  reenroll every time
  create deal with (name "Renewal", stage proposal, contact contact) as renewal
  set renewal.amount to 500
}
workflow proposals on deal {
  enroll when stage becomes proposal
  reenroll never
  add 1 to contact.lead_score
}
workflow large on deal {
  enroll when amount >= 100
  reenroll never
  add 10 to contact.lead_score
}
)");
  records.put("contact", "taro@example.com");
  records.ask("taro@example.com");
  CHECK(records.property("contact", "taro@example.com", "lead_score") == "11");
}

TEST_CASE("S37 a recipient who is no longer associated ends the enrolment as no_recipient") {
  Records records(R"(
workflow w on deal {
  enroll when stage becomes proposal
  reenroll never
  wait 1 day
  add 1 to amount
  send email.receipt to contact
  add 1 to amount
}
)");
  records.put("contact", "taro@example.com");
  records.put("deal", "d1",
              {{"name", str("D")}, {"contact", str("taro@example.com")}, {"amount", Value::integer(0)}});
  records.put("deal", "d1", {{"stage", str("proposal")}});
  records.tell(InputKind::remove, "contact", "taro@example.com");
  records.world.now += value::kDay;
  CHECK(records.world.settle().empty());
  CHECK(records.world.count(Happening::ended, "no_recipient") == 1);
  CHECK(records.property("deal", "d1", "amount") == "1");
}

TEST_CASE("S39 where one is meant: the primary one, else the oldest") {
  Records records(R"(
workflow w on company {
  enroll when renewal_status changes
  reenroll every time
  add 1 to people.lead_score
}
)");
  records.put("company", "acme", {{"name", str("Acme")}});
  const auto contact = [&](const char* id) { records.put("contact", id, {{"company", str("acme")}}); };
  const auto score = [&](const char* id) { return records.property("contact", id, "lead_score"); };
  const auto change = [&](const char* status) {
    records.put("company", "acme", {{"renewal_status", str(status)}});
  };
  contact("first@example.com");
  contact("second@example.com");
  change("open");
  CHECK((score("first@example.com") == "1" && score("second@example.com") == "0"));
  records.put("company", "acme", {{"main_contact", str("second@example.com")}});
  change("contacted");
  CHECK((score("first@example.com") == "1" && score("second@example.com") == "1"));
  // A primary one that is no longer associated does not count.
  records.put("contact", "second@example.com", {{"company", Value()}});
  change("agreed");
  CHECK((score("first@example.com") == "2" && score("second@example.com") == "1"));
  records.tell(InputKind::remove, "contact", "first@example.com");
  change("declined");  // nobody is left: nothing happens
  CHECK(score("second@example.com") == "1");
}

TEST_CASE(
    "S40 the records of a loop are those at its entry, the oldest first, however the body changes them") {
  Records records(R"(
workflow w on company {
  enroll when renewal_status becomes agreed
  reenroll never
  for each people as person where (person.lead_score < 10), at most 2 {
    set person.firstname to "taken"
    add 10 to person.lead_score
    for each people as other, at most 5 { set other.lead_score to 10 }
    wait 1 day
    add 1 to employees
  }
}
)");
  records.put("company", "acme", {{"name", str("Acme")}, {"employees", Value::integer(0)}});
  for (const char* id : {"a@example.com", "b@example.com", "c@example.com"}) {
    records.put("contact", id, {{"company", str("acme")}});
  }
  records.put("company", "acme", {{"renewal_status", str("agreed")}});
  // Who joins or leaves while the loop waits is none of its business.
  records.put("contact", "b@example.com", {{"company", Value()}});
  records.put("contact", "d@example.com", {{"company", str("acme")}});
  records.world.now += value::kDay;
  records.world.run();
  records.world.now += value::kDay;
  records.world.run();
  const auto name = [&](const char* id) { return records.property("contact", id, "firstname"); };
  CHECK((name("a@example.com") == "taken" && name("b@example.com") == "taken"));
  CHECK((name("c@example.com") == "unknown" && name("d@example.com") == "unknown"));
  CHECK(records.property("company", "acme", "employees") == "2");
  CHECK(records.world.count(Happening::ended, "completed") == 1);
}

TEST_CASE("turns go on over enrolments and restarts; weights share them out; an owner is kept") {
  const test::Folder folder("records");
  Records records(R"(
workflow turns on contact {
  enroll when event asked
  reenroll every time
  assign owner from team.sales round robin
}
workflow weights on contact {
  enroll when event replied
  reenroll every time
  assign owner weighted (user.ann 1, user.ben 3) overwrite
}
)",
                  "sqlite:" + folder.path());
  std::string owners;
  for (int i = 0; i < 5; ++i) {
    const std::string id = "c" + std::to_string(i) + "@example.com";
    records.put("contact", id);
    records.ask(id);
    records.ask(id);
    if (i == 2) records.world.reopen();
    owners += records.property("contact", id, "owner") + " ";
  }
  CHECK(owners == "ann ben ann ben ann ");
  int ben = 0;
  for (int i = 0; i < 8; ++i) {
    records.ask("c0@example.com", "replied");
    ben += records.property("contact", "c0@example.com", "owner") == "ben" ? 1 : 0;
  }
  CHECK(ben == 6);
}
