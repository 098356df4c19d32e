#include "tests/reference/generator/generator.hpp"

#include "tests/reference/generator/timeline_maker.hpp"
#include "tests/reference/generator/workflows.hpp"

namespace wf::reference {

namespace {

std::string object_for(Rng& rng) {
  switch (rng.weighted({74, 16, 5, 5})) {
    case 0:
      return "contact";
    case 1:
      return "deal";
    case 2:
      return "company";
    default:
      return "ticket";
  }
}

void segments(Rng& rng, Vocabulary& words, Hooks& hooks, Node& root) {
  Conditions conditions(rng, words, hooks);
  for (int i = rng.between(0, 2); i > 0; --i) {
    Place place;
    place.object = rng.chance(80) ? "contact" : "deal";
    const std::string name = "g" + std::to_string(i);
    Node segment("segment " + name + " on " + place.object, {});
    for (int lines = rng.between(1, 2); lines > 0; --lines) {
      const std::string condition = conditions.condition(place, 1);
      words.segment_texts[name] += conditions.in_full(condition) + "\n";
      segment.children.push_back(condition);
    }
    root.children.push_back(std::move(segment));
    words.segments.emplace_back(name, place.object);
  }
}

}  // namespace

Node generate(std::uint64_t seed, const bytecode::Catalogue& standard) {
  Rng rng(seed);
  Node root;
  Vocabulary words = WorldMaker(rng, standard).make(root);
  for (int i = 0, count = rng.between(1, 4); i < count; ++i) {
    // Names in no particular order, so that file order and name order differ.
    words.workflows.emplace_back("w" + std::to_string((i * 7 + 3) % 10),
                                 i == 0 ? "contact" : object_for(rng));
  }
  Hooks hooks;
  segments(rng, words, hooks, root);
  for (const auto& [name, object] : words.workflows) {
    root.children.push_back(WorkflowMaker(rng, words, hooks).make(name, object));
  }
  root.children.push_back(TimelineMaker(rng, words, hooks).make());
  return root;
}

}  // namespace wf::reference
