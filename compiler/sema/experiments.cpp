#include "compiler/sema/experiments.hpp"

#include <algorithm>
#include <set>

#include "compiler/schema/report.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/steps.hpp"

namespace wf::sema {
namespace {

using bytecode::kBuckets;
using bytecode::WinnerBy;

/// Of one percent, in micros: 100 buckets.
constexpr std::int64_t kMicrosPerBucket = value::kMicro / 100;

struct MetricRow {
  std::string_view word;
  WinnerBy by;
  std::string_view event;  ///< the reaction to a mail
};
constexpr MetricRow kMetrics[] = {
    {"clicks", WinnerBy::clicks, "email_clicked"},
    {"opens", WinnerBy::opens, "email_opened"},
    {"goal", WinnerBy::goal, ""},
};

void collect_emails(const Block& block, std::set<std::uint32_t>& emails) {
  for (const Step& step : block) {
    if (const auto* send = std::get_if<Send>(&step.node)) emails.insert(send->email);
    each_block(step, [&](const Block& inner) { collect_emails(inner, emails); });
  }
}

/// What the bodies of a mail show, by path; the subject is what experiments vary.
void collect_shown(const bytecode::Email& email, std::set<std::string>& shown) {
  for (const bytecode::Template* content : {&email.html, &email.text}) {
    for (const bytecode::TemplateRead& read : content->reads) {
      const bool is_value = read.source == bytecode::PlaceholderSource::argument;
      if (is_value && read.argument < email.placeholders.size())
        shown.insert(email.placeholders[read.argument]);
    }
  }
}

class ExperimentCheck {
 public:
  ExperimentCheck(Context& context, const Scope& scope, const ast::Experiment& source, Span span)
      : context_(context), scope_(scope), source_(source), span_(span) {}

  std::optional<Experiment> run() {
    const auto& all = context_.schema.experiments;
    const auto known = std::find(all.begin(), all.end(), &source_);
    auto key = check_value(context_, scope_, *source_.key);
    check_shares();
    check_arms();
    const std::vector<Block> bodies = check_bodies();
    check_winner(bodies);
    compare_mails();
    if (!key || known == all.end() || !ok_) return std::nullopt;
    out_.name = source_.name.text;
    out_.workflow = scope_.workflow->name;
    Experiment experiment;
    experiment.experiment = static_cast<std::uint32_t>(known - all.begin());
    experiment.key = std::move(*key);
    experiment.bodies = bodies;
    context_.catalogue().experiments[experiment.experiment] = std::move(out_);
    return experiment;
  }

 private:
  void refuse(Code code, Span span, std::string message, std::string label) {
    context_.sink.report(code, span, std::move(message)).primary.text = std::move(label);
    ok_ = false;
  }

  void check_shares() {
    std::int64_t sum = 0;
    for (const ast::Experiment::Arm& arm : source_.arms) {
      if (!arm.share.percent || arm.share.micros % kMicrosPerBucket != 0 || arm.share.micros <= 0) {
        return refuse(Code::invalid_shares, arm.span, "this is no share of an experiment",
                      "expected a percentage with at most two decimals, such as `12.5%`");
      }
      sum += arm.share.micros / kMicrosPerBucket;
    }
    const std::string percent = value::format_decimal(sum * kMicrosPerBucket) + " %";
    if (source_.rest && sum >= kBuckets) {
      return refuse(Code::invalid_shares, source_.name.span, "the variants leave nothing for the rest",
                    "they make " + percent);
    }
    if (!source_.rest && sum != kBuckets) {
      refuse(Code::invalid_shares, source_.name.span, "the shares of an experiment make 100 %",
             "these make " + percent);
    }
  }

  void check_arms() {
    std::map<std::string, Span> names;
    bool has_variant = false;
    for (const ast::Experiment::Arm& arm : source_.arms) {
      has_variant |= !arm.is_holdout;
      const auto [first, added] = names.try_emplace(arm.name.text, arm.name.span);
      if (!added) {
        schema::report_duplicate(context_.sink, arm.name.span, first->second, "variant", arm.name.text);
        ok_ = false;
      }
      bytecode::ExperimentArm lowered;
      lowered.name = arm.name.text;
      lowered.share = static_cast<std::uint32_t>(arm.share.micros / kMicrosPerBucket);
      lowered.is_holdout = arm.is_holdout;
      out_.arms.push_back(std::move(lowered));
    }
    if (!has_variant)
      refuse(Code::missing_field, source_.name.span, "an experiment has variants",
             "add `variant a 50% { … }`");
  }

