// Timelines: the lines of a program's first test, and its `#!` comments.
#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "grammar/value/calendar.hpp"
#include "tests/reference/differential/project.hpp"

namespace wf::reference {

namespace {

/// What goes on behind the last line.
constexpr std::int64_t kAfterwards = 45 * value::kDay;

class Reader {
 public:
  explicit Reader(const Project& project) : project_(project), test_(project.module->tests.at(0)) {}

  Timeline read() {
    out_.start = test_.start;
    for (const sema::TestRecord& record : test_.records) given(record);
    for (const sema::TestLine& line : test_.lines) read_line(line);
    read_comments();
    std::stable_sort(out_.inputs.begin(), out_.inputs.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    out_.end = (out_.inputs.empty() ? out_.start : out_.inputs.back().first) + kAfterwards;
    return std::move(out_);
  }

 private:
  void given(const sema::TestRecord& record) {
    Input input;
    input.record = record.name;
    input.object = record.object;
    input.properties = record.data.properties;
    input.marketing = record.data.marketing;
    out_.names.push_back(record.name);
    out_.given.push_back(std::move(input));
  }

  Input of(std::uint32_t record, Input::Kind kind) const {
    Input input;
    input.kind = kind;
    input.record = test_.records.at(record).name;
    input.object = test_.records.at(record).object;
    return input;
  }

  void read_line(const sema::TestLine& line) {
    if (const auto* answers = std::get_if<sema::TestAnswers>(&line.node)) {
      out_.scripts.emplace_back(answers->webhook, answers->statuses);
      return;
    }
    Input input;
    if (const auto* occurs = std::get_if<sema::TestOccurs>(&line.node)) {
      input = of(occurs->record, Input::Kind::event);
      input.event = occurs->event;
      input.parameters = occurs->parameters;
      input.properties = occurs->properties;
    } else if (const auto* set = std::get_if<sema::TestSet>(&line.node)) {
      input = of(set->record, Input::Kind::set);
      input.properties = {{set->property, set->value}};
    } else if (const auto* member = std::get_if<sema::TestMember>(&line.node)) {
      input = of(member->record, Input::Kind::list);
      input.index = member->list;
      input.flag = member->add;
    } else if (const auto* topic = std::get_if<sema::TestTopic>(&line.node)) {
      input = of(topic->record, Input::Kind::topic);
      input.index = topic->topic;
      input.flag = topic->subscribe;
    } else {
      return;
    }
    read_remarks(behind(line.span), input);
    out_.inputs.emplace_back(out_.start + line.offset, std::move(input));
  }

  /// The rest of the line that a span ends on.
  std::string behind(text::Span span) const {
    const std::string_view text = project_.sources.file(span.file).content();
    const std::size_t end = text.find('\n', span.end);
    return std::string(text.substr(span.end, end == text.npos ? text.npos : end - span.end));
  }

  static void read_remarks(const std::string& rest, Input& input) {
    const std::size_t at = rest.find("#!");
    if (at == rest.npos) return;
    std::istringstream words(rest.substr(at + 2));
    std::string word, argument;
    while (words >> word) {
      if (word == "#!") continue;
      words >> argument;
      if (word == "late") {
        input.late = value::parse_compact_duration(argument).value();
      } else if (word == "id") {
        input.id = std::stoull(argument);
      } else {
        throw std::runtime_error("what is `#! " + word + "`?");
      }
    }
  }

  void read_comments() {
    std::istringstream lines(project_.text);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string mark, offset, verb, record, argument;
      if (!(words >> mark) || mark != "#!") continue;
      if (!(words >> offset >> verb >> record) || offset[0] != '+') {
        throw std::runtime_error("what is `" + line + "`?");
      }
      while (words >> argument && argument == "in") {
      }
      add_comment(offset.substr(1), verb, record, argument);
    }
  }

  void add_comment(const std::string& offset, const std::string& verb, const std::string& record,
                   const std::string& argument) {
    const auto at = std::find(out_.names.begin(), out_.names.end(), record);
    const auto after = value::parse_compact_duration(offset);
    if (at == out_.names.end() || !after) throw std::runtime_error("no record " + record);
    Input input = of(static_cast<std::uint32_t>(at - out_.names.begin()), Input::Kind::set);
    if (verb == "tag" || verb == "untag") {
      input.kind = Input::Kind::tag;
      input.tag = argument;
      input.flag = verb == "tag";
    } else if (verb == "enroll" || verb == "unenroll") {
      input.kind = verb == "enroll" ? Input::Kind::enroll : Input::Kind::unenroll;
      input.index = workflow(argument);
    } else if (verb == "marketing") {
      input.kind = Input::Kind::marketing;
      input.flag = argument == "yes";
    } else {
      throw std::runtime_error("what is `#! " + verb + "`?");
    }
    out_.inputs.emplace_back(out_.start + *after, std::move(input));
  }

  std::uint32_t workflow(const std::string& name) const {
    const auto& workflows = project_.module->workflows;
    for (std::uint32_t w = 0; w < workflows.size(); ++w) {
      if (workflows[w].head.name == name) return w;
    }
    throw std::runtime_error("no workflow " + name);
  }

  const Project& project_;
  const sema::Test& test_;
  Timeline out_;
};

}  // namespace

Timeline timeline_of(const Project& project) {
  if (project.module->tests.empty()) throw std::runtime_error("the program has no test");
  return Reader(project).read();
}

}  // namespace wf::reference
