#include "runtime/wfd/watch.hpp"

#include <chrono>

#include "runtime/log/log.hpp"

namespace wf::wfd {

namespace {

constexpr std::chrono::milliseconds kEvery{250};
constexpr int kLooksPerBeat = 120;  // 30 seconds

}  // namespace

Watch::Watch(DiskGuard& disk, api::Clock& clock, api::Ingest& ingest, RunFile run)
    : disk_(disk), clock_(clock), ingest_(ingest), run_(std::move(run)) {
  look(true);
  thread_ = std::thread([this] { this->run(); });
}

Watch::~Watch() {
  if (thread_.joinable()) stop(false);
}

void Watch::run() {
  for (int looks = 1;; ++looks) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, kEvery, [this] { return stopping_; })) return;
    }
    look(looks % kLooksPerBeat == 0);
  }
}

void Watch::look(bool beat) {
  disk_.check();
  ingest_.set_full(disk_.is_low());
  clock_.consider();
  const bool suspect = clock_.health().suspect;
  if (suspect && !suspect_) log::error("the machine's clock has jumped forwards and is not believed");
  suspect_ = suspect;
  if (!beat) return;
  if (const auto written = run_.beat(clock_.now()); !written)
    log::warning("the file that tells when the daemon ran could not be written",
                 {{"reason", written.error().message}});
}

void Watch::stop(bool in_order) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  thread_.join();
  if (in_order) (void)run_.end(clock_.now());
}

}  // namespace wf::wfd