  std::vector<Block> check_bodies() {
    // The rest waits for the winner.
    if (source_.rest) forget(*scope_.flow);
    std::vector<Block> bodies;
    std::optional<Flow> after;
    for (const ast::Experiment::Arm& arm : source_.arms) {
      Flow flow = *scope_.flow;
      flow.untold = true;
      Scope inside = scope_;
      inside.flow = &flow;
      bodies.push_back(arm.body ? check_block(context_, inside, *arm.body) : Block());
      after = after ? joined(*after, flow) : flow;
    }
    if (after) *scope_.flow = std::move(*after);
    return bodies;
  }

  void check_winner(const std::vector<Block>& bodies) {
    std::set<std::uint32_t> any;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      std::set<std::uint32_t> emails;
      collect_emails(bodies[i], emails);
      any.insert(emails.begin(), emails.end());
      out_.arms[i].emails.assign(emails.begin(), emails.end());
    }
    if (!source_.rest) return;
    const ast::Name& metric = source_.rest->metric;
    const auto* row = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                   [&](const MetricRow& r) { return r.word == metric.text; });
    if (row == std::end(kMetrics)) {
      std::vector<std::string> words;
      for (const MetricRow& r : kMetrics) words.emplace_back(r.word);
      schema::report_unknown(context_.sink, Code::unknown_name, metric.span,
                             "a winner is not chosen by `" + metric.text + "`", metric.text, words);
      ok_ = false;
      return;
    }
    out_.winner_by = row->by;
    const auto after = check_duration(context_, source_.rest->after, metric.span, false);
    ok_ = ok_ && after;
    out_.after = after.value_or(0);
    if (out_.after > bytecode::kLongestLimit)
      return refuse(Code::out_of_range, metric.span, "the winner is chosen within a year", "this is later");
    if (row->by == WinnerBy::goal) {
      if (scope_.workflow->has_goal) return;
      return refuse(Code::no_winner, metric.span, "the workflow has no goal to choose the winner by",
                    "add `goal …` to the workflow");
    }
    if (any.empty()) {
      return refuse(Code::no_winner, metric.span,
                    "no variant sends a mail, so there are no " + metric.text + " to choose the winner by",
                    "expected a variant with `send email.…`");
    }
    take_event(std::string(row->event), metric);
  }

  /// WF394: of variants that send as many mails, one shows what another leaves out.
  void compare_mails() {
    std::vector<std::set<std::string>> shown(out_.arms.size());
    std::set<std::string> all;
    std::size_t mails = 0;
    for (std::size_t i = 0; i < out_.arms.size(); ++i) {
      const auto& emails = out_.arms[i].emails;
      if (out_.arms[i].is_holdout) continue;
      if (emails.empty() || (mails != 0 && emails.size() != mails)) return;
      mails = emails.size();
      for (const std::uint32_t email : emails) collect_shown(context_.catalogue().emails[email], shown[i]);
      all.insert(shown[i].begin(), shown[i].end());
    }
    text::Diagnostic* d = nullptr;
    for (std::size_t i = 0; i < out_.arms.size(); ++i) {
      if (out_.arms[i].is_holdout || shown[i] == all) continue;
      if (!d)
        d = &context_.sink.report(Code::variants_differ, source_.name.span,
                                  "the mails of the variants do not show the same values");
      std::string missing;
      for (const std::string& path : all) {
        if (shown[i].count(path) == 0) missing += (missing.empty() ? "`" : ", `") + path + "`";
      }
      d->secondary.push_back({source_.arms[i].name.span, "without " + missing});
    }
  }

  void take_event(const std::string& name, const ast::Name& metric) {
    out_.event = context_.catalogue().find_event(name);
    const auto is_email = [](const bytecode::EventParameter& p) {
      return p.type.kind == value::Kind::resource &&
             p.type.aux == static_cast<std::uint32_t>(ResourceKind::email);
    };
    if (out_.event != kNone) {
      const auto& parameters = context_.catalogue().events[out_.event].parameters;
      const auto found = std::find_if(parameters.begin(), parameters.end(), is_email);
      if (found != parameters.end()) {
        out_.parameter = static_cast<std::uint32_t>(found - parameters.begin());
        return;
      }
    }
    refuse(Code::no_winner, metric.span, "no event `" + name + "` with an e-mail is declared",
           "nothing counts the " + metric.text);
  }

  Context& context_;
  const Scope& scope_;
  const ast::Experiment& source_;
  Span span_;
  bytecode::Experiment out_;
  bool ok_ = true;
};

}  // namespace

std::optional<Experiment> check_experiment(Context& context, const Scope& scope,
                                           const ast::Experiment& source, Span span) {
  return ExperimentCheck(context, scope, source, span).run();
}

}  // namespace wf::sema
