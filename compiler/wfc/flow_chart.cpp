#include "compiler/wfc/flow_chart.hpp"

#include <algorithm>

#include "grammar/text/render.hpp"

namespace wf::wfc {
namespace {

using Shape = FlowChart::Shape;
using Lines = std::vector<std::string>;

constexpr std::uint32_t kCells = 34;  // of a line
constexpr std::size_t kMostLines = 7;

/// The words of a text, line ends and indentation gone.
Lines words_of(std::string_view text) {
  Lines words(1);
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!is_space) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const std::string& word : words_of(text)) out += (out.empty() ? "" : " ") + word;
  return out;
}

void add_wrapped(Lines& lines, std::string_view text) {
  std::string line;
  const auto end = [&] {
    if (!line.empty()) lines.push_back(std::move(line));
    line.clear();
  };
  for (const std::string& word : words_of(text)) {
    if (!line.empty() && text::display_width(line) + 1 + text::display_width(word) > kCells) end();
    line += (line.empty() ? "" : " ") + word;
  }
  end();
}

Lines wrapped(std::string_view text) {
  Lines lines;
  add_wrapped(lines, text);
  if (lines.size() <= kMostLines) return lines;
  lines.resize(kMostLines);
  lines.back() += " …";
  return lines;
}

class Charter {
 public:
  Charter(const text::SourceSet& sources, FlowChart& chart) : sources_(sources), chart_(chart) {}

  void workflow(const ast::WorkflowDecl& w) {
    Lines lines;
    for (const ast::Trigger& trigger : w.triggers) {
      add_wrapped(lines, enrolment_of(trigger, w.triggers_all));
    }
    if (w.is_sequence) lines.emplace_back("enrolled by a person");
    if (lines.empty()) lines.emplace_back("enrolled by hand or by others");
    const Exits start = {{node(Shape::start, std::move(lines)), ""}};
    note(start[0].from, leaving_of(w));
    finish(block(w.steps, start));
  }

  void campaign(const ast::CampaignDecl& c) {
    Lines lines;
    for (const ast::Audience& audience : c.audience) add_wrapped(lines, source(audience.span));
    if (c.runs) add_wrapped(lines, source(c.runs->span));
    if (lines.empty()) lines.emplace_back("campaign");
    const std::size_t start = node(Shape::start, std::move(lines));
    Exits all;
    for (const ast::Story& story : c.stories) {
      const std::size_t head = node(Shape::wait, wrapped(source(story.span)));
      edge(start, head, "");
      append(all, block(story.steps, {{head, ""}}));
    }
    for (const ast::StatusBlock& status : c.edges) {
      const std::size_t head = node(Shape::wait, wrapped(source(status.span)));
      edge(start, head, "");
      append(all, block(status.steps, {{head, ""}}));
    }
    finish(all);
  }

 private:
  /// Where a way leaves a node, and what the arrow says.
  struct Exit {
    std::size_t from = 0;
    std::string label;
  };
  using Exits = std::vector<Exit>;

  std::string source(text::Span span) const {
    std::string text = one_line(sources_.text(span));
    while (text.ends_with('{') || text.ends_with(' ')) text.pop_back();
    return text;
  }
  std::string source(const ast::ExprPtr& e) const { return e ? source(e->span) : std::string(); }

  std::string enrolment_of(const ast::Trigger& trigger, bool is_one_of_all) const {
    const std::string text = source(trigger.span);
    return text.starts_with("enroll") || is_one_of_all ? text : "enroll when " + text;
  }

  Lines leaving_of(const ast::WorkflowDecl& w) const {
    Lines lines;
    if (w.goal) add_wrapped(lines, "goal: " + source(w.goal));
    for (const ast::ExprPtr& condition : w.cancel) add_wrapped(lines, "cancelled when " + source(condition));
    for (const ast::ExprPtr& condition : w.unless) add_wrapped(lines, "not when " + source(condition));
    for (const ast::Path& path : w.suppress) add_wrapped(lines, "never " + source(path.span));
    return lines;
  }

  std::size_t node(Shape shape, Lines lines) {
    chart_.nodes.push_back({shape, std::move(lines)});
    return chart_.nodes.size() - 1;
  }
  void edge(std::size_t from, std::size_t to, std::string label, bool is_side = false) {
    chart_.edges.push_back({from, to, std::move(label), is_side});
  }
  void note(std::size_t about, Lines lines) {
    if (!lines.empty()) edge(about, node(Shape::note, std::move(lines)), "", true);
  }
  static void append(Exits& to, Exits more) { std::move(more.begin(), more.end(), std::back_inserter(to)); }
  void connect(const Exits& exits, std::size_t to) {
    for (const Exit& exit : exits) edge(exit.from, to, exit.label);
  }
  void finish(const Exits& exits) {
    if (!exits.empty()) connect(exits, node(Shape::end, {"end"}));
  }

