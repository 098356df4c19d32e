// Which bundle is active: deployments, versions, and how an engine begins.
#include "runtime/engine/describe.hpp"
#include "runtime/engine/engine_impl.hpp"
#include "runtime/engine/survey.hpp"

namespace wf::engine {

namespace {

constexpr const char* kProject = "project";  // hash of the bundle that the daemon's project was last
constexpr std::int64_t kCollectEvery = value::kMinute;

}  // namespace

Result<void> EngineImpl::activate(std::string_view bundle, std::int64_t now) {
  const auto deployed = deploy(bundle, now, {});
  return deployed ? Result<void>() : deployed.error();
}

Result<Deployed> EngineImpl::deploy(std::string_view bundle, std::int64_t now, const DeployRequest& request) {
  auto program = bytecode::read_bundle(bundle);
  if (!program) return program.error();
  const bytecode::Hash hash = bytecode::bundle_hash(bundle);
  const std::string hex = bytecode::to_hex(hash), newest = versions_.newest_hash();
  if (!request.expected.empty() && request.expected != newest)
    return Error{ErrorCode::conflict, "another version is active than the one expected"};
  const bool changed = hex != newest;
  const bool was_on = context_.workflows_on;
  std::optional<Versions::Bound> before;
  if (versions_.active_hash() != hex) before = versions_.bind(hash, std::move(*program));
  context_.workflows_on = true;
  const auto outcome = batch(now, [&] {
    reports_.schedule();
    if (request.is_project) context_.batch.frame.meta.push_back({kProject, hex});
    if (!changed) return;
    outbox_.forget_gone();
    versions_.note(bundle, request.note);
    sweep_.begin(newest.empty() ? nullptr : context_.binding(context_.symbols.intern("code", newest)));
  });
  if (!outcome) {
    if (before) versions_.take_back(std::move(*before));
    context_.workflows_on = was_on;
    sweep_.load();
    return outcome.error();
  }
  next_collection_ = 0;
  return Deployed{versions_.list().back(), changed};
}

Result<Deployed> EngineImpl::roll_back(std::uint64_t number, std::int64_t now) {
  const auto wanted = versions_.find(number);
  if (!wanted) return wanted.error();
  const std::string name = "version " + std::to_string(wanted->number);
  const auto kept = bundle(wanted->hash);
  if (!kept) return kept.error();
  if (!*kept) return Error{ErrorCode::not_found, name + " is no longer kept"};
  return deploy(**kept, now, {"rolled back to " + name, "", false});
}

Result<Deployed> EngineImpl::resume(std::string_view project, std::int64_t now) {
  const std::string newest = versions_.newest_hash();
  if (project.empty() && newest.empty())
    return Error{ErrorCode::not_found, "nothing was deployed yet: name a project"};
  if (!project.empty()) {
    const auto seen = context_.store.meta(kProject);
    if (!seen) return seen.error();
    const std::string hex = bytecode::to_hex(bytecode::bundle_hash(project));
    // A store from before projects were noted: it ran this one, or an earlier one.
    if (newest.empty() || !*seen || **seen != hex) return deploy(project, now, {"", "", true});
  }
  const auto kept = bundle(newest);
  if (!kept) return kept.error();
  if (!*kept) return Error{ErrorCode::corrupt, "the active bundle is missing from the store"};
  return deploy(**kept, now, {});
}

Result<std::optional<std::string>> EngineImpl::bundle(const std::string& hash) {
  try {
    return versions_.bundle_of(hash);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::vector<RunningPoint>> EngineImpl::running() {
  try {
    return describe_running(context_);
  } catch (const StoreFailure& failure) {
    return failure.error;
  }
}

Result<std::shared_ptr<Survey>> EngineImpl::survey(std::string_view bundle, std::int64_t now) {
  auto program = bytecode::read_bundle(bundle);
  if (!program) return program.error();
  return make_survey(context_, std::make_shared<const bytecode::Program>(std::move(*program)),
                     bytecode::bundle_hash(bundle), now);
}

Result<void> EngineImpl::prepare(std::string_view bundle, std::int64_t now) {
  auto program = bytecode::read_bundle(bundle);
  if (!program) return program.error();
  (void)versions_.bind(bytecode::bundle_hash(bundle), std::move(program).value());
  context_.workflows_on = false;
  return batch(now, [] {});
}

void EngineImpl::collect_garbage() {
  if (!versions_.is_suspicious() || context_.now < next_collection_) return;
  next_collection_ = context_.now + kCollectEvery;
  versions_.collect();
}

Result<std::unique_ptr<Engine>> Engine::open(store::Store& store, Options options) {
  auto engine = std::make_unique<EngineImpl>(store, std::move(options));
  if (const auto loaded = engine->load(); !loaded) return loaded.error();
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace wf::engine
