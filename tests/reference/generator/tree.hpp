// A program as a tree of lines, so that parts can be taken out of it.
#pragma once

#include <string>
#include <vector>

namespace wf::reference {

struct Node {
  std::string head;
  std::vector<Node> children;
  bool block = false;  ///< braces, even around nothing

  Node() = default;
  Node(std::string line) : head(std::move(line)) {}
  Node(std::string line, std::vector<Node> inside)
      : head(std::move(line)), children(std::move(inside)), block(true) {}
};

/// The program: its declarations are the root's children.
std::string text_of(const Node& root);
/// The tree of a text in the generator's layout: one line a node, `{` at a line's end, `}` alone.
Node tree_of(const std::string& text);

}  // namespace wf::reference
