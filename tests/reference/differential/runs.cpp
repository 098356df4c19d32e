#include "tests/reference/differential/runs.hpp"

#include <algorithm>
#include <stdexcept>

#include "compiler/wfc/virtual_run.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::reference {

using bytecode::ResourceKind;
using value::Kind;

namespace {

void need(const Result<void>& result) {
  if (result) return;
  if (result.error().code == ErrorCode::limit) throw Endless();
  throw std::runtime_error(result.error().message);
}

/// Far more than the interpreter lets pass, also among strangers.
constexpr std::size_t kMostEngineLines = 10 * kMostLines;

class EngineRun {
 public:
  EngineRun(const bytecode::Program& program, const Timeline& timeline)
      : program_(program), timeline_(timeline) {
    auto run = wfc::VirtualRun::create(bytecode::write_bundle(program), timeline.start);
    if (!run) throw std::runtime_error(run.error().message);
    run_ = std::move(*run);
    for (const auto& [webhook, statuses] : timeline.scripts) {
      run_->script_webhook(catalogue().webhooks.at(webhook).name, statuses);
    }
    run_->watch_deliveries([this](const engine::Delivery& delivery) { note(delivery); });
  }

  std::vector<Line> run() {
    for (const Input& input : timeline_.given) accept(input);
    need(run_->settle());
    take();
    for (std::size_t i = 0; i < timeline_.inputs.size();) {
      const std::int64_t instant = timeline_.inputs[i].first;
      if (instant > run_->now()) need(run_->advance(instant - 1));
      run_->move_to(instant);
      for (; i < timeline_.inputs.size() && timeline_.inputs[i].first == instant; ++i) {
        accept(timeline_.inputs[i].second);
      }
      need(run_->advance(instant));
    }
    need(run_->advance(timeline_.end));
    take();
    return std::move(trace_);
  }

 private:
  const bytecode::Catalogue& catalogue() const { return program_.catalogue; }

  /// A typed value as the outside would send it.
  Value outside(const Value& v) const {
    if (v.kind() == Kind::enumeration)
      return Value::text(catalogue().enums.at(v.aux()).values.at(v.as_ordinal()));
    if (v.kind() == Kind::resource) {
      return Value::text(catalogue().resource_name(static_cast<ResourceKind>(v.aux()), v.as_resource()));
    }
    if (v.kind() == Kind::ref) return Value::text("test:" + timeline_.names.at(v.as_key()));
    return v;
  }

  void accept(const Input& input) {
    const bytecode::Object& object = catalogue().objects.at(input.object);
    engine::InputEvent event;
    event.object = object.name;
    event.subject = "test:" + input.record;
    event.marketing = input.marketing;
    event.flag = input.flag;
    for (const auto& [property, v] : input.properties) {
      event.properties.emplace_back(object.properties.at(property).name, outside(v));
    }
    switch (input.kind) {
      case Input::Kind::create:
      case Input::Kind::set:
        event.kind = engine::InputKind::upsert;
        break;
      case Input::Kind::event: {
        const bytecode::EventType& type = catalogue().events.at(input.event);
        event.type = type.name;
        for (const auto& [parameter, v] : input.parameters) {
          event.data.emplace_back(type.parameters.at(parameter).name, outside(v));
        }
        if (input.late > 0) event.occurred_at = run_->now() - input.late;
        break;
      }
      case Input::Kind::list:
        event.kind = engine::InputKind::membership;
        event.type = "list." + catalogue().lists.at(input.index).name;
        break;
      case Input::Kind::tag:
        event.kind = engine::InputKind::membership;
        event.type = "tag." + input.tag;
        break;
      case Input::Kind::topic:
        event.kind = engine::InputKind::topic;
        event.type = input.index == kNone ? "" : catalogue().topics.at(input.index).name;
        break;
      case Input::Kind::marketing:
        event.kind = engine::InputKind::marketing;
        break;
      case Input::Kind::enroll:
      case Input::Kind::unenroll:
        event.kind =
            input.kind == Input::Kind::enroll ? engine::InputKind::enroll : engine::InputKind::unenroll;
        event.type = program_.workflows.at(input.index).name;
        break;
    }
    run_->accept(event, input.id);
  }

  /// What was told since the last time goes before a delivery.
  void take() {
    const auto& all = run_->observations();
    for (; taken_ < all.size(); ++taken_) {
      const engine::HistoryItem& item = all[taken_].item;
      trace_.push_back({item.at, all[taken_].record, engine::to_string(item.what),
                        run_->engine().subject_name(item.subject), run_->engine().subject_name(item.workflow),
                        item.detail});
    }
  }

  void note(const engine::Delivery& delivery) {
    take();
    if (trace_.size() > kMostEngineLines) throw Endless();
    Line line{run_->now(), 0, "handed_over", {}, {}, {}};
    if (const auto* mail = std::get_if<engine::MailDelivery>(&delivery.what)) {
      line.subject = "email." + mail->email;
      line.detail =
          mail->to_address + "|" + delivery.key + "|" + mail->subject + "|" + mail->text + "|" + mail->html;
    } else {
      const auto& call = std::get<engine::CallDelivery>(delivery.what);
      line.subject = "webhook." + call.webhook;
      line.detail = delivery.key + "|" + call.body;
    }
    trace_.push_back(std::move(line));
  }

  const bytecode::Program& program_;
  const Timeline& timeline_;
  std::unique_ptr<wfc::VirtualRun> run_;
  std::vector<Line> trace_;
  std::size_t taken_ = 0;
};

}  // namespace

std::vector<Line> run_engine(const bytecode::Program& program, const Timeline& timeline) {
  return EngineRun(program, timeline).run();
}

ReferenceRun run_reference(const Project& project, const Timeline& timeline) {
  Interpreter run(*project.module, timeline.start, timeline.names);
  for (const auto& [webhook, statuses] : timeline.scripts) run.script(webhook, statuses);
  for (const Input& input : timeline.given) run.accept(input);
  run.settle();
  for (std::size_t i = 0; i < timeline.inputs.size();) {
    const std::int64_t instant = timeline.inputs[i].first;
    run.advance(instant - 1);
    run.move_to(instant);
    for (; i < timeline.inputs.size() && timeline.inputs[i].first == instant; ++i) {
      run.accept(timeline.inputs[i].second);
    }
    run.advance(instant);
  }
  run.advance(timeline.end);
  ReferenceRun out{run.trace(), run.seen(), {}};
  for (const auto& [name, key] : run.names()) out.names.emplace_back(key, name);
  return out;
}

std::string text_of(const Line& line, const Timeline& timeline,
                    const std::vector<std::pair<Key, std::string>>& names) {
  std::string name = "-";
  for (const auto& [key, n] : names) {
    if (key == line.record) name = n;
  }
  std::string text = "+" + value::format_compact_duration(line.at - timeline.start) + "\t" + name + "\t";
  text += line.what;
  for (const std::string& part : {line.subject, line.workflow, line.detail}) {
    if (!part.empty()) text += "\t" + part;
  }
  return text;
}

}  // namespace wf::reference
