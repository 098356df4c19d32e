// The discard channel: every mail counts as delivered and goes nowhere.
#include "runtime/channels/channel.hpp"

namespace wf::channels {

namespace {

class DiscardChannel final : public MailChannel {
 public:
  void send(Mail, Done done) override { done({Outcome::delivered, "discarded", 0, {}}); }
  bool idempotent() const override { return true; }
};

}  // namespace

std::unique_ptr<MailChannel> make_discard_channel() {
  return std::make_unique<DiscardChannel>();
}

}  // namespace wf::channels
