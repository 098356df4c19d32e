#include "runtime/wfd/dispatcher.hpp"

#include <algorithm>

#include "grammar/value/calendar.hpp"
#include "runtime/api/json.hpp"
#include "runtime/log/log.hpp"

namespace wf::wfd {

using engine::AnswerKind;

namespace {

/// Of memory only: the engine limits what is under way to each destination.
constexpr std::size_t kMostAtOnce = 20'000;
constexpr int kThreads = 4;
constexpr int kGone = 410;

/// A reply is a small JSON object; anything else is no reply.
constexpr std::size_t kMaxReply = 64 << 10;

std::optional<value::Map> read_reply(const std::string& body) {
  if (body.size() > kMaxReply) return std::nullopt;
  const auto parsed = api::parse_json(body);
  if (!parsed || parsed->kind() != value::Kind::map) return std::nullopt;
  return parsed->as_map();
}

AnswerKind to_answer(channels::Outcome outcome) {
  switch (outcome) {
    case channels::Outcome::delivered:
      return AnswerKind::delivered;
    case channels::Outcome::retry:
      return AnswerKind::retry;
    case channels::Outcome::refused:
      return AnswerKind::refused;
    case channels::Outcome::uncertain:
      break;
  }
  return AnswerKind::uncertain;
}

}  // namespace

Dispatcher::Dispatcher(std::unique_ptr<channels::MailChannel> mail,
                       std::unique_ptr<channels::CallChannel> call, Secrets secrets, const api::Clock& clock,
                       Answered answered)
    : secrets_(std::move(secrets)),
      clock_(clock),
      answered_(std::move(answered)),
      mail_(std::move(mail)),
      call_(std::move(call)) {}

void Dispatcher::start() {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { run(); });
}

Dispatcher::~Dispatcher() {
  stop();
}

void Dispatcher::give(std::vector<engine::Delivery> deliveries) {
  const std::lock_guard lock(mutex_);
  for (engine::Delivery& delivery : deliveries) {
    ++handed_over_;
    queue_.push_back(std::move(delivery));
  }
  wake_.notify_all();
}

std::size_t Dispatcher::room() const {
  const std::lock_guard lock(mutex_);
  return stopping_ ? 0 : kMostAtOnce - std::min(kMostAtOnce, handed_over_);
}

bool Dispatcher::busy() const {
  const std::lock_guard lock(mutex_);
  return handed_over_ > 0;
}

value::Map Dispatcher::health() const {
  value::Map channels;
  const std::lock_guard lock(mutex_);
  for (const auto& [target, failure] : failures_) {
    channels.emplace_back(
        target,
        value::Value::map({{"failing_since", value::Value::text(value::format_instant(failure.since))},
                           {"failures", value::Value::integer(static_cast<std::int64_t>(failure.times))},
                           {"detail", value::Value::text(failure.detail)}}));
  }
  return channels;
}

void Dispatcher::stop() {
  std::deque<engine::Delivery> unstarted;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    unstarted.swap(queue_);
    wake_.notify_all();
  }
  for (const engine::Delivery& delivery : unstarted) {
    answered_({delivery.effect, AnswerKind::retry, "the daemon was stopped", std::nullopt});
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  mail_.reset();
  call_.reset();
}

void Dispatcher::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const engine::Delivery delivery = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    deliver(delivery);
  }
}

bool Dispatcher::deliver_next() {
  std::unique_lock lock(mutex_);
  if (queue_.empty()) return false;
  const engine::Delivery delivery = std::move(queue_.front());
  queue_.pop_front();
  lock.unlock();
  deliver(delivery);
  return true;
}

void Dispatcher::deliver(const engine::Delivery& delivery) {
  if (const auto* mail = std::get_if<engine::MailDelivery>(&delivery.what)) return send(delivery, *mail);
  call(delivery, std::get<engine::CallDelivery>(delivery.what));
}

void Dispatcher::send(const engine::Delivery& delivery, const engine::MailDelivery& from) {
  channels::Mail mail;
  mail.key = delivery.key;
  mail.from_name = from.from_name;
  mail.from_address = from.from_address;
  mail.to_address = from.to_address;
  mail.subject = from.subject;
  mail.text = from.text;
  mail.html = from.html;
  mail.reply_to = from.reply_to;
  mail.date = clock_.now();
  if (from.mail_class == bytecode::MailClass::marketing && !from.unsubscribe_url.empty()) {
    mail.headers.emplace_back("List-Unsubscribe", "<" + from.unsubscribe_url + ">");
    mail.headers.emplace_back("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  }
  mail_->send(std::move(mail), [this, effect = delivery.effect](const channels::Answer& answer) {
    settle("mail", {effect, to_answer(answer.outcome), answer.detail, {}});
  });
}

void Dispatcher::call(const engine::Delivery& delivery, const engine::CallDelivery& from) {
  const std::string target = "webhook." + from.webhook;
  channels::Call call;
  call.key = delivery.key;
  call.url = from.url;
  call.body = from.body;
  call.timestamp = clock_.now();
  for (const auto& [name, value] :
       {std::pair{&from.url_secret, &call.url}, {&from.sign_secret, &call.secret}}) {
    if (name->empty()) continue;
    const auto secret = secrets_.find(*name);
    if (!secret) {
      return settle(target, {delivery.effect, AnswerKind::retry, "the secret " + *name + " is not set", {}});
    }
    *value = *secret;
  }
  const bool wants_reply = from.wants_reply;
  call_->call(
      std::move(call), [this, target, wants_reply, effect = delivery.effect](const channels::Answer& answer) {
        const std::string status = answer.status == 0 ? "" : std::to_string(answer.status);
        const std::string detail =
            status.empty() || answer.detail.empty() ? status + answer.detail : status + " " + answer.detail;
        const AnswerKind kind = answer.status == kGone ? AnswerKind::gone : to_answer(answer.outcome);
        settle(target, {effect, kind, detail, wants_reply ? read_reply(answer.body) : std::nullopt,
                        answer.retry_after * value::kSecond});
      });
}

void Dispatcher::settle(const std::string& target, engine::EffectAnswer answer) {
  note(target, answer.kind == AnswerKind::retry || answer.kind == AnswerKind::uncertain, answer.detail);
  {
    const std::lock_guard lock(mutex_);
    --handed_over_;
  }
  answered_(std::move(answer));
}

/// A channel that starts or stops to fail is worth one line each, not one per delivery.
void Dispatcher::note(const std::string& target, bool failed, const std::string& detail) {
  const std::lock_guard lock(mutex_);
  const auto it = failures_.find(target);
  if (!failed) {
    if (it == failures_.end()) return;
    log::info("a channel works again", {{"channel", target}, {"failures", it->second.times}});
    failures_.erase(it);
    return;
  }
  if (it != failures_.end()) {
    it->second.detail = detail;
    ++it->second.times;
    return;
  }
  log::warning("a channel fails", {{"channel", target}, {"reason", detail}});
  failures_[target] = {detail, clock_.now(), 1};
}

}  // namespace wf::wfd
