// A workflow or campaign as a picture: boxes and arrows, without a layout.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "grammar/ast/ast.hpp"
#include "grammar/text/source.hpp"

namespace wf::wfc {

struct FlowChart {
  enum class Shape : std::uint8_t { start, note, action, wait, choice, end };
  struct Node {
    Shape shape = Shape::action;
    std::vector<std::string> lines;  ///< what the file says, broken to be read
  };
  struct Edge {
    std::size_t from = 0, to = 0;
    std::string label;
    bool is_side = false;  ///< no step of the way: a note, the next round of a loop
  };
  std::string name;   ///< of the declaration
  std::string title;  ///< or "" without one
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};

/// Nothing for declarations that have no steps.
std::optional<FlowChart> chart_of(const ast::Decl& decl, const text::SourceSet& sources);

/// For Graphviz.
std::string to_dot(const FlowChart& chart);
/// For Mermaid, which GitHub and GitLab show in Markdown.
std::string to_mermaid(const FlowChart& chart);

}  // namespace wf::wfc
