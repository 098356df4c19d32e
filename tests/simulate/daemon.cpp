#include "tests/simulate/daemon.hpp"

namespace wf::simulate {

Result<void> Daemon::start(const std::string& bundle) {
  store::OpenOptions options;
  options.vfs = parts_.vfs;
  auto store = store::open_store("sqlite:/data", options);
  if (!store) return store.error();
  parts_.opened(**store);
  store_ = std::make_unique<WatchedStore>(std::move(*store), parts_.told, parts_.next_mark);
  engine::Options engine_options;
  engine_options.unsubscribe_link = [](engine::Key, std::string_view) { return "https://example.com/u"; };
  engine_options.destinations.emplace();
  engine_options.destinations->mails = 32;
  auto engine = engine::Engine::open(*store_, std::move(engine_options));
  if (!engine) return engine.error();
  engine_ = std::move(*engine);
  const auto status = engine_->status();
  if (!status) return status.error();
  clock_.raise(status->clock);
  if (auto active = engine_->activate(bundle, clock_.now()); !active) return active;
  loop_ = std::make_unique<wfd::EngineLoop>(*store_, *engine_, clock_,
                                            [this](const Error& error) { fatal_ = error; });
  dispatcher_ =
      std::make_unique<wfd::Dispatcher>(mail_into(parts_.outside), calls_into(parts_.outside), wfd::Secrets(),
                                        clock_, [this](engine::EffectAnswer answer) {
                                          woken_ = true;
                                          loop_->answered(std::move(answer));
                                        });
  ingest_ = std::make_unique<api::Ingest>(*store_, clock_, api::IngestOptions{}, [this] {
    woken_ = true;
    loop_->wake();
  });
  service_ = std::make_unique<api::Service>(
      api::Service{std::make_shared<api::Editions>(engine_->program()), clock_, *ingest_, *loop_, links_});
  handler_ = api::make_handler(*service_);
  loop_->attach(*dispatcher_, *ingest_);
  return {};
}

void Daemon::end() {
  ingest_->stop();
  while (ingest_->write_next()) {
  }
  loop_->finish();
}

std::optional<std::int64_t> Daemon::turn() {
  woken_ = false;
  const auto pause = loop_->turn();
  if (!pause) return std::nullopt;
  constexpr std::int64_t kLongest = 1'000'000;
  if (pause->after_failure || pause->length.count() < kLongest) return pause->length.count();
  // The loop looks again each second; here only when there is something to see.
  const auto due = engine_->next_due();
  if (!due) return kLongest;
  if (!*due) return std::nullopt;
  return clock_.until(**due).count();
}

void Daemon::post(const std::string& body, http::Respond respond) {
  http::Request request;
  request.method = "POST";
  request.path = "/v1/events";
  request.headers.emplace_back("content-type", "application/x-ndjson");
  request.body = body;
  handler_(std::move(request), std::move(respond));
}

}  // namespace wf::simulate
