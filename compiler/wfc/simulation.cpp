#include "compiler/wfc/simulation.hpp"

#include <algorithm>
#include <limits>

namespace wf::wfc {

namespace {

constexpr std::size_t kProgressEvery = 1'000;  // instants

}  // namespace

Simulation::Simulation(const bytecode::Program& program, SimInputs inputs, SimulationOptions options)
    : program_(program), inputs_(std::move(inputs)), options_(std::move(options)) {}

Result<void> Simulation::run(const std::string& bundle) {
  auto created = VirtualRun::create(bundle, options_.from, options_.ran);
  if (!created) return created.error();
  run_ = std::move(*created);
  run_->keep_observations(options_.observe || options_.rates.any());
  for (const engine::InputEvent& record : inputs_.records) run_->accept(record);
  inputs_.records = {};
  if (const auto settled = run_->settle(); !settled) return settled;
  look();
  return play();
}

/// Instant by instant: what comes from outside, then what is due. A mail may bring a reaction before the next
/// event of the file, so that nothing is decided further ahead.
Result<void> Simulation::play() {
  for (std::size_t instants = 0;; ++instants) {
    const auto due = run_->engine().next_due();
    if (!due) return due.error();
    const DatedEvent* event = next_event();
    std::int64_t at = event ? event->at : std::numeric_limits<std::int64_t>::max();
    if (*due) at = std::min(at, **due);
    if (at > options_.until) break;
    run_->move_to(at);
    accept_events(run_->now());
    if (const auto settled = run_->settle(); !settled) return settled;
    look();
    if (options_.progress && instants % kProgressEvery == 0) options_.progress(run_->now());
  }
  const auto last = run_->advance(options_.until);
  look();
  return last;
}

const DatedEvent* Simulation::next_event() const {
  const DatedEvent* first = next_ < inputs_.events.size() ? &inputs_.events[next_] : nullptr;
  if (!due_.empty() && (!first || due_.top().at < first->at)) first = &due_.top();
  return first;
}

void Simulation::accept_events(std::int64_t at) {
  for (const DatedEvent* event = next_event(); event && event->at <= at; event = next_event()) {
    run_->accept(event->event);
    if (next_ < inputs_.events.size() && event == &inputs_.events[next_]) {
      inputs_.events[next_++].event = {};
    } else {
      due_.pop();
    }
  }
}

/// Looks at what happened at this instant and forgets it, so that long runs need no more memory.
void Simulation::look() {
  for (const Observation& o : run_->observations()) {
    if (options_.observe) options_.seen(o);
    if (options_.rates.any() && o.item.what == engine::Happening::mail_sent && o.delivery) react(o);
  }
  run_->forget();
}

void Simulation::react(const Observation& sent) {
  const auto& mail = std::get<engine::MailDelivery>(sent.delivery->what);
  const std::uint32_t email = program_.catalogue.find_resource(bytecode::ResourceKind::email, mail.email);
  const std::uint32_t topic = email == bytecode::kNone ? email : program_.catalogue.emails[email].topic;
  SentMail what;
  what.key = sent.item.detail;
  what.email = mail.email;
  if (topic != bytecode::kNone) what.topic = program_.catalogue.topics[topic].name;
  what.object = "contact";
  what.recipient = mail.to_address;
  what.at = sent.item.at;
  for (DatedEvent& reaction : reactions_to(what, options_.rates, options_.seed)) {
    due_.push(std::move(reaction));
    ++reactions_;
  }
}

}  // namespace wf::wfc
