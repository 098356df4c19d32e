// How the cost of an event grows with what does not concern it: with active workflows, and with contacts.
// The engine over the SQLite store in one process; processor time, which other load moves less than wall
// time.
#include <algorithm>
#include <filesystem>
#include <random>
#include <string_view>

#include "grammar/value/calendar.hpp"
#include "tests/bench/report.hpp"
#include "tests/bench/world.hpp"

namespace {

using namespace wf;
namespace files = std::filesystem;

// ---- what grows ----

/// Workflows come in blocks of ten as in a real project: four wait for a form of their own, three for a value
/// of a property that only the block reads, three for a condition over it and one that all blocks read.
constexpr std::size_t kBlock = 10, kForms = 4;
// Contacts have as many properties however many workflows there are: only what is measured grows.
constexpr std::size_t kStageProperties = 100, kMostWorkflows = 10'000;
constexpr std::size_t kStages = (kBlock - kForms) * (kMostWorkflows / kBlock / kStageProperties);

std::string stage_property_of(std::size_t workflow) {
  return "stage_" + std::to_string(workflow / kBlock % kStageProperties);
}

std::string stage_of(std::size_t workflow) {
  const std::size_t round = workflow / kBlock / kStageProperties;
  return "s" + std::to_string(round * (kBlock - kForms) + workflow % kBlock - kForms);
}

std::string trigger_of(std::size_t workflow) {
  const std::size_t place = workflow % kBlock;
  if (place < kForms) return "form.f" + std::to_string(workflow) + " submitted";
  const std::string stage = stage_of(workflow), property = stage_property_of(workflow);
  if (place < kForms + 3) return property + " becomes " + stage;
  return property + " is " + stage + " and plan is any of (free, pro)";
}

std::string project_of(std::size_t workflows) {
  std::string text =
      "project growth { zone \"UTC\" }\n"
      "extend object contact {\n"
      "  plan enum(free, pro, team)?\n  score int = 0\n  seats int?\n";
  for (const char* name : {"industry", "department", "street", "city", "postcode", "region", "website",
                           "campaign", "referrer", "remarks", "language", "segment_hint", "last_product"}) {
    text += std::string("  ") + name + " text?\n";
  }
  text += "  birthday date?\n  signed_up_on date?\n  renewal_on date?\n";
  std::string stages;
  for (std::size_t stage = 0; stage < kStages; ++stage)
    stages += (stage == 0 ? "s" : ", s") + std::to_string(stage);
  for (std::size_t property = 0; property < kStageProperties; ++property)
    text += "  stage_" + std::to_string(property) + " enum(" + stages + ")?\n";
  text += "}\n";
  for (std::size_t w = 0; w < workflows; ++w) {
    const std::string n = std::to_string(w);
    if (w % kBlock < kForms) text += "form f" + n + " { fields (email required) }\n";
    text += "workflow w" + n + " on contact {\n  enroll when " + trigger_of(w) +
            "\n  reenroll every time\n  wait 1 hour\n  set remarks to \"w" + n + "\"\n}\n";
  }
  return text;
}

/// What enrols contact `n` in `workflow`.
engine::InputEvent event_for(std::size_t workflow, std::size_t n) {
  const std::size_t place = workflow % kBlock;
  if (place < kForms) {
    engine::InputEvent e = bench::event("form_submitted", n);
    e.data.emplace_back("form", value::Value::text("form.f" + std::to_string(workflow)));
    return e;
  }
  engine::InputEvent e = bench::event("", n);
  e.kind = engine::InputKind::set;
  e.object = "contact";
  e.properties.emplace_back(stage_property_of(workflow), value::Value::text(stage_of(workflow)));
  return e;
}

// ---- the curves ----

/// Cost at one size: processor time per event, and events a second.
struct Point {
  bench::Row thread, all, rate;
  explicit Point(const std::string& size)
      : thread{size + ": engine thread", "us/event", "", "", {}},
        all{size + ": all threads", "us/event", "", "", {}},
        rate{size + ": events", "events/s", "", "", {}} {}

