#include "compiler/wfc/difference.hpp"

#include <algorithm>
#include <map>

namespace wf::wfc {

using bytecode::Fact;
using bytecode::Item;
using bytecode::StepFact;
using value::Value;

namespace {

constexpr std::size_t kShown = 160;  ///< bytes of a value in the text

// ---- facts
// ------------------------------------------------------------------------------------------------------

/// Facts with the same name: what both have goes away, one against one is a change, the rest comes and goes.
void compare_facts(const std::string& what, std::vector<const Fact*> before, std::vector<const Fact*> after,
                   std::vector<DetailChange>& out) {
  for (auto it = before.begin(); it != before.end();) {
    const auto same =
        std::find_if(after.begin(), after.end(), [&](const Fact* f) { return f->exact == (*it)->exact; });
    if (same == after.end()) {
      ++it;
      continue;
    }
    after.erase(same);
    it = before.erase(it);
  }
  if (before.size() == 1 && after.size() == 1) {
    out.push_back({ChangeKind::changed, what, before[0]->words, after[0]->words});
    return;
  }
  for (const Fact* fact : before) out.push_back({ChangeKind::removed, what, fact->words, ""});
  for (const Fact* fact : after) out.push_back({ChangeKind::added, what, "", fact->words});
}

std::vector<DetailChange> fact_changes(const Item& before, const Item& after) {
  std::vector<std::string> order;
  std::map<std::string, std::pair<std::vector<const Fact*>, std::vector<const Fact*>>> groups;
  for (const Fact& fact : after.facts) {
    if (!groups.contains(fact.what)) order.push_back(fact.what);
    groups[fact.what].second.push_back(&fact);
  }
  for (const Fact& fact : before.facts) {
    if (!groups.contains(fact.what)) order.push_back(fact.what);
    groups[fact.what].first.push_back(&fact);
  }
  std::vector<DetailChange> out;
  for (const std::string& what : order) compare_facts(what, groups[what].first, groups[what].second, out);
  return out;
}

// ---- steps
// ------------------------------------------------------------------------------------------------------

bool is_same_step(const StepFact& a, const StepFact& b) {
  return a.label == b.label && a.place == b.place;
}

/// The longest common sequence of steps, as pairs of places.
std::vector<std::pair<std::size_t, std::size_t>> common_steps(const std::vector<StepFact>& a,
                                                              const std::vector<StepFact>& b) {
  std::vector<std::vector<std::uint32_t>> length(a.size() + 1, std::vector<std::uint32_t>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      length[i][j] =
          is_same_step(a[i], b[j]) ? length[i + 1][j + 1] + 1 : std::max(length[i + 1][j], length[i][j + 1]);
    }
  }
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (is_same_step(a[i], b[j])) {
      pairs.emplace_back(i++, j++);
    } else if (length[i + 1][j] >= length[i][j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return pairs;
}

std::string verb(const std::string& label) {
  return label.substr(0, label.find(' '));
}

/// The steps between two that both versions have.
void compare_gap(std::vector<const StepFact*> before, std::vector<const StepFact*> after,
                 std::vector<DetailChange>& out) {
  for (const StepFact* old : before) {
    const auto other = std::find_if(after.begin(), after.end(), [&](const StepFact* step) {
      return step != nullptr && verb(step->label) == verb(old->label);
    });
    if (other == after.end()) {
      out.push_back({ChangeKind::removed, "step", old->label, ""});
      continue;
    }
    // Only its place among the branches differs.
    const ChangeKind kind = (*other)->label == old->label ? ChangeKind::moved : ChangeKind::changed;
    out.push_back({kind, "step", old->label, (*other)->label});
    *other = nullptr;
  }
  for (const StepFact* step : after) {
    if (step != nullptr) out.push_back({ChangeKind::added, "step", "", step->label});
  }
}

/// A step that goes here and comes there has moved.
void join_moves(std::vector<DetailChange>& changes) {
  for (DetailChange& removed : changes) {
    if (removed.kind != ChangeKind::removed) continue;
    const auto added = std::find_if(changes.begin(), changes.end(), [&](const DetailChange& c) {
      return c.kind == ChangeKind::added && c.after == removed.before;
    });
    if (added == changes.end()) continue;
    removed = {ChangeKind::moved, removed.what, removed.before, removed.before};
    added->what.clear();
  }
  std::erase_if(changes, [](const DetailChange& c) { return c.what.empty(); });
}

std::vector<DetailChange> step_changes(const std::vector<StepFact>& before,
                                       const std::vector<StepFact>& after) {
  std::vector<DetailChange> out;
  std::size_t i = 0, j = 0;
  auto pairs = common_steps(before, after);
  pairs.emplace_back(before.size(), after.size());
  for (const auto& [next_i, next_j] : pairs) {
    std::vector<const StepFact*> gone, come;
    for (; i < next_i; ++i) gone.push_back(&before[i]);
    for (; j < next_j; ++j) come.push_back(&after[j]);
    compare_gap(std::move(gone), std::move(come), out);
    if (next_i < before.size() && before[next_i].exact != after[next_j].exact)
      out.push_back({ChangeKind::changed, "step", before[next_i].label, after[next_j].label});
    ++i;
    ++j;
  }
  join_moves(out);
  return out;
}

// ---- output
// -----------------------------------------------------------------------------------------------------

char sign(ChangeKind kind) {
  constexpr char kSigns[] = {'+', '-', '~', '>'};
  return kSigns[static_cast<std::size_t>(kind)];
}

const char* word(ChangeKind kind) {
  constexpr const char* kWords[] = {"added", "removed", "changed", "moved"};
  return kWords[static_cast<std::size_t>(kind)];
}

/// One line, cut between characters.
std::string shown(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool starts = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    if (starts && out.size() >= kShown) return out + "…";
    if (c == '\n') {
      out += "\\n";
    } else if (c != '\r') {
      out += c;
    }
  }
  return out;
}

/// Long texts: from a little before the first difference on.
std::pair<std::string, std::string> shown_difference(const std::string& before, const std::string& after) {
  constexpr std::size_t kContext = 30;
  const std::size_t most = std::min(before.size(), after.size());
  std::size_t same = 0;
  while (same < most && before[same] == after[same]) ++same;
  if (std::max(before.size(), after.size()) <= kShown || same <= kContext)
    return {shown(before), shown(after)};
  std::size_t from = same - kContext;
  while (from > 0 && (static_cast<unsigned char>(before[from]) & 0xc0) == 0x80) --from;
  return {"…" + shown(before.substr(from)), "…" + shown(after.substr(from))};
}

std::string detail_text(const DetailChange& d) {
  std::string text = std::string("  ") + sign(d.kind) + " " + d.what;
  const bool step = d.what == "step";
  const auto quoted = [&](const std::string& words) { return step ? "`" + words + "`" : words; };
  switch (d.kind) {
    case ChangeKind::added:
      return text + (step ? " " : ": ") + quoted(shown(d.after)) + "\n";
    case ChangeKind::removed:
      return text + (step ? " " : ": ") + quoted(shown(d.before)) + "\n";
    case ChangeKind::moved:
      return text + " " + quoted(shown(d.before)) + " moved\n";
    case ChangeKind::changed:
      break;
  }
  if (d.before == d.after)
    return text + (step ? " " : ": ") + quoted(shown(d.after)) +
           " does something else: what it names has changed\n";
  const auto [before, after] = shown_difference(d.before, d.after);
  return text + (step ? " " : ": ") + quoted(before) + " -> " + quoted(after) + "\n";
}

}  // namespace

std::vector<ItemChange> difference(const std::vector<Item>& before, const std::vector<Item>& after) {
  std::vector<ItemChange> changes;
  auto a = before.begin();
  auto b = after.begin();
  while (a != before.end() || b != after.end()) {
    if (b == after.end() || (a != before.end() && a->name < b->name)) {
      changes.push_back({ChangeKind::removed, (a++)->name, {}});
    } else if (a == before.end() || b->name < a->name) {
      changes.push_back({ChangeKind::added, (b++)->name, {}});
    } else {
      ItemChange change{ChangeKind::changed, a->name, fact_changes(*a, *b)};
      auto steps = step_changes(a->steps, b->steps);
      change.details.insert(change.details.end(), steps.begin(), steps.end());
      if (!change.details.empty()) changes.push_back(std::move(change));
      ++a;
      ++b;
    }
  }
  return changes;
}

std::string difference_text(const std::vector<ItemChange>& changes) {
  std::string text;
  for (const ItemChange& change : changes) {
    text += std::string(1, sign(change.kind)) + " " + change.name + " " + word(change.kind) + "\n";
    for (const DetailChange& detail : change.details) text += detail_text(detail);
  }
  return text;
}

Value difference_value(const std::vector<ItemChange>& changes) {
  value::List list;
  for (const ItemChange& change : changes) {
    value::List details;
    for (const DetailChange& d : change.details) {
      details.push_back(Value::map({{"change", Value::text(word(d.kind))},
                                    {"what", Value::text(d.what)},
                                    {"before", d.before.empty() ? Value() : Value::text(d.before)},
                                    {"after", d.after.empty() ? Value() : Value::text(d.after)}}));
    }
    list.push_back(Value::map({{"change", Value::text(word(change.kind))},
                               {"name", Value::text(change.name)},
                               {"details", Value::list(std::move(details))}}));
  }
  return Value::list(std::move(list));
}

}  // namespace wf::wfc
