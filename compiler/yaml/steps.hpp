// Internal to lower(): steps, and whatever else the table of forms describes.
#pragma once

#include "compiler/yaml/forms.hpp"
#include "compiler/yaml/values.hpp"

namespace wf::yaml {

class Steps {
 public:
  Steps(const Actions& actions, Values& values, Output& out)
      : actions_(actions), values_(values), out_(out) {}

  /// `{`, the steps of a sequence one a line, `}`.
  void block(const Node& node);
  /// The steps alone.
  void list(const Node& node);
  /// A mapping in the order of the form; keys that the form lacks are reported, but for `others`.
  void form(const Form& form, const Node& mapping, const std::string& what,
            const std::vector<std::string>& others = {});

 private:
  void step(const Node& node);
  void action(const Node& mapping);
  void action_value(const std::string& head, const Node::Entry& entry);
  void parts(const Parts& parts, const Node& mapping);
  void part(const Part& part, const Node& mapping, std::string& words);
  bool wanted(const Parts& parts, const Node& mapping) const;
  void value(const Part& part, const Node::Entry& entry);
  void flush(std::string& words, std::uint32_t place);
  void chain(const Node& node);
  void arms(const Node& node);
  void variants(const Node& node);
  void items(const Node& node);
  void each_line(const Node& node, const char* what, void (Steps::*use)(const Node&));
  void link(const Node& node);
  void variant(const Node& node);

  const Actions& actions_;
  Values& values_;
  Output& out_;
};

}  // namespace wf::yaml
