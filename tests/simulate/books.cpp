#include "tests/simulate/books.hpp"

#include <algorithm>
#include <tuple>

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

std::string text_in(const std::string& body, const std::string& member) {
  const std::size_t at = body.find("\"" + member + "\":\"");
  if (at == body.npos) return {};
  const std::size_t from = at + member.size() + 4;
  return body.substr(from, body.find('"', from) - from);
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

void Books::durable(const Written& written) {
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
  for (; consumed_ < frame.consumed; ++consumed_) consume(inputs_[consumed_], written.at);
  std::uint64_t uncertain = 0;
  for (const store::Effect& effect : frame.effects_put) {
    put_effect(effect, written.at, written.version);
    uncertain += effect.state == store::EffectState::uncertain;
  }
  if (uncertain > kMostUncertain) throw Violation{"more mails than may be in flight became uncertain"};
  uncertain_ += uncertain;
  for (const std::uint64_t id : frame.effects_removed) settled_.insert(key_of_[id]);
}

void Books::consume(const store::Input& input, std::int64_t now) {
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
    effective_[number] = {posts_.at(number), input.seq, input.received_at, now};
  }
}

void Books::put_effect(const store::Effect& effect, std::int64_t now, int version) {
  const auto body = engine::decode_effect(effect.body);
  if (!body) throw Violation{"an effect cannot be read"};
  const std::string key = engine::effect_key(*body);
  const auto [known, fresh] = made_.try_emplace(key, Made{effect.id, now, version, effect.attempts});
  if (!fresh && known->second.effect != effect.id) throw Violation{"two effects have the key " + key};
  const auto [other, first] = key_of_.try_emplace(effect.id, key);
  if (!first && other->second != key) throw Violation{"the key " + other->second + " became " + key};
  if (settled_.contains(key)) throw Violation{"the effect " + key + " came back after it was settled"};
  const auto before = states_.find(key);
  if (before != states_.end() && before->second == store::EffectState::attempted &&
      effect.state == store::EffectState::ready && effect.attempts == known->second.attempts)
    throw Violation{"P6: nobody knows whether " + key + " arrived, and it is sent again"};
  known->second.attempts = effect.attempts;
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
  if (state == states_.end())
    throw Violation{"P4: the effect " + attempt.key + " left before it was durable"};
  if (settled_.contains(attempt.key))
    throw Violation{"P5: " + attempt.key + " was tried again after its answer was recorded"};
  const bool held = attempt.mail && attempt.what == "Welcome";
  if (held && state->second != store::EffectState::attempted)
    throw Violation{"P6: the mail " + attempt.key + " left without a record of the attempt"};
  Key& key = keys_[attempt.key];
  if (key.attempts == 0) {
    const std::string contact = attempt.mail ? attempt.to : text_in(attempt.body, "email");
    key = {run_of_key(attempt.key), attempt.what, attempt.body, contact, 0, 0, now};
  }
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

std::vector<const Books::Key*> Books::all(const std::string& what, const std::string& contact) const {
  std::vector<const Key*> out;
  for (const auto& [name, key] : keys_) {
    if (key.what == what && key.contact == contact) out.push_back(&key);
  }
  return out;
}

void Books::settle(const std::map<std::string, Shown>& shown) const {
  settle_acknowledged();
  for (const auto& [contact, record] : shown) {
    settle_timeline(contact, record);
    std::int64_t orders = 0, visits = 0;
    for (const auto& [number, event] : effective_) {
      if (event.post.contact != contact) continue;
      orders += event.post.type == "order_placed";
      visits += event.post.type == "visited";
    }
    const auto unrated = static_cast<std::int64_t>(all("unrated", contact).size());
    // Nobody waits for the answer any more once the time for it is over, so the call may never leave.
    std::int64_t not_called = 0;
    for (const Key* key : all("unrated", contact)) not_called += keys("rating", key->run).empty() ? 1 : 0;
    const auto ratings = static_cast<std::int64_t>(all("rating", contact).size());
    const std::tuple<const char*, std::int64_t, std::int64_t> counts[] = {
        {"orders counted", record.orders_seen, orders},
        {"points and failures to rate", record.points + unrated, orders},
        {"calls of ordered", all("ordered", contact).size(), orders},
        {"calls of rating", ratings + not_called, orders},
        {"receipts", all("Order received", contact).size(), orders},
        {"calls of shipped", all("shipped_v1", contact).size() + all("shipped_v2", contact).size(), orders},
        {"calls of visit", all("visit", contact).size(), visits},
        {"ends of visits", all("paid", contact).size() + all("late", contact).size(), visits},
    };
    for (const auto& [what, there, wanted] : counts) {
      if (there != wanted)
        throw Violation{"P2: " + contact + " has " + std::to_string(there) + " " + what + " instead of " +
                        std::to_string(wanted)};
    }
    for (const Key* ordered : all("ordered", contact)) settle_order(*ordered);
    for (const Key* visit : all("visit", contact)) settle_visit(*visit);
  }
  for (const auto& [name, key] : keys_) {
    const bool timed_out = key.what == "rating" && !keys("unrated", key.run).empty();
    if (key.taken > 0 || timed_out || key.what == "Welcome") continue;
    if (states_.at(name) != store::EffectState::uncertain)
      throw Violation{"P5: " + name + " " + key.what + " never arrived"};
  }
}

void Books::settle_acknowledged() const {
  for (const auto& [number, post] : posts_) {
    if (post.acknowledged == 0) continue;
    if (!accepted_ids_.contains(api::dedupe_id("simulation", std::to_string(number))))
      throw Violation{"P1: event " + std::to_string(number) + " was acknowledged and is not stored"};
  }
  if (consumed_ != inputs_.size()) throw Violation{"accepted inputs were never consumed"};
}

/// Each event of the contact once, in the order of acceptance, which is that of acknowledgement.
void Books::settle_timeline(const std::string& contact, const Shown& shown) const {
  std::map<std::uint64_t, const Effective*> by_seq;
  for (const auto& [number, event] : effective_) {
    if (event.post.contact == contact) by_seq[event.seq] = &event;
  }
  std::vector<std::uint64_t> wanted;
  for (const auto& [seq, event] : by_seq) wanted.push_back(event->post.number);
  if (wanted != shown.events) {
    std::string text;
    for (const std::uint64_t number : shown.events) text += " " + std::to_string(number);
    text += " instead of";
    for (const std::uint64_t number : wanted) text += " " + std::to_string(number);
    throw Violation{"P3: the timeline of " + contact + " tells" + text};
  }
  for (const auto& [a, first] : by_seq) {
    for (const auto& [b, second] : by_seq) {
      const std::uint64_t told = posts_.at(first->post.number).acknowledged;
      if (told != 0 && told < posts_.at(second->post.number).first_posted && a > b)
        throw Violation{"P3: event " + std::to_string(first->post.number) + " was acknowledged before " +
                        std::to_string(second->post.number) + " was posted and comes behind it"};
    }
  }
}

void Books::settle_order(const Key& ordered) const {
  const std::string of = "order " + ordered.run;
  one("Order received", ordered.run, of);
  const Made& made = made_.at(ordered.run + ":1:1");
  const Key& shipped = one("shipped_v" + std::to_string(made.version), ordered.run, of);
  if (shipped.first_at < made.at + kHour) throw Violation{"P7: " + of + " was shipped too early"};
}

void Books::settle_visit(const Key& visit) const {
  const std::string of = "visit " + visit.run;
  const auto paid = keys("paid", visit.run), late = keys("late", visit.run);
  if (paid.size() + late.size() != 1)
    throw Violation{"P7: " + of + " ended " + std::to_string(paid.size() + late.size()) + " times"};
  const std::int64_t began = made_.at(visit.run + ":1:0").at, deadline = began + kWindow;
  bool in_time = false, ever = false;
  for (const auto& [number, event] : effective_) {
    if (event.post.type != "paid" || event.post.contact != visit.contact) continue;
    ever |= event.applied_at >= began;
    in_time |= event.applied_at > began && event.applied_at < deadline;
  }
  if (in_time && paid.empty()) throw Violation{"P7: " + of + " was paid in time and counts as late"};
  if (!ever && !paid.empty()) throw Violation{of + " counts as paid and was not"};
  if (!late.empty() && late.front()->first_at < deadline)
    throw Violation{"P7: " + of + " counted as late too early"};
  settle_welcome(visit);
}

/// Who never unsubscribed gets it, unless its fate is unknown.
void Books::settle_welcome(const Key& visit) const {
  const auto welcome = keys("Welcome", visit.run);
  if (welcome.size() > 1) throw Violation{"P5: two welcomes for visit " + visit.run};
  const auto consent = consents_.find(visit.contact);
  if (!welcome.empty() || (consent != consents_.end() && consent->second.ever_refused)) return;
  if (states_.at(visit.run + ":1:1") != store::EffectState::uncertain)
    throw Violation{"P5: the welcome of visit " + visit.run + " was never sent"};
}

}  // namespace wf::simulate
