#include "tests/simulate/books.hpp"

#include <algorithm>

#include "runtime/api/event_check.hpp"
#include "runtime/engine/executor.hpp"

namespace wf::simulate {

namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kWindow = 2 * 24 * kHour;
constexpr std::uint64_t kMostUncertain = 32;

/// "wf:0:SHARD:RECORD.ENROLMENT:STEP:N" without its last two parts.
std::string run_of_key(const std::string& key) {
  return key.substr(0, key.rfind(':', key.rfind(':') - 1));
}

std::uint64_t enrolment_of(const std::string& run) {
  return std::stoull(run.substr(run.rfind('.') + 1));
}

std::optional<std::uint64_t> number_in(const std::string& body, const std::string& member) {
  const std::size_t at = body.find("\"" + member + "\":");
  if (at == body.npos) return std::nullopt;
  return std::stoull(body.substr(at + member.size() + 3));
}

}  // namespace

void Books::posted(const Post& post, std::uint64_t step) {
  Post& known = posts_.try_emplace(post.number, post).first->second;
  if (known.first_posted == 0) known.first_posted = step;
}

void Books::acknowledged(std::uint64_t number, std::uint64_t step) {
  Post& post = posts_.at(number);
  if (post.acknowledged == 0) post.acknowledged = step;
}

std::set<std::string> Books::contacts() const {
  std::set<std::string> out;
  for (const auto& [number, post] : posts_) out.insert(post.contact);
  return out;
}

void Books::durable(const Written& written, std::int64_t now, int version) {
  for (const store::Input& input : written.inputs) {
    if (input.seq != inputs_.size() + 1) throw Violation{"an accepted input has no number of its own"};
    inputs_.push_back(input);
    accepted_ids_.insert(input.dedupe);
  }
  const store::Frame& frame = written.frame;
  if (frame.consumed > inputs_.size()) throw Violation{"an input was consumed that was never accepted"};
  for (const store::Identity& identity : frame.identities) {
    contact_of_[identity.record] = identity.id.substr(identity.id.find('=') + 1);
  }
  for (; consumed_ < frame.consumed; ++consumed_) consume(inputs_[consumed_], now, version);
  std::uint64_t uncertain = 0;
  for (const store::Effect& effect : frame.effects_put) {
    put_effect(effect);
    uncertain += effect.state == store::EffectState::uncertain;
  }
  if (uncertain > kMostUncertain) throw Violation{"more mails than may be in flight became uncertain"};
  uncertain_ += uncertain;
  for (const std::uint64_t id : frame.effects_removed) settled_.insert(key_of_[id]);
}

void Books::consume(const store::Input& input, std::int64_t now, int version) {
  if (!ids_.insert(input.dedupe).second) {
    ++duplicates_;
    return;
  }
  const auto event = engine::decode_input(input.body);
  if (!event) throw Violation{"an accepted input cannot be read"};
  Consent& consent = consents_[event->subject];
  if (event->kind == engine::InputKind::upsert && event->marketing) consent.marketing = *event->marketing;
  if (event->kind == engine::InputKind::topic) {
    consent.subscribed = event->flag;
    consent.ever_refused |= !event->flag;
  }
  for (const auto& [name, v] : event->data) {
    if (name != "number") continue;
    const auto number = static_cast<std::uint64_t>(v.as_integer());
    effective_[number] = {posts_.at(number), input.seq, input.received_at, now, version};
  }
}

void Books::put_effect(const store::Effect& effect) {
  const auto body = engine::decode_effect(effect.body);
  if (!body) throw Violation{"an effect cannot be read"};
  const std::string key = engine::effect_key(*body);
  const auto [known, fresh] = effect_of_.try_emplace(key, effect.id);
  if (!fresh && known->second != effect.id) throw Violation{"two effects have the key " + key};
  const auto [other, first] = key_of_.try_emplace(effect.id, key);
  if (!first && other->second != key) throw Violation{"the key " + other->second + " became " + key};
  if (settled_.contains(key)) throw Violation{"the effect " + key + " came back after it was settled"};
  states_[key] = effect.state;
  if (effect.state != store::EffectState::attempted) return;
  const auto contact = contact_of_.find(effect.record);
  if (contact == contact_of_.end()) throw Violation{"a mail to nobody"};
  const Consent& consent = consents_[contact->second];
  if (!consent.marketing || !consent.subscribed)
    throw Violation{"P19: " + contact->second + " has unsubscribed and the mail " + key + " leaves"};
}

