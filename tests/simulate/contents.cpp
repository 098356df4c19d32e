#include "tests/simulate/contents.hpp"

#include <algorithm>
#include <limits>

#include "grammar/value/codec.hpp"

namespace wf::simulate {

namespace {

constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kAll = 100'000;

std::string digest(const std::string& bytes) {
  return std::to_string(bytes.size()) + ":" + std::to_string(value::hash64(bytes));
}

std::string number(auto n) {
  return std::to_string(n);
}

void add_records(store::Store& store, std::vector<std::string>& out) {
  for (const auto& [key, row] : must(store.scan(0, kAll), "reading records")) {
    std::string line = "record " + number(key) + " " + digest(row.hot) + " " + digest(row.cold) + " history";
    store::HistoryRef from = row.history;
    while (from.frame != 0) {
      for (const auto& entry : must(store.history(from, 100), "reading a history"))
        line += " " + digest(entry.body);
    }
    out.push_back(std::move(line));
  }
}

void add_work(store::Store& store, std::vector<std::string>& out) {
  for (const store::Timer& t : must(store.timers_due(kEver, kAll), "reading timers")) {
    out.push_back("timer " + number(t.due) + " " + number(t.record) + " " + number(t.enrolment) + " " +
                  number(t.step) + " " + number(t.kind));
  }
  for (std::size_t state = 0; state < store::kEffectStates; ++state) {
    const auto effects =
        must(store.effects(static_cast<store::EffectState>(state), kEver, kAll), "reading effects");
    for (const store::Effect& e : effects) {
      out.push_back("effect " + number(state) + " " + number(e.next_at) + " " + number(e.id) + " " +
                    number(e.record) + " " + number(e.attempts) + " " + digest(e.body));
    }
  }
}

void add_names(store::Store& store, const Names& names, std::vector<std::string>& out) {
  const std::vector<bool> seen = must(store.seen(names.ids), "reading ids");
  std::string ids = "seen ";
  for (const bool one : seen) ids += one ? '1' : '0';
  out.push_back(std::move(ids));
  for (const auto& [object, id] : names.identities) {
    const auto key = must(store.find(object, id), "finding a record");
    out.push_back("identity " + number(object) + " " + id + " " + number(key.value_or(0)));
  }
  for (const auto& [assoc, to] : names.links) {
    std::string line = "links " + number(assoc) + " " + number(to);
    for (const store::Key key : must(store.linked_from(assoc, to, 0, kAll), "reading links"))
      line += " " + number(key);
    out.push_back(std::move(line));
  }
  for (const std::string& key : names.meta) {
    const auto v = must(store.meta(key), "reading meta");
    out.push_back("meta " + key + " " + (v ? digest(*v) : "none"));
  }
  std::vector<std::string> lines;
  for (const auto& s : must(store.symbols(), "reading symbols"))
    lines.push_back("symbol " + number(s.id) + " " + s.name);
  for (const auto& s : must(store.stats(), "reading counts"))
    lines.push_back("count " + s.name + " " + number(s.delta));
  std::sort(lines.begin(), lines.end());
  out.insert(out.end(), lines.begin(), lines.end());
}

}  // namespace

std::vector<std::string> contents(store::Store& store, const Names& names) {
  std::vector<std::string> out;
  const store::StoreFigures figures = store.figures();
  out.push_back("frames " + number(figures.last_frame) + " accepted " + number(figures.accepted) +
                " consumed " + number(figures.consumed));
  store::InputSeq after = figures.consumed;
  for (const store::Input& input : must(store.pull(after, kAll), "reading inputs")) {
    out.push_back("input " + number(input.seq) + " " + number(input.received_at) + " " +
                  number(input.dedupe[0]) + " " + digest(input.body));
  }
  add_records(store, out);
  add_work(store, out);
  add_names(store, names, out);
  return out;
}

std::string difference(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  const auto [l, r] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  if (l == left.end() && r == right.end()) return {};
  return (l == left.end() ? "nothing" : *l) + "\n  instead of: " + (r == right.end() ? "nothing" : *r);
}

}  // namespace wf::simulate
