#include "grammar/liquid/paths.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "grammar/liquid/ast.hpp"

namespace wf::liquid {
namespace {

/// What a variable stands for: a path from outside, or something that the template made.
using Alias = std::optional<Path>;

class Walker {
 public:
  explicit Walker(const Document& document) : document_(document), names_(document.lookups()) {}

  Reads run() {
    walk(document_.body());
    reads_.variables.assign(variables_.begin(), variables_.end());
    return std::move(reads_);
  }

  /// The names that a lookup has in the text, up to a key that is none.
  const Path& names(std::size_t lookup) const { return names_[lookup]; }

 private:
  void walk(const ast::Block& block) {
    for (const ast::Node& node : block.nodes)
      std::visit([&](const auto& what) { this->walk(what, node); }, node.what);
  }
  void walk(const ast::Text&, const ast::Node&) {}
  void walk(const ast::Interrupt&, const ast::Node&) {}
  void walk(const ast::Output& output, const ast::Node&) { walk(output.value); }
  void walk(const ast::Assign& assign, const ast::Node&) {
    const Alias alias = walk(assign.value);
    set(assign.name, assign.value.filters.empty() ? alias : std::nullopt);
  }
  void walk(const ast::Capture& capture, const ast::Node&) {
    walk(capture.body);
    set(capture.name, std::nullopt);
  }
  void walk(const ast::Counter& counter, const ast::Node&) {
    // What is outside hides a counter.
    variables_.insert(std::string(counter.name));
  }
  void walk(const ast::IfChanged& changed, const ast::Node&) { walk(changed.body); }
  void walk(const ast::Branches& branches, const ast::Node&) {
    for (const ast::Branch& branch : branches.branches) {
      const std::set<Path> outer = known_;
      std::set<Path> proven;
      for (const ast::Comparison& c : branch.condition) walk(c, proven);
      if (is_conjunction(branch)) known_.merge(proven);
      walk(branch.body);
      known_ = outer;
    }
  }
  void walk(const ast::Case& choice, const ast::Node&) {
    const auto subject = asked(choice.subject);
    for (const ast::When& when : choice.whens) {
      for (const ast::Expression& value : when.values) {
        compare(subject, value);
        walk(value);
      }
      walk(when.body);
    }
  }
  void walk(const ast::Cycle& cycle, const ast::Node&) {
    if (cycle.group) walk(*cycle.group);
    for (const ast::Expression& value : cycle.values) walk(value);
  }
  void walk(const ast::For& loop, const ast::Node&) {
    const auto collection = asked(loop.collection);
    Alias item = collection ? Alias(reads_.reads[*collection].path) : std::nullopt;
    if (item) item->emplace_back("[]");
    for (const auto* option : {&loop.limit, &loop.offset, &loop.columns}) {
      if (*option) walk(**option);
    }
    const std::string name(loop.name), helper(loop.is_table ? "tablerowloop" : "forloop");
    const auto outer = locals_;
    set(name, item);
    set(helper, std::nullopt);
    walk(loop.body);
    restore(name, outer);
    restore(helper, outer);
    walk(loop.otherwise);
  }
  void walk(const ast::Partial& partial, const ast::Node& node) {
    walk(partial.name);
    if (partial.subject) walk(*partial.subject);
    PartialUse use;
    if (partial.subject || !partial.is_isolated) use.arguments.push_back(alias_of(partial));
    for (const auto& [name, value] : partial.arguments) {
      walk(value);
      use.arguments.emplace_back(name);
    }
    const bool is_literal = !partial.name.lookup && partial.name.literal.is(Type::text);
    if (is_literal) use.name = partial.name.literal.as_text();
    use.is_isolated = partial.is_isolated;
    place(use, node.written);
    reads_.partials.push_back(std::move(use));
    after_include_ = after_include_ || !partial.is_isolated;
  }

  /// The name that a partial's subject has in it: without another one, that of the partial.
  static std::string alias_of(const ast::Partial& partial) {
    if (!partial.alias.empty() || !partial.name.literal.is(Type::text)) return std::string(partial.alias);
    const std::string_view name = partial.name.literal.as_text();
    return std::string(name.substr(name.rfind('/') + 1));
  }

  /// All that such a branch asks for is so inside it.
  static bool is_conjunction(const ast::Branch& branch) {
    const auto last = branch.condition.empty() ? 0 : branch.condition.size() - 1;
    return !branch.is_negated &&
           std::all_of(branch.condition.begin(), branch.condition.begin() + static_cast<std::ptrdiff_t>(last),
                       [](const ast::Comparison& c) { return c.and_next; });
  }

  void walk(const ast::Comparison& c, std::set<Path>& proven) {
    const auto left = asked(c.left), right = asked(c.right);
    if (c.comparison == ast::Operator::equal || c.comparison == ast::Operator::unequal) {
      compare(left, c.right);
      compare(right, c.left);
    }
    if (left && proves(c.comparison, c.right)) proven.insert(reads_.reads[*left].path);
    if (right && proves(c.comparison, c.left)) proven.insert(reads_.reads[*right].path);
  }