  Exits block(const ast::Block& steps, Exits in) {
    for (const ast::Step& step : steps) {
      if (in.empty()) break;  // behind a stop
      in = std::visit([&](const auto& what) { return this->step(what, step, in); }, step.node);
    }
    return in;
  }
  Exits optional(const ast::Rare<ast::Block>& steps, std::size_t from, const std::string& label) {
    return steps ? block(*steps, {{from, label}}) : Exits{{from, label}};
  }

  std::size_t plain(Shape shape, const ast::Step& step, const Exits& in) {
    const std::size_t made = node(shape, wrapped(source(step.span)));
    connect(in, made);
    return made;
  }

  Exits step(const ast::Action& action, const ast::Step& step, const Exits& in) {
    const std::size_t made = plain(Shape::action, step, in);
    Exits out;
    if (action.reply) {
      append(out, optional(action.reply->answered, made, "answered"));
      append(out, optional(action.reply->failed, made, "failed"));
      append(out, optional(action.reply->timed_out, made, "timed out"));
    } else {
      out.push_back({made, ""});
    }
    if (action.on_failure && !action.on_failure->then.empty())
      append(out, block(action.on_failure->then, {{made, "given up"}}));
    return out;
  }
  Exits step(const ast::WaitFor&, const ast::Step& step, const Exits& in) {
    return {{plain(Shape::wait, step, in), ""}};
  }
  Exits step(const ast::WaitUntil&, const ast::Step& step, const Exits& in) {
    return {{plain(Shape::wait, step, in), ""}};
  }
  Exits step(const ast::WaitEvent& wait, const ast::Step& step, const Exits& in) {
    const std::size_t made = plain(Shape::wait, step, in);
    if (!wait.has_blocks) return {{made, ""}};
    Exits out = optional(wait.happened, made, "happened");
    append(out, optional(wait.timed_out, made, "timed out"));
    return out;
  }
  Exits step(const ast::AtBlock& at, const ast::Step& step, const Exits& in) {
    return block(at.body, {{plain(Shape::wait, step, in), ""}});
  }
  Exits step(const ast::If& branch, const ast::Step&, Exits in) {
    Exits out;
    for (const ast::If::Arm& arm : branch.arms) {
      const std::size_t asked = node(Shape::choice, wrapped(source(arm.condition) + "?"));
      connect(in, asked);
      append(out, block(arm.body, {{asked, "yes"}}));
      in = {{asked, "no"}};
    }
    append(out, branch.otherwise ? block(*branch.otherwise, in) : in);
    return out;
  }
  Exits step(const ast::Match& match, const ast::Step&, const Exits& in) {
    const std::size_t asked = node(Shape::choice, wrapped(source(match.subject) + "?"));
    connect(in, asked);
    Exits out;
    for (const ast::Match::Arm& arm : match.arms) {
      std::string label = arm.is_else ? "else" : "";
      for (const ast::ExprPtr& value : arm.values) label += (label.empty() ? "" : ", ") + source(value);
      if (arm.is_unknown) label += label.empty() ? "unknown" : ", unknown";
      append(out, block(arm.body, {{asked, label}}));
    }
    return out;
  }
  Exits step(const ast::Set&, const ast::Step& step, const Exits& in) {
    return {{plain(Shape::action, step, in), ""}};
  }
  Exits step(const ast::Let&, const ast::Step& step, const Exits& in) {
    return {{plain(Shape::action, step, in), ""}};
  }
  Exits step(const ast::Stop&, const ast::Step&, const Exits& in) {
    connect(in, node(Shape::end, {"stop"}));
    return {};
  }
  Exits step(const ast::Experiment& e, const ast::Step& step, const Exits& in) {
    const std::size_t made = plain(Shape::choice, step, in);
    Exits out;
    for (const ast::Experiment::Arm& arm : e.arms) {
      const std::string name = (arm.is_holdout ? "holdout " : "") + arm.name.text;
      append(out, optional(arm.body, made, name + " " + source(arm.span)));
    }
    if (e.rest) note(made, wrapped("rest: winner by " + e.rest->metric.text));
    return out;
  }
  Exits step(const ast::ForEach& loop, const ast::Step& step, const Exits& in) {
    const std::size_t made = plain(Shape::choice, step, in);
    for (const Exit& exit : block(loop.body, {{made, "each"}})) edge(exit.from, made, exit.label, true);
    return {{made, "done"}};
  }

