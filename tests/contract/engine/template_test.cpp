// What templates of mails and messages show, and what happens when one cannot be shown.
#include "tests/support/world.hpp"

using namespace wf;
using engine::Happening;
using value::Value;

namespace {

/// A project whose only mail has this text.
std::string project(const std::string& text, const std::string& html = "-") {
  return R"(project test { zone "Asia/Tokyo" }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
extend object contact { rate decimal?; plan enum(free, paid "Paid plan")?; seen datetime? }
email receipt { class transactional; from sender.shop; subject "Receipt"; text ")" +
         text + "\"; html \"" + html + R"(" }
message lead { subject "Lead"; body "1{{ 1 | divided_by: contact.lead_score }}2" }
user sato { email "sato@example.com" }
event asked on contact { }
workflow w on contact {
  enroll when event asked
  reenroll never
  send email.receipt
  notify user.sato using message.lead
}
)";
}

const engine::MailDelivery& mail_of(const std::vector<engine::Delivery>& deliveries) {
  REQUIRE(deliveries.size() == 1);
  return std::get<engine::MailDelivery>(deliveries[0].what);
}

}  // namespace

TEST_CASE("a template decides, calculates and loops over what the record has") {
  test::World world(
      project("{% if contact.firstname %}Dear {{ contact.firstname }}{% else %}Hello{% endif %}, "
              "{{ contact.rate | default: 1 | times: 2 }} {{ contact.plan | default: 'none' }} "
              "{% case contact.plan %}{% when 'Paid plan' %}thanks{% endcase %} "
              "{{ contact.seen | default: '-' | date: '%d.%m. %H:%M' }} "
              "{% assign all = contact.email | split: '@' %}{% for part in all %}[{{ part }}]{% endfor %}",
              "<p>{{ contact.firstname | default: '' }}</p>"));
  world.contact("taro@example.com", value::Map{{"firstname", Value::text("<Taro>")},
                                               {"rate", Value::decimal(2'500'000)},
                                               {"plan", Value::text("paid")},
                                               {"seen", Value::text("2026-03-02T00:30:00Z")}});
  world.event("asked", "taro@example.com");
  world.run();
  const auto deliveries = world.hand_over();
  const engine::MailDelivery& mail = mail_of(deliveries);
  CHECK(mail.text == "Dear <Taro>, 5.0 Paid plan thanks 02.03. 09:30 [taro][example.com]");
  CHECK(mail.html == "<p>&lt;Taro&gt;</p>");
}

TEST_CASE("a mail whose template fails is given up with the reason; a notification says it") {
  test::World world(project("1{{ 1 | divided_by: contact.lead_score }}2"));
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  CHECK(world.hand_over().empty());
  CHECK(world.stat("email.receipt", "dead") == 1);
  CHECK(world.count(Happening::mail_refused,
                    "given up: its template cannot be shown: text:1:9: divided by 0") == 1);
}

namespace {

std::string with_payload(const std::string& payload) {
  return R"(project test { zone "Asia/Tokyo" }
extend object contact { nick text?; rate decimal? }
webhook crm { url secret.CRM; accepts pii; payload ")" +
         payload + R"(" }
event asked on contact { }
workflow w on contact { enroll when event asked; reenroll never; call webhook.crm }
)";
}

}  // namespace

TEST_CASE("a webhook posts its payload, with texts made safe for JSON") {
  test::World world(
      with_payload("{ \\\"who\\\": \\\"{{ contact.nick | default: '-' }}\\\", \\\"rate\\\": {{ contact.rate "
                   "| default: 0 }} }"));
  world.contact("taro@example.com",
                value::Map{{"nick", Value::text("T\"a\\\n太郎")}, {"rate", Value::decimal(1'500'000)}});
  world.event("asked", "taro@example.com");
  world.run();
  const auto deliveries = world.hand_over();
  REQUIRE(deliveries.size() == 1);
  CHECK(std::get<engine::CallDelivery>(deliveries[0].what).body ==
        "{ \"who\": \"T\\\"a\\\\\\n太郎\", \"rate\": 1.5 }");
}

TEST_CASE("a payload that is no JSON is given up with the reason") {
  test::World world(with_payload("{ who: {{ contact.nick | default: 'x' }} }"));
  world.contact("taro@example.com");
  world.event("asked", "taro@example.com");
  world.run();
  CHECK(world.hand_over().empty());
  CHECK(world.stat("webhook.crm", "dead") == 1);
}