  /// Whether `x comparison other` holds only with a value for x.
  static bool proves(ast::Operator comparison, const ast::Expression& other) {
    const bool is_literal = !other.lookup && !other.bounds;
    const bool is_nothing = is_literal && (other.literal.is_nil() || other.literal.is(Type::blank) ||
                                           other.literal.is(Type::empty));
    if (comparison == ast::Operator::equal) return is_literal && !is_nothing;
    return comparison != ast::Operator::unequal || is_nothing;
  }

  void compare(std::optional<std::size_t> read, const ast::Expression& other) {
    if (read && !other.lookup && !other.bounds && other.literal.is(Type::text))
      reads_.reads[*read].compared.emplace_back(other.literal.as_text());
  }

  /// A place that asks for a value without showing it: the index of its read, when it is one of a path.
  std::optional<std::size_t> asked(const ast::Expression& expression) {
    const Alias alias = walk(expression);
    if (!expression.lookup || !alias) return {};
    reads_.reads.back().is_guarded = true;
    return reads_.reads.size() - 1;
  }

  Alias walk(const ast::Value& value) {
    const Alias alias = walk(value.expression);
    for (const ast::Filter& filter : value.filters) {
      for (const ast::Expression& argument : filter.arguments) walk(argument);
      if (filter.keyword) walk(*filter.keyword);
    }
    return alias;
  }

  /// The path that it reads, when it is one from outside.
  Alias walk(const ast::Expression& expression) {
    if (expression.bounds) {
      walk(expression.bounds->first);
      walk(expression.bounds->last);
    }
    return expression.lookup ? walk(*expression.lookup) : std::nullopt;
  }

  Alias walk(const ast::Lookup& lookup) {
    for (const ast::Segment& segment : lookup.segments) {
      if (segment.key) walk(*segment.key);
    }
    add_names(lookup);
    Read read;
    const ast::Segment& root = lookup.segments.front();
    const auto local = root.key ? locals_.end() : locals_.find(std::string(root.name));
    if (local != locals_.end()) {
      if (!local->second) return {};
      read.path = *local->second;
    } else if (!root.key) {
      read.path.emplace_back(root.name);
    }
    read.is_whole = !root.key && add_segments(read.path, lookup);
    read.is_guarded = lookup.is_guarded || known_.count(read.path) != 0;
    read.is_maybe_local = after_include_;
    read.lookup = lookup.id;
    place(read, lookup.written);
    reads_.reads.push_back(read);
    return read.is_whole ? Alias(read.path) : std::nullopt;
  }

  void add_names(const ast::Lookup& lookup) {
    for (const ast::Segment& segment : lookup.segments) {
      if (segment.key) return;
      names_[lookup.id].emplace_back(segment.name);
    }
  }

  /// False at a key that is not known yet.
  static bool add_segments(Path& path, const ast::Lookup& lookup) {
    for (std::size_t n = 1; n < lookup.segments.size(); ++n) {
      const ast::Segment& segment = lookup.segments[n];
      if (!segment.key) {
        path.emplace_back(segment.name);
      } else if (!segment.key->lookup && segment.key->literal.is(Type::integer)) {
        path.emplace_back("[]");
      } else {
        return false;
      }
    }
    return true;
  }

  void set(std::string_view name, Alias alias) {
    variables_.insert(std::string(name));
    locals_[std::string(name)] = std::move(alias);
  }
  void restore(const std::string& name, const std::map<std::string, Alias>& outer) {
    const auto before = outer.find(name);
    if (before == outer.end()) {
      locals_.erase(name);
    } else {
      locals_[name] = before->second;
    }
  }

  template <class Placed>
  void place(Placed& placed, std::string_view written) const {
    placed.begin = static_cast<std::uint32_t>(written.data() - document_.text().data());
    placed.end = placed.begin + static_cast<std::uint32_t>(written.size());
  }

  const Document& document_;
  std::vector<Path> names_;  // by lookup
  Reads reads_;
  std::map<std::string, Alias> locals_;
  std::set<std::string> variables_;
  std::set<Path> known_;  // what the branches around have asked for
  bool after_include_ = false;
};

bool begins_with(const Path& read, const Path& path) {
  return path.size() <= read.size() && std::equal(path.begin(), path.end(), read.begin());
}

SlotBinding::Slot longest(const Path& names, std::span<const Path> paths) {
  SlotBinding::Slot best;
  for (std::size_t n = 0; n < paths.size(); ++n) {
    if (paths[n].size() <= best.names || !begins_with(names, paths[n])) continue;
    best.slot = static_cast<std::int32_t>(n);
    best.names = static_cast<std::uint32_t>(paths[n].size());
  }
  return best;
}

}  // namespace

Reads reads_of(const Document& document) {
  return Walker(document).run();
}

SlotBinding::SlotBinding(const Document& document, std::span<const Path> paths, bool is_partial)
    : document_(&document), slots_(document.lookups()) {
  Walker walker(document);
  const Reads reads = walker.run();
  const bool includes = std::any_of(reads.partials.begin(), reads.partials.end(),
                                    [](const PartialUse& use) { return !use.is_isolated; });
  for (std::size_t lookup = 0; lookup < slots_.size(); ++lookup) {
    const Path& names = walker.names(lookup);
    Slot& slot = slots_[lookup];
    slot = longest(names, paths);
    slot.is_hidden =
        slot.slot >= 0 && (is_partial || includes ||
                           std::binary_search(reads.variables.begin(), reads.variables.end(), names.front()));
  }
}

}  // namespace wf::liquid
