#include "tests/reference/differential/shrink.hpp"

namespace wf::reference {

namespace {

using Fails = std::function<bool(const Node&)>;

/// Tries every child of `parent`, which is a part of `root`, last first. True when something went.
bool shrink_children(Node& root, Node& parent, const Fails& fails) {
  bool smaller = false;
  for (std::size_t i = parent.children.size(); i-- > 0;) {
    Node taken = std::move(parent.children[i]);
    const auto at = parent.children.begin() + static_cast<std::ptrdiff_t>(i);
    parent.children.erase(at);
    if (fails(root)) {
      smaller = true;
      continue;
    }
    // Perhaps what is in the block is enough.
    const std::vector<Node> inside = taken.children;
    if (!inside.empty()) {
      const auto place = parent.children.begin() + static_cast<std::ptrdiff_t>(i);
      parent.children.insert(place, inside.begin(), inside.end());
      if (fails(root)) {
        smaller = true;
        continue;
      }
      const auto first = parent.children.begin() + static_cast<std::ptrdiff_t>(i);
      parent.children.erase(first, first + static_cast<std::ptrdiff_t>(inside.size()));
    }
    parent.children.insert(parent.children.begin() + static_cast<std::ptrdiff_t>(i), std::move(taken));
    smaller |= shrink_children(root, parent.children[i], fails);
  }
  return smaller;
}

}  // namespace

Node shrink(Node program, const Fails& fails) {
  while (shrink_children(program, program, fails)) {
  }
  return program;
}

}  // namespace wf::reference