void Books::attempted(const Attempt& attempt, std::int64_t now) {
  const auto state = states_.find(attempt.key);
  if (state == states_.end()) throw Violation{"P4: the effect " + attempt.key + " left before it was durable"};
  if (settled_.contains(attempt.key))
    throw Violation{"P5: " + attempt.key + " was tried again after its answer was recorded"};
  const bool held = attempt.mail && attempt.what == "Welcome";
  if (held && state->second != store::EffectState::attempted)
    throw Violation{"P6: the mail " + attempt.key + " left without a record of the attempt"};
  Key& key = keys_[attempt.key];
  if (key.attempts == 0) key = {run_of_key(attempt.key), attempt.what, attempt.body, 0, 0, now};
  if (key.what != attempt.what || key.body != attempt.body)
    throw Violation{"P5: the key " + attempt.key + " stands for two things"};
  ++key.attempts;
  key.taken += attempt.taken;
}

std::vector<const Books::Key*> Books::keys(const std::string& what, const std::string& run) const {
  std::vector<const Key*> out;
  for (auto at = keys_.lower_bound(run + ":"); at != keys_.end() && at->second.run == run; ++at) {
    if (at->second.what == what) out.push_back(&at->second);
  }
  return out;
}

const Books::Key& Books::one(const std::string& what, const std::string& run, const std::string& of) const {
  const auto found = keys(what, run);
  if (found.size() != 1)
    throw Violation{of + " has " + std::to_string(found.size()) + " keys of " + what + " instead of one"};
  if (found.front()->taken == 0) throw Violation{"P5: " + what + " of " + of + " never arrived"};
  return *found.front();
}

std::string Books::run_of(const std::string& what, std::uint64_t number) const {
  const std::string member = what == "visit" ? "visit_number" : "order_number";
  std::string run;
  for (const auto& [name, key] : keys_) {
    if (key.what != what || number_in(key.body, member) != number) continue;
    if (!run.empty() && run != key.run)
      throw Violation{"P2: event " + std::to_string(number) + " took effect twice: " + run + ", " + key.run};
    run = key.run;
  }
  if (run.empty()) throw Violation{"P1: event " + std::to_string(number) + " had no effect: no " + what};
  return run;
}

void Books::settle(const std::map<std::string, Shown>& shown) const {
  settle_acknowledged();
  std::map<std::string, std::int64_t> orders, unrated;
  for (const auto& [number, event] : effective_) {
    if (event.post.type == "order_placed") {
      ++orders[event.post.contact];
      settle_order(event, unrated);
    } else if (event.post.type == "visited") {
      settle_visit(event);
    }
  }
  for (const auto& [contact, record] : shown) {
    if (record.orders_seen != orders[contact])
      throw Violation{"P2: " + contact + " has counted " + std::to_string(record.orders_seen) +
                      " orders instead of " + std::to_string(orders[contact])};
    if (record.points + unrated[contact] != orders[contact])
      throw Violation{"P4: " + contact + " has " + std::to_string(record.points) + " points and " +
                      std::to_string(unrated[contact]) + " orders without an answer, of " +
                      std::to_string(orders[contact])};
  }
  settle_sequence();
  settle_totals();
}

void Books::settle_acknowledged() const {
  for (const auto& [number, post] : posts_) {
    if (post.acknowledged == 0) continue;
    if (!accepted_ids_.contains(api::dedupe_id("simulation", std::to_string(number))))
      throw Violation{"P1: event " + std::to_string(number) + " was acknowledged and is not stored"};
  }
  if (consumed_ != inputs_.size()) throw Violation{"accepted inputs were never consumed"};
}

