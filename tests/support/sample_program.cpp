#include "tests/support/sample_program.hpp"

namespace wf::test {
namespace {

using namespace bytecode;
using value::Kind;
using value::Value;
using O = Opcode;

Type type(Kind kind, std::uint32_t aux = 0, bool nullable = true) {
  return {kind, Format::plain, aux, nullable};
}

Type resource_type(ResourceKind kind) {
  return type(Kind::resource, static_cast<std::uint32_t>(kind));
}

Property property(std::string name, Type type) {
  Property p;
  p.name = std::move(name);
  p.type = type;
  return p;
}

Template greeting(const std::string& text) {
  return {text + "{{ contact.firstname | default: 'you' }}", {{{"contact", "firstname"}}}, {}};
}

enum ContactProperty : std::uint32_t {
  email,
  firstname,
  stage,
  score,
  owner,
  company,
  renewal,
  born,
  points,
  active
};

/// Of a company.
constexpr std::uint32_t main_contact = 2;

void add_objects(Catalogue& c) {
  c.enums = {{"contact.stage", {"lead", "customer"}, {"Lead", ""}, true}};
  Object contact{"contact", {}, {}};
  contact.properties = {property("email", {Kind::text, Format::email, 0, true}),
                        property("firstname", type(Kind::text)),
                        property("stage", type(Kind::enumeration, 0)),
                        property("score", type(Kind::integer, 0, false)),
                        property("owner", resource_type(ResourceKind::user)),
                        property("company", type(Kind::ref, 1)),
                        property("renewal", type(Kind::date)),
                        property("born", type(Kind::instant)),
                        property("campaign.autumn.points", type(Kind::integer)),
                        property("campaign.autumn.active", type(Kind::boolean))};
  contact.properties[points].hidden = contact.properties[active].hidden = true;
  contact.properties[email].unique = contact.properties[email].pii = true;
  contact.properties[score].initial = Value::integer(0);
  contact.properties[score].minimum = -1000 * value::kMicro;
  contact.properties[score].maximum = 1000 * value::kMicro;
  Object organisation{"company", {}, {{"contacts", 0, company, main_contact}}};
  organisation.properties = {property("name", type(Kind::text)), property("size", type(Kind::integer)),
                             property("main_contact", type(Kind::ref, 0))};
  c.objects = {contact, organisation};
  c.events = {
      {"form_submitted", 0, {{"form", resource_type(ResourceKind::form)}, {"note", type(Kind::text)}}},
      {"email_opened", 0, {{"email", resource_type(ResourceKind::email)}}}};
}

void add_resources(Catalogue& c) {
  c.senders = {{"news", "Example", "news@example.com", "1 Example Street"}};
  c.topics = {{"newsletter", "News"}};
  Email welcome{"welcome", MailClass::marketing, 0, 0, {}, {}, {}, {"contact.firstname"}};
  welcome.subject = greeting("Hello ");
  welcome.text = greeting("Welcome, ");
  c.emails = {welcome};
  Message hint{"hint", greeting("Look at "), {}, {"contact.firstname"}};
  c.messages = {hint};
  c.forms = {{"ebook", "E-book", {{"email", true}}, 0}};
  c.pages = {{"pricing", {"/pricing*"}}};
  c.links = {{"shop", {"https://example.com/*"}}};
  c.occasions = {{"webinar", 1'800'000'000 * value::kSecond, 1'800'003'600 * value::kSecond, "Asia/Tokyo"}};
  c.lists = {{"vip", "VIP"}, {"banned", ""}};
  c.users = {{"sato", "sato@example.com", "Sato"}};
  c.teams = {{"sales", "sales@example.com", "Sales", {0}}};
  c.webhooks = {{"sync", "", "SYNC_URL", "SYNC_KEY", true, {{"score", type(Kind::integer)}}}};
  c.segments = {{"leads", "Leads", 0, kNone}};
  c.calendars = {{"office", "Office", {"Asia/Tokyo", {{0x1f, 9 * 60, 18 * 60}}, {20'000, 20'001}}, 20'088}};
  c.calendar = 0;
  c.videos = {{"tour", "Tour", "https://example.com/tour"}};
  c.surveys = {{"nps", "NPS", "https://example.com/nps", {{"score", true}}}};
  c.audiences = {{"lookalikes", "Lookalikes", "google", 1, 0, 1}};
  c.experiments = {{"subject", "greet", {{"a", 1'000, false, {0}}, {"b", 2'000, false, {0}}}}};
  c.experiments[0].winner_by = WinnerBy::opens;
  c.experiments[0].after = value::kHour;
  c.experiments[0].event = 1;
  c.scorings = {{"interest", "Interest", 0, 40, {}}};
  Campaign autumn{"autumn", "Autumn", 0};
  autumn.from = 1'800'000'000 * value::kSecond;
  autumn.to = autumn.from + 90 * value::kDay;
  autumn.members = autumn.candidates = 0;
  autumn.points = points;
  autumn.active = active;
  autumn.scoring = 0;
  autumn.digest = {-1, 9 * 60, kNone, 0};
  autumn.summary = {6, 9 * 60, 0, kNone};
  c.campaigns = {autumn};
}

/// Appends functions to a program.
class Assembler {
 public:
  explicit Assembler(Program& p) : p_(p) {}

  void begin(FunctionKind kind, std::uint32_t event = kNone, std::uint32_t locals = 0) {
    Function f;
    f.kind = kind;
    f.begin = here();
    f.object = 0;
    f.event = event;
    f.locals = locals;
    p_.functions.push_back(f);
  }
  std::uint32_t end() {
    p_.functions.back().end = here();
    return static_cast<std::uint32_t>(p_.functions.size() - 1);
  }
  Assembler& operator()(O op, std::uint32_t operand = 0) {
    p_.code.push_back(encode(op, operand));
    return *this;
  }
  Assembler& push(Value v) {
    p_.constants.push_back(std::move(v));
    return (*this)(O::push, static_cast<std::uint32_t>(p_.constants.size() - 1));
  }
  std::uint32_t here() const { return static_cast<std::uint32_t>(p_.code.size()); }
  /// A forward jump, aimed by land().
  std::uint32_t jump(O op) {
    (*this)(op);
    return here() - 1;
  }
  void land(std::uint32_t jump) { p_.code[jump] = encode(opcode_of(p_.code[jump]), here()); }

 private:
  Program& p_;
};

void add_tables(Program& p) {
  p.files = {"lead.wf"};
  for (std::uint32_t i = 0; i < 4; ++i) p.steps.push_back({"step " + std::to_string(i), 0, 10 + i, 3});
  p.fields = {{1, 1}, {1, 0}};
  Counter opened;
  opened.key = "email_opened(email=welcome)/30d";
  opened.object = 0;
  opened.match = {1, {{0, Value::resource(static_cast<std::uint32_t>(ResourceKind::email), 0)}}, kNone};
  opened.window = 30 * value::kDay;
  Counter became;
  became.key = "contact.stage became customer";
  became.kind = CounterKind::became;
  became.object = 0;
  became.property = stage;
  became.became = Value::enumeration(0, 1);
  p.counters = {opened, became};
  p.moments = {{true, true, "Asia/Tokyo", 0, 0, -30, 9 * 60, -1}, {false, false, "UTC", 0, 0, 0, 9 * 60, 0}};
  Moment business{true, false, "Asia/Tokyo"};
  business.calendar = 0;
  business.business_days = 2;
  Moment monthly{false, false, "UTC"};
  monthly.recurs = {value::Schedule::Every::month, 0x10, -1, 1, 1, 9 * 60};
  p.moments.push_back(business);
  p.moments.push_back(monthly);
  p.windows = {{{{{0x1f, 9 * 60, 18 * 60}, true, "Asia/Tokyo"}, {{0x7f, 8 * 60, 21 * 60}, false, "UTC"}}}};
  p.waits.resize(5);
  p.waits[0].step = 1;
  p.waits[1].kind = WaitKind::until;
  p.waits[1].anchors = {renewal};
  p.waits[2].kind = WaitKind::event;
  p.waits[2].match = {0, {}, kNone};
  p.waits[3].kind = WaitKind::reply;
  p.waits[3].call = 2;
  p.waits[4].kind = WaitKind::until;
  p.sends.resize(2);
  p.sends[0] = {0, MailClass::marketing, 0, 1, false, {}, 0};
  p.sends[1] = {0, MailClass::marketing, 0, 2, true, greeting("Again "), kNone};
  p.sends[1].subject.reads[0].argument = 1;
  p.tasks = {{true}, {false}};
  p.notifies = {{0, 1}};
  p.calls = {{0, {"email", "score"}, 5, value::kDay, kNone},
             {0, {}, kNone, 0, kNone},
             {0, {"email"}, kNone, 0, kNone, 2}};
}

/// Expressions that between them use every operator.
void add_expressions(Program& p, Assembler& a) {
  a.begin(FunctionKind::expression);
  a(O::property, stage)
      .push(Value::enumeration(0, 0))(O::eq)(O::property, score)
      .push(Value::integer(3))(O::ge);
  a(O::and_)(O::property, email).push(Value::text("*@example.com"))(O::matches)(O::or_)(O::return_);
  p.catalogue.segments[0].condition = a.end();

  a.begin(FunctionKind::expression, 0);
  a(O::parameter, 1).push(Value::text("hello"))(O::contains)(O::parameter, 1).push(Value::text("x"));
  a(O::starts_with)(O::or_)(O::parameter, 1)
      .push(Value::text("y"))(O::ends_with)(O::not_)(O::or_)(O::return_);
  p.waits[2].match.where = a.end();

  a.begin(FunctionKind::expression);
  a(O::property, score).push(Value::integer(2))(O::add).push(Value::decimal(500'000))(O::sub);
  a.push(Value::integer(3))(O::mul).push(Value::integer(7))(O::div)(O::negate).push(Value::integer(1))(O::lt);
  a(O::property, score)(O::count, 0)(O::le)(O::property, born)(O::now)(O::gt)(O::and_)(O::and_);
  a(O::property, stage).push(Value::enumeration(0, 0)).push(Value::enumeration(0, 1))(O::any_of, 2)(O::and_);
  a(O::property, firstname).push(Value::text("Taro"))(O::ne)(O::and_)(O::return_);
  p.workflows[0].goal = a.end();

  a.begin(FunctionKind::expression);
  a(O::created_at)(O::age).push(Value::duration(30 * value::kDay))(O::gt)(O::last_event, 0)(O::occurred_since,
                                                                                            0);
  a(O::and_)(O::in_list, 0)(O::or_);
  p.constants.push_back(Value::text("vip"));
  a(O::has_tag, static_cast<std::uint32_t>(p.constants.size() - 1))(O::or_);
  a(O::property, firstname)(O::push_unknown)(O::coalesce)(O::is_known)(O::or_);
  a(O::property, company)(O::field, 0).push(Value::integer(100))(O::ge)(O::or_)(O::return_);
  p.workflows[0].cancel = a.end();

  a.begin(FunctionKind::expression);
  a(O::property, active).push(Value::integer(30)).push(Value::integer(0))(O::choose)(O::property, points);
  a(O::add).push(Value::integer(40))(O::ge)(O::return_);
  p.catalogue.scorings[0].bands = {{30, a.end(), "score >= 3"}};
}

void add_lead_body(Program& p, Assembler& a) {
  a.begin(FunctionKind::body, kNone, 2);
  p.workflows[0].body = static_cast<std::uint32_t>(p.functions.size() - 1);
  a(O::step, 0)(O::push_unknown)(O::window, 0)(O::self)(O::property, firstname)(O::send, 0);
  a(O::step, 1)(O::outcome, 0).push(Value::duration(value::kDay))(O::wait_for, 0);
  a(O::step, 2).push(Value::duration(2 * value::kDay))(O::wait_event, 2);
  const auto timed_out = a.jump(O::jump_unless);
  a.push(Value::integer(5))(O::add_property, score)(O::self)(O::list_add, 0);
  const auto join = a.jump(O::jump);
  a.land(timed_out);
  a(O::self)(O::property, firstname).push(Value::text("x"))(O::send, 1);
  a.land(join);
  p.waits[1].recompute = a.here();
  a(O::property, renewal)(O::push_unknown)(O::moment, 0)(O::set_local, 1)(O::local, 1)(O::is_known);
  const auto known = a.jump(O::jump_if);
  a(O::stop, static_cast<std::uint32_t>(EndReason::anchor_unknown));
  a.land(known);
  a(O::local, 1)(O::wait_until, 1);
  a(O::property, email)(O::property, score)(O::call, 0)(O::end);
  a.end();

  a.begin(FunctionKind::body);
  a(O::step, 3)(O::property, owner)(O::property, firstname)(O::notify, 0)(O::end);
  p.calls[0].on_failure = a.end();
}

/// Asks a webhook, waits for the winner of an experiment and takes part in it. Locals 1 to 3.
void add_trial(Assembler& a) {
  a(O::property, email)(O::call, 2).push(Value::duration(value::kHour))(O::wait_reply, 3)(O::drop);
  a(O::property, email)(O::winner_due, 0)(O::set_local, 1)(O::local, 1)(O::is_known);
  const auto no_winner_to_wait_for = a.jump(O::jump_unless);
  a(O::local, 1)(O::wait_until, 4);
  a.land(no_winner_to_wait_for);
  a(O::property, email)(O::experiment, 0)(O::drop);
}

void add_greet_body(Program& p, Assembler& a) {
  a.begin(FunctionKind::body, kNone, 4);
  a.push(Value::text("Call")).push(Value::resource(static_cast<std::uint32_t>(ResourceKind::team), 0));
  a(O::now)(O::moment, 2)(O::task, 0).push(Value::text("Note"))(O::property, owner)(O::task, 1);
  a.push(Value::text("Jiro"))(O::set_property, firstname);
  a(O::property, company).push(Value::text("Example"))(O::set_field, 1);
  a(O::property, company).push(Value::integer(1))(O::add_field, 0);
  a(O::self)(O::list_remove, 1)(O::self)(O::audience_add, 0)(O::self)(O::audience_remove, 0);
  p.constants.push_back(Value::text("greeted"));
  const auto tag = static_cast<std::uint32_t>(p.constants.size() - 1);
  a(O::tag_add, tag)(O::tag_remove, tag)(O::self)(O::enroll, 0)(O::self)(O::unenroll, 0);
  a(O::subscribe, 0)(O::unsubscribe, 0)(O::set_marketing, 1)(O::moment, 1)(O::moment, 3)(O::expiry, 0);
  a(O::earliest, 3)(O::drop);
  add_trial(a);
  a(O::end);
  p.workflows[1].body = a.end();
}

void add_workflows(Program& p) {
  p.workflows.resize(2);
  Workflow& lead = p.workflows[0];
  lead.name = "lead";
  lead.title = "Lead nurturing";
  lead.owner = "team.sales";
  lead.object = 0;
  lead.suppress = {1};
  lead.reenroll = {ReenrollMode::each_key, true, kNone, value::kDay, true};
  lead.steps = {0, 1, 2};
  lead.pauses = {{20'000, 20'003}, {20'100, 20'100}};
  lead.pause_zone = "Asia/Tokyo";
  lead.late = {LatePolicy::skip, value::kDay};
  Trigger form;
  form.match = {0, {{0, Value::resource(static_cast<std::uint32_t>(ResourceKind::form), 0)}}, kNone};
  Trigger often;
  often.match = {1, {}, kNone};
  often.times = 2;
  often.counter = 0;
  lead.triggers = {form, often};
  Workflow& greet = p.workflows[1];
  greet.name = "greet";
  greet.object = 0;
  Trigger created, changed, member;
  created.kind = TriggerKind::created;
  changed.kind = TriggerKind::changes;
  changed.property = stage;
  member.kind = TriggerKind::list_added;
  member.list = 0;
  greet.triggers = {created, changed, member};
  greet.exits = {{{1, {}, kNone}, EndReason::replied}};
  greet.enter_until = greet.ends_at = 1'900'000'000 * value::kSecond;
  greet.campaign = 0;
  greet.part = CampaignPart::story;
}

void add_condition_trigger(Program& p, Assembler& a) {
  a.begin(FunctionKind::expression);
  a(O::property, score).push(Value::integer(10))(O::gt)(O::return_);
  Trigger condition;
  condition.kind = TriggerKind::condition;
  condition.condition = a.end();
  condition.reads_properties = {score};
  condition.reads_counters = {0};
  condition.reads_lists = {0};
  condition.reads_tags = true;
  a.begin(FunctionKind::expression);
  a(O::expiry, 0)(O::earliest, 1)(O::return_);
  condition.retest = a.end();
  p.workflows[1].triggers.push_back(condition);
}

/// A workflow on companies that asks and makes associated records.
void add_records_workflow(Program& p, Assembler& a) {
  const std::vector<Hop> people{{0, company, true}};
  const auto on_company = [&] { p.functions.back().object = 1; };
  a.begin(FunctionKind::expression);
  a(O::property, score).push(Value::integer(3))(O::ge)(O::return_);
  const std::uint32_t keen = a.end();
  p.relations = {{0, company, keen, 0, kNone}, {0, company, kNone, 1, main_contact}};
  p.collects = {{0, 0, 2}};
  p.creates = {{0, {firstname, born, owner}, 2}};
  p.rotations = {{"contact.owner team.sales", {0}}};

  Workflow renewal;
  renewal.name = "renewal";
  renewal.object = 1;
  renewal.existing = true;
  renewal.triggers.resize(2);
  Trigger& condition = renewal.triggers[0];
  a.begin(FunctionKind::expression);
  on_company();
  a(O::self)(O::related, 0).push(Value::integer(1))(O::ge)(O::return_);
  condition.kind = TriggerKind::condition;
  condition.condition = renewal.cancel = a.end();
  renewal.exits_read = {{people, 0, {score, company}, {0}, {0}, true, 0}};
  condition.reads_elsewhere = renewal.exits_read;
  condition.own_reenroll = true;
  condition.reenroll = {ReenrollMode::every_time, false, kNone, 0, false};
  Trigger& edge = renewal.triggers[1];
  edge.kind = TriggerKind::related;
  edge.edge.path = people;
  edge.edge.object = 0;
  edge.edge.became = keen;
  edge.edge.properties = {score};
  renewal.goal_edge = edge.edge;

  a.begin(FunctionKind::body, kNone, 3);
  on_company();
  a(O::self)(O::collect, 0)(O::self)(O::associated, 1)(O::property, 0)(O::set_field, 2);
  a(O::property, 0).push(Value::text(" & Co."))(O::concat)(O::set_property, 0);
  a.push(Value::text("Hanako"))(O::now)(O::rotate, 0)(O::create, 0);
  a(O::local, 2)(O::now)(O::date_of)(O::set_field, 3)(O::local, 0)(O::delete_record)(O::end);
  renewal.body = a.end();
  p.fields.push_back({0, firstname});
  p.fields.push_back({0, ContactProperty::renewal});
  p.workflows.push_back(std::move(renewal));
}

}  // namespace

Program sample_program() {
  Program p;
  p.catalogue.project = "sample";
  p.catalogue.zone = "Asia/Tokyo";
  p.catalogue.locale = "ja";
  add_objects(p.catalogue);
  add_resources(p.catalogue);
  add_tables(p);
  add_workflows(p);
  Assembler a(p);
  add_expressions(p, a);
  add_lead_body(p, a);
  add_greet_body(p, a);
  add_condition_trigger(p, a);
  add_records_workflow(p, a);
  const auto verified = verify(p);
  if (!verified) std::fprintf(stderr, "%s\n", verified.error().message.c_str());
  WF_ASSERT(verified.ok());
  return p;
}

}  // namespace wf::test
