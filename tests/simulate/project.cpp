#include "tests/simulate/project.hpp"

#include <array>
#include <stdexcept>

#include "compiler/compile.hpp"
#include "runtime/bytecode/program.hpp"

namespace wf::simulate {

namespace {

constexpr const char* kProject = R"wf(project simulated { zone "UTC"; unused allowed }
sender shop { name "Shop"; email "shop@example.com"; address "1 Example Street" }
topic updates { title "Updates" }
extend object contact {
  order_number int = 0
  visit_number int = 0
  orders_seen  int = 0
  points       int = 0
}
event order_placed on contact { number: int }
event visited on contact { number: int }
event paid on contact { number: int }
email receipt {
  class transactional; from sender.shop
  subject "Order received"; text "Thank you."
}
email welcome {
  class marketing; topic topic.updates; from sender.shop
  subject "Welcome"; text "Hello.\n{{ unsubscribe_url }}"
}
webhook ordered    { url "https://shop.example.com/ordered"; accepts pii }
webhook shipped_v1 { url "https://shop.example.com/shipped_v1"; accepts pii }
webhook shipped_v2 { url "https://shop.example.com/shipped_v2"; accepts pii }
webhook visit      { url "https://shop.example.com/visit"; accepts pii }
webhook paid       { url "https://shop.example.com/paid"; accepts pii }
webhook late       { url "https://shop.example.com/late"; accepts pii }
webhook unrated    { url "https://shop.example.com/unrated"; accepts pii }
webhook rating     { url "https://rating.example.com/rating"; accepts pii; returns { points int } }

workflow fulfil on contact {
  enroll when event order_placed
  reenroll each event
  add 1 to orders_seen
  send email.receipt
  call webhook.ordered with (email, order_number)
  wait 1 hour
  call webhook.SHIPPED with (email)
}
workflow rate on contact {
  enroll when event order_placed
  reenroll each event
  call webhook.rating with (email, order_number) as reply, at most 1 day {
    answered  { add reply.points to points }
    failed    { call webhook.unrated with (email) }
    timed_out { call webhook.unrated with (email) }
  }
}
workflow nudge on contact {
  enroll when event visited
  reenroll each event
  call webhook.visit with (email, visit_number)
  send email.welcome
  wait until event paid, at most 2 days {
    happened  { call webhook.paid with (email) }
    timed_out { call webhook.late with (email) }
  }
}
)wf";

std::string compile(int version) {
  std::string source = kProject;
  const std::string place = "SHIPPED";
  source.replace(source.find(place), place.size(), "shipped_v" + std::to_string(version));
  const auto compiled =
      compiler::compile({{"simulated.wf", source}}, [](const std::string&) { return std::nullopt; });
  if (compiled.program) return bytecode::write_bundle(*compiled.program);
  std::string why;
  for (const auto& d : compiled.diagnostics.all()) why += d.message + "\n";
  throw std::runtime_error(why);
}

}  // namespace

const std::string& project_bundle(int version) {
  static const std::array<std::string, 2> bundles = {compile(1), compile(2)};
  return bundles.at(static_cast<std::size_t>(version - 1));
}

}  // namespace wf::simulate
