#include "tests/reference/generator/tree.hpp"

#include <sstream>

namespace wf::reference {

namespace {

void write(const Node& node, int depth, std::string& out) {
  out.append(static_cast<std::size_t>(2 * depth), ' ').append(node.head);
  if (!node.block) {
    out += '\n';
    return;
  }
  out += " {\n";
  for (const Node& child : node.children) write(child, depth + 1, out);
  out.append(static_cast<std::size_t>(2 * depth), ' ').append("}\n");
}

void read(std::istringstream& lines, Node& parent) {
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == line.npos) continue;
    line.erase(0, begin);
    if (line == "}") return;
    Node node(line);
    if (line.size() > 2 && line.ends_with(" {")) {
      node = Node(line.substr(0, line.size() - 2), {});
      read(lines, node);
    }
    parent.children.push_back(std::move(node));
  }
}

}  // namespace

std::string text_of(const Node& root) {
  std::string out;
  for (const Node& declaration : root.children) write(declaration, 0, out);
  return out;
}

Node tree_of(const std::string& text) {
  std::istringstream lines(text);
  Node root;
  read(lines, root);
  return root;
}

}  // namespace wf::reference