void Books::settle_order(const Effective& order, std::map<std::string, std::int64_t>& unrated) const {
  const std::string of = "order " + std::to_string(order.post.number);
  const std::string run = run_of("ordered", order.post.number);
  one("ordered", run, of);
  one("Order received", run, of);
  const Key& shipped = one("shipped_v" + std::to_string(order.version), run, of);
  if (!keys("shipped_v" + std::to_string(3 - order.version), run).empty())
    throw Violation{"P17: " + of + " went on in another version"};
  if (shipped.first_at < order.applied_at + kHour) throw Violation{"P7: " + of + " was shipped too early"};
  const std::string rating = run_of("rating", order.post.number);
  unrated[order.post.contact] += static_cast<std::int64_t>(keys("unrated", rating).size());
}

void Books::settle_visit(const Effective& visit) const {
  const std::string of = "visit " + std::to_string(visit.post.number);
  const std::string run = run_of("visit", visit.post.number);
  one("visit", run, of);
  const auto paid = keys("paid", run), late = keys("late", run);
  if (paid.size() + late.size() != 1)
    throw Violation{"P7: " + of + " ended " + std::to_string(paid.size() + late.size()) + " times"};
  const std::int64_t deadline = visit.applied_at + kWindow;
  bool before = false, ever = false;
  for (const auto& [number, event] : effective_) {
    if (event.post.type != "paid" || event.post.contact != visit.post.contact || event.seq < visit.seq)
      continue;
    ever = true;
    before |= event.received_at < deadline && event.applied_at < deadline;
  }
  if (before && paid.empty()) throw Violation{"P7: " + of + " was paid in time and counts as late"};
  if (!ever && !paid.empty()) throw Violation{of + " counts as paid and was not"};
  if (!late.empty() && late.front()->first_at < deadline)
    throw Violation{"P7: " + of + " counted as late too early"};
  if (keys("Welcome", run).empty() && !consents_.at(visit.post.contact).ever_refused) {
    const auto state = std::find_if(states_.begin(), states_.end(), [&](const auto& entry) {
      return run_of_key(entry.first) == run && entry.second == store::EffectState::uncertain;
    });
    if (state == states_.end()) throw Violation{"P5: the welcome of " + of + " was never sent"};
  }
}

/// Enrolments are numbered in the order in which their events took effect.
void Books::settle_sequence() const {
  std::map<std::string, std::map<std::uint64_t, const Effective*>> by_contact;
  for (const auto& [number, event] : effective_) {
    if (event.post.type == "order_placed") by_contact[event.post.contact][event.seq] = &event;
  }
  for (const auto& [contact, events] : by_contact) {
    std::uint64_t last = 0;
    for (const auto& [seq, event] : events) {
      const std::uint64_t enrolment = enrolment_of(run_of("ordered", event->post.number));
      if (enrolment <= last)
        throw Violation{"P3: order " + std::to_string(event->post.number) + " took effect out of turn"};
      last = enrolment;
    }
    for (const auto& [a, first] : events) {
      for (const auto& [b, second] : events) {
        const std::uint64_t told = posts_.at(first->post.number).acknowledged;
        if (told != 0 && told < posts_.at(second->post.number).first_posted && a > b)
          throw Violation{"P3: order " + std::to_string(first->post.number) + " was acknowledged before " +
                          std::to_string(second->post.number) + " was posted and comes behind it"};
      }
    }
  }
}

/// Nothing but what events asked for.
void Books::settle_totals() const {
  std::map<std::string, std::size_t> wanted, there;
  for (const auto& [number, event] : effective_) {
    if (event.post.type == "order_placed") {
      for (const char* what : {"ordered", "Order received", "shipped", "rating"}) ++wanted[what];
    } else if (event.post.type == "visited") {
      for (const char* what : {"visit", "ended"}) ++wanted[what];
    }
  }
  for (const auto& [name, key] : keys_) {
    std::string what = key.what.substr(0, key.what.find("_v"));
    if (what == "paid" || what == "late") what = "ended";
    if (what != "Welcome" && what != "unrated") ++there[what];
  }
  for (const auto& [what, count] : there) {
    if (wanted[what] != count)
      throw Violation{"P2: " + std::to_string(count) + " of " + what + " instead of " +
                      std::to_string(wanted[what])};
  }
}

}  // namespace wf::simulate