  /// `work` handles `events` events and ends with a fold, so that it pays for all it caused.
  void measure(std::size_t events, const std::function<void()>& work) {
    const auto count = static_cast<double>(events);
    bench::Processor spent;
    const double seconds = bench::seconds([&] { spent = bench::processor_seconds(work); });
    thread.runs.push_back(1e6 * spent.thread / count);
    all.runs.push_back(1e6 * spent.all / count);
    rate.runs.push_back(count / seconds);
  }
  void print() const {
    bench::print(thread);
    bench::print(all);
    bench::print(rate);
  }
};

/// Cost of the last point over that of the first.
void print_ratio(const std::vector<Point>& points, const std::string& range, const std::string& target) {
  const auto ratio = [](const bench::Row& last, const bench::Row& first) {
    return bench::median(last.runs) / bench::median(first.runs);
  };
  const Point &first = points.front(), &last = points.back();
  bench::print({range + ": engine thread", "times", target, "", {ratio(last.thread, first.thread)}});
  bench::print({range + ": all threads", "times", target, "", {ratio(last.all, first.all)}});
}

// ---- workflows ----

/// Each run's events concern contacts that had none yet: all runs do the same work.
Point measure_workflows(const std::string& base, std::size_t workflows, std::size_t contacts) {
  Point point(std::to_string(workflows) + " workflows");
  const std::string folder = bench::fresh_folder("growth-copy");
  files::copy(base, folder, files::copy_options::recursive);
  {
    bench::World world(folder, bytecode::write_bundle(bench::compiled("growth.wf", project_of(workflows))));
    const auto order = bench::some_contacts(contacts, contacts, 1);
    const std::size_t runs = static_cast<std::size_t>(bench::runs()), events = contacts / runs;
    std::mt19937_64 random(7);
    std::vector<std::uint32_t> chosen(contacts);
    for (auto& w : chosen) w = static_cast<std::uint32_t>(random() % workflows);
    for (std::size_t run = 0; run < runs; ++run) {
      const std::int64_t now = bench::kStart + static_cast<std::int64_t>(run + 1) * value::kDay;
      point.measure(events, [&] {
        world.feed(events, now, [&](std::size_t n) {
          const std::size_t at = run * events + n;
          return event_for(chosen[at], order[at]);
        });
        world.settle(now + 2 * value::kHour);
        world.fold();
      });
    }
    const auto expected = static_cast<std::int64_t>(events * runs);
    std::int64_t enrolled = 0, ended = 0;
    for (const auto& row : bench::must(world.engine().report())) {
      if (!row.subject.starts_with("workflow.")) continue;
      if (row.metric == "enrolled") enrolled += row.count;
      if (row.metric == "ended" && row.detail == "completed") ended += row.count;
    }
    bench::verify(enrolled == expected && ended == expected,
                  "the counts do not agree: " + std::to_string(expected) + " events, " +
                      std::to_string(enrolled) + " enrolled, " + std::to_string(ended) + " completed");
  }
  files::remove_all(folder);
  return point;
}

void grow_workflows(std::size_t most) {
  const std::size_t contacts = 60'000;
  bench::print_header("cost of an event as active workflows grow: " + std::to_string(contacts) +
                      " contacts of 1 KB, each event enrols in one workflow, which waits an hour and ends");
  const std::string base = bench::fresh_folder("growth");
  {
    bench::World world(base, bytecode::write_bundle(bench::compiled("growth.wf", project_of(0))));
    bench::load_contacts(world, 0, contacts);
  }
  std::vector<Point> points;
  for (std::size_t workflows = 10; workflows <= most; workflows *= 10) {
    points.push_back(measure_workflows(base, workflows, contacts));
    points.back().print();
  }
  files::remove_all(base);
  print_ratio(points, "workflows 10 to " + std::to_string(most), "1.5");
}

// ---- contacts ----

void grow_contacts(std::size_t most, bench::ContactSize size) {
  const std::size_t first = 10'000, events = 10'000;
  bench::print_header(
      std::string("cost of an instance of the benchmark flow as contacts grow: contacts of ") +
      (size == bench::ContactSize::full ? "1 KB" : "one property and an address") +
      " at random, 10 other workflows, two mails an instance");
  const std::string folder = bench::fresh_folder("growth");
  std::vector<Point> points;
  {
    bench::World world(folder, bench::flow_bundle());
    std::size_t loaded = 0;
    std::int64_t now = bench::kStart;
    for (std::size_t contacts = first; contacts <= most; contacts *= 10) {
      bench::load_contacts(world, loaded, contacts, now, size);
      loaded = contacts;
      Point& point = points.emplace_back(std::to_string(contacts) + " contacts");
      for (int run = 0; run < bench::runs(); ++run) {
        now += value::kDay;
        const std::int64_t before = world.stat("workflow.bench_flow", "ended");
        const std::size_t sent = world.sent();
        const auto order = bench::some_contacts(events, contacts, static_cast<unsigned>(run + 1));
        point.measure(events, [&] {
          world.feed(events, now, [&](std::size_t n) { return bench::event("flow_started", order[n]); });
          world.settle(now + 2 * value::kSecond);
          world.fold();
        });
        const std::int64_t ended = world.stat("workflow.bench_flow", "ended") - before;
        bench::verify(ended == static_cast<std::int64_t>(events) && world.sent() - sent == 2 * events,
                      "the counts do not agree: " + std::to_string(ended) + " ended, " +
                          std::to_string(world.sent() - sent) + " mails of " + std::to_string(events));
      }
      point.print();
    }
  }
  files::remove_all(folder);
  print_ratio(points, "contacts " + std::to_string(first) + " to " + std::to_string(most), "2.5");
}

}  // namespace

// growth_bench [workflows N | contacts N [small]]: up to 10,000 workflows and 1,000,000 contacts unless said.
int main(int argc, char** argv) {
  const std::string_view part = argc > 1 ? argv[1] : "";
  const std::size_t most = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  const bool small = argc > 3 && std::string_view(argv[3]) == "small";
  if (part.empty() || part == "workflows")
    grow_workflows(most == 0 ? kMostWorkflows : std::min(most, kMostWorkflows));
  if (part.empty() || part == "contacts")
    grow_contacts(most == 0 ? 1'000'000 : most, small ? bench::ContactSize::small : bench::ContactSize::full);
}