  const text::SourceSet& sources_;
  FlowChart& chart_;
};

// ---- writing ---------------------------------------------------------------------------------------------

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// Lines in one DOT label.
std::string dot_label(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  std::string out = quoted(text);
  for (std::size_t at = 0; (at = out.find('\n', at)) != out.npos; at += 2) out.replace(at, 1, "\\n");
  return out;
}

struct Style {
  const char* dot;
  const char *open, *close;  ///< of Mermaid
};
Style style_of(Shape shape) {
  switch (shape) {
    case Shape::start:
      return {R"(shape=box style="rounded,filled" fillcolor="#d8ecd8" color="#3b7a3b")", "([", "])"};
    case Shape::note:
      return {R"(shape=note style=filled fillcolor="#fff8dc" color="#b8a25a")", "[/", "/]"};
    case Shape::wait:
      return {R"(shape=box style="rounded,filled" fillcolor="#e6e9f5" color="#5a679a")", "(", ")"};
    case Shape::choice:
      return {R"(shape=hexagon style=filled fillcolor="#fdebd0" color="#b9770e" margin="0.02,0.02")", "{{",
              "}}"};
    case Shape::end:
      return {R"(shape=box style="rounded,filled" fillcolor="#eeeeee" color="#888888")", "([", "])"};
    case Shape::action:
      break;
  }
  return {R"(shape=box style=filled fillcolor="#ffffff" color="#444444")", "[", "]"};
}

/// What Mermaid would read as its own.
std::string mermaid_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '<' || c == '>' || c == '&' || c == '#' || c == '`') {
      out += "#" + std::to_string(static_cast<int>(c)) + ";";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<FlowChart> chart_of(const ast::Decl& decl, const text::SourceSet& sources) {
  FlowChart chart;
  Charter charter(sources, chart);
  if (const auto* workflow = std::get_if<ast::WorkflowDecl>(&decl.node)) {
    chart.name = workflow->name.text;
    chart.title = workflow->title.value_or("");
    charter.workflow(*workflow);
    return chart;
  }
  if (const auto* campaign = std::get_if<ast::CampaignDecl>(&decl.node)) {
    chart.name = campaign->name.text;
    chart.title = campaign->title.value_or("");
    charter.campaign(*campaign);
    return chart;
  }
  return std::nullopt;
}

std::string to_dot(const FlowChart& chart) {
  std::string out = "digraph " + quoted(chart.name) + " {\n";
  out += "  graph [rankdir=TB nodesep=0.35 ranksep=0.4 fontname=\"Helvetica,Arial,sans-serif\" fontsize=14";
  out += " labelloc=t label=" + quoted(chart.title.empty() ? chart.name : chart.title) + "];\n";
  out += "  node [fontname=\"Helvetica,Arial,sans-serif\" fontsize=11 height=0.3 margin=\"0.14,0.07\"];\n";
  out += "  edge [fontname=\"Helvetica,Arial,sans-serif\" fontsize=10 color=\"#555555\" arrowsize=0.7];\n";
  for (std::size_t i = 0; i < chart.nodes.size(); ++i) {
    const FlowChart::Node& node = chart.nodes[i];
    out += "  n" + std::to_string(i) + " [" + style_of(node.shape).dot + " label=" + dot_label(node.lines) +
           "];\n";
  }
  for (const FlowChart::Edge& edge : chart.edges) {
    out += "  n" + std::to_string(edge.from) + " -> n" + std::to_string(edge.to) + " [";
    if (!edge.label.empty()) out += "label=" + quoted(" " + edge.label + " ");
    if (edge.is_side) out += edge.label.empty() ? "style=dashed" : " style=dashed";
    out += "];\n";
  }
  return out + "}\n";
}

std::string to_mermaid(const FlowChart& chart) {
  std::string out = "flowchart TB\n";
  for (std::size_t i = 0; i < chart.nodes.size(); ++i) {
    const Style style = style_of(chart.nodes[i].shape);
    std::string label;
    for (const std::string& line : chart.nodes[i].lines)
      label += (label.empty() ? "" : "<br/>") + mermaid_text(line);
    out += "  n" + std::to_string(i) + style.open + "\"" + label + "\"" + style.close + "\n";
  }
  for (const FlowChart::Edge& edge : chart.edges) {
    out += "  n" + std::to_string(edge.from) + (edge.is_side ? " -.->" : " -->");
    if (!edge.label.empty()) out += "|\"" + mermaid_text(edge.label) + "\"|";
    out += " n" + std::to_string(edge.to) + "\n";
  }
  return out;
}

}  // namespace wf::wfc
