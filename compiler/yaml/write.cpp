#include "compiler/yaml/write.hpp"

#include <algorithm>

#include "compiler/schema/fields.hpp"
#include "compiler/yaml/scalars.hpp"
#include "compiler/yaml/write_steps.hpp"

namespace wf::yaml {
namespace {

using format::Kind;
using schema::FieldForm;

/// Headers of several words.
constexpr std::string_view kLongHeaders[] = {"exclusive group", "enroll existing", "enroll manually",
                                             "cancel when",     "pause dates",     "when blocked",
                                             "on late",         "allow loop",      "on deploy"};
constexpr std::string_view kHeaders[] = {"title",    "owner",    "suppress", "unless",   "reenroll", "goal",
                                         "window",   "priority", "kpi",      "reviewed", "status",   "runs",
                                         "audience", "scoring",  "digest",   "summary"};

class Writer {
 public:
  Writer(std::string_view source, const Actions& actions)
      : in_(source), out_(in_), steps_(in_, actions, out_) {}

  std::string run() {
    bool first = true;
    for (const Range& declared : in_.split(in_.all())) {
      if (!first) out_.line(0, "---");
      out_.comments_before(declared.first, 0);
      if (first) out_.line(0, "wf: 1");
      first = false;
      declaration(declared);
    }
    out_.comments_before(UINT32_MAX, 0);
    return out_.take();
  }

 private:
  bool is(Range range, std::uint32_t i, std::string_view word) const {
    return range.first + i < range.last && in_[range.first + i].is(word);
  }
  std::string word(std::uint32_t i) const { return std::string(in_[i].text); }

  void declaration(Range range) {
    kind_ = word(range.first);
    const std::uint32_t open = in_.block_of(range);
    const Range body = in_.inside(open);
    if (kind_ == "test") {
      out_.entry(0, "test", text_scalar(unquoted(in_[range.first + 1].text)), {range.first, open + 1});
      return test(body);
    }
    const bool extends = kind_ == "extend";
    const std::uint32_t name = range.first + (extends ? 2 : 1);
    out_.entry(0, kind_, code_scalar(in_.text({name, name + 1})), {range.first, open + 1});
    if (is({name, open}, 1, "on")) out_.entry(0, "object", code_scalar(in_.text({name + 2, open})));
    if (kind_ == "object" || extends) return properties(body);
    if (kind_ == "event") return event(body, {in_[open].partner + 1, range.last});
    if (kind_ == "workflow" || kind_ == "sequence") return workflow(body);
    if (kind_ == "campaign") return campaign(body);
    if (kind_ == "segment") return segment(body);
    if (kind_ == "scoring") return scoring(body);
    fields(body, 0, kind_);
  }

  // ---- headers ----

  struct Header {
    std::string key;
    Range value;
    Range whole;
  };
  std::optional<Header> header_of(Range range) const {
    if (range.last - range.first >= 2) {
      const std::string two = word(range.first) + " " + word(range.first + 1);
      if (std::find(std::begin(kLongHeaders), std::end(kLongHeaders), two) != std::end(kLongHeaders)) {
        std::string key = two == "cancel when" ? "cancel" : two;
        std::replace(key.begin(), key.end(), ' ', '_');
        return Header{key, {range.first + 2, range.last}, range};
      }
    }
    const std::string first = word(range.first);
    const bool enrols = first == "enroll" && is_enrolment(range);
    if (!enrols && std::find(std::begin(kHeaders), std::end(kHeaders), first) == std::end(kHeaders))
      return std::nullopt;
    return Header{first, {range.first + 1, range.last}, range};
  }
  /// `enroll contact in workflow.x` is a step.
  bool is_enrolment(Range range) const {
    constexpr std::string_view kSecond[] = {"when", "at", "daily", "weekly", "monthly", "yearly"};
    const bool known = std::any_of(std::begin(kSecond), std::end(kSecond),
                                   [&](std::string_view second) { return is(range, 1, second); });
    return known && !is(range, 2, "in");
  }

  /// Headers in order, those of one key together.
  void headers(const std::vector<Header>& all) {
    std::vector<std::string> done;
    for (const Header& header : all) {
      if (std::find(done.begin(), done.end(), header.key) != done.end()) continue;
      done.push_back(header.key);
      std::vector<Header> same;
      std::copy_if(all.begin(), all.end(), std::back_inserter(same),
                   [&](const Header& other) { return other.key == header.key; });
      same.size() == 1 ? one_header(header) : several(same);
    }
  }
  void one_header(const Header& header) {
    out_.comments_before(header.whole.first, 0);
    if (header.key == "title")
      return out_.entry(0, "title", text_scalar(unquoted(in_[header.value.first].text)), header.whole);
    if (header.key == "enroll") return enrolment(header.whole);
    if (is_list(header.key)) {
      const auto items = in_.items(header.value);
      if (items.size() > 1) return out_.entry(0, header.key, steps_.flow_list(items), header.whole);
    }
    if (header.key == "runs" && steps_.form(runs_form(), header.whole, 1, "runs")) return;
    out_.entry(0, header.key, header.value.empty() ? "true" : code_scalar(in_.text(header.value)),
               header.whole);
  }
  static bool is_list(const std::string& key) { return key == "suppress" || key == "pause_dates"; }
  void several(const std::vector<Header>& same) {
    if (is_list(same.front().key)) {
      std::vector<Range> items;
      for (const Header& header : same) {
        out_.comments_before(header.whole.first, 0);
        const auto more = in_.items(header.value);
        items.insert(items.end(), more.begin(), more.end());
      }
      return out_.entry(0, same.front().key, steps_.flow_list(items));
    }
    out_.line(0, same.front().key + ":");
    for (const Header& header : same) {
      out_.comments_before(header.whole.first, 1);
      if (header.key == "enroll")
        enrolment_item(header.whole);
      else
        out_.item(1, code_scalar(in_.text(header.value)), header.whole);
    }
  }

  void enrolment(Range range) {
    const Form* form = enrol_form(range);
    if (form != nullptr && form->head != "when") {
      steps_.form(*form, range, 1, "enroll");
      return;
    }
    const auto matched = match(enrol_forms()[2].parts, in_.tokens(), range.first, range.last);
    if (matched && matched->size() == 1)
      return out_.entry(0, "enroll", code_scalar(in_.text({range.first + 2, range.last})), range);
    steps_.form(enrol_forms()[2], range, 1, "enroll");
  }
  void enrolment_item(Range range) {
    const Form* form = enrol_form(range);
    if (form != nullptr) steps_.form_item(*form, range, 1);
  }
  const Form* enrol_form(Range range) const {
    for (const Form& form : enrol_forms()) {
      if (match(form.parts, in_.tokens(), range.first, range.last)) return &form;
    }
    return nullptr;
  }

  // ---- bodies ----

  void workflow(Range body) {
    std::vector<Header> headers_found;
    std::vector<Range> steps;
    for (const Range& line : in_.split(body)) {
      const auto header = steps.empty() ? header_of(line) : std::nullopt;
      if (header)
        headers_found.push_back(*header);
      else
        steps.push_back(line);
    }
    headers(headers_found);
    if (steps.empty()) return out_.line(0, "steps: []");
    out_.line(0, "steps:");
    steps_.list(steps, 1);
  }

  void campaign(Range body) {
    std::vector<Header> headers_found;
    std::vector<Range> stories, edges;
    for (const Range& line : in_.split(body)) {
      if (is(line, 0, "story"))
        stories.push_back(line);
      else if (is(line, 0, "when"))
        edges.push_back(line);
      else if (const auto header = header_of(line))
        headers_found.push_back(*header);
    }
    headers(headers_found);
    if (!stories.empty()) out_.line(0, "stories:");
    for (const Range& story : stories) {
      out_.comments_before(story.first, 1);
      steps_.form_item(story_form(), story, 1);
    }
    if (!edges.empty()) out_.line(0, "when_becomes:");
    for (const Range& edge : edges) {
      out_.comments_before(edge.first, 1);
      out_.line(1, code_scalar(word(edge.first + 2)) + ":");
      steps_.list(in_.split(in_.inside(in_.block_of(edge))), 2);
    }
  }

  void segment(Range body) {
    std::vector<Range> conditions;
    for (const Range& line : in_.split(body)) {
      if (is(line, 0, "title") && in_[line.first + 1].kind == Kind::text)
        out_.entry(0, "title", text_scalar(unquoted(in_[line.first + 1].text)), line);
      else
        conditions.push_back(line);
    }
    if (!conditions.empty()) out_.line(0, "where:");
    for (const Range& line : conditions) {
      out_.comments_before(line.first, 1);
      out_.item(1, code_scalar(in_.text(line)), line);
    }
  }

  void scoring(Range body) {
    bool in_bands = false;
    for (const Range& line : in_.split(body)) {
      const bool band = in_[line.first].is("+") || in_[line.first].is("-");
      if (band && !in_bands) out_.line(0, "bands:");
      in_bands |= band;
      out_.comments_before(line.first, band ? 1 : 0);
      if (band)
        steps_.form_item(band_form(), line, 1);
      else if (is(line, 0, "hot"))
        out_.entry(0, "hot_at", in_.text({line.first + 2, line.last}), line);
      else
        out_.entry(0, "title", text_scalar(unquoted(in_[line.first + 1].text)), line);
    }
  }

  void properties(Range body) {
    const auto lines = in_.split(body);
    if (lines.empty()) return out_.line(0, "properties: {}");
    out_.line(0, "properties:");
    for (const Range& line : lines) {
      out_.comments_before(line.first, 1);
      out_.entry(1, word(line.first), code_scalar(in_.text({line.first + 1, line.last})), line);
    }
  }

  void event(Range parameters, Range behind) {
    const auto lines = in_.split(parameters, true);
    if (!lines.empty()) out_.line(0, "parameters:");
    for (const Range& line : lines)
      out_.entry(1, word(line.first), code_scalar(in_.text({line.first + 2, line.last})), line);
    if (is(behind, 0, "phrase"))
      out_.entry(0, "phrase", text_scalar(unquoted(in_[behind.first + 1].text)), behind);
  }

  // ---- resources ----

  const schema::FieldRow* row_of(const std::string& kind, const std::string& field) const {
    for (const schema::FieldRow& row : schema::field_table()) {
      if (row.kind == kind && row.name == field) return &row;
    }
    return nullptr;
  }

  void fields(Range body, int indent, const std::string& kind) {
    const auto lines = in_.split(body);
    std::vector<std::string> done;
    for (const Range& line : lines) {
      const std::string name = word(line.first);
      if (std::find(done.begin(), done.end(), name) != done.end()) continue;
      done.push_back(name);
      std::vector<Range> same;
      std::copy_if(lines.begin(), lines.end(), std::back_inserter(same),
                   [&](const Range& other) { return in_[other.first].is(name); });
      out_.comments_before(line.first, indent);
      const schema::FieldRow* row = row_of(kind, name);
      if (same.size() == 1) {
        field(name, line, indent, row, kind);
        continue;
      }
      out_.line(indent, name + ":");
      for (const Range& one : same) {
        out_.comments_before(one.first, indent + 1);
        const Range value{one.first + 1, one.last};
        const bool file = row != nullptr && row->form == FieldForm::file;
        out_.item(indent + 1, file ? file_scalar(value) : code_scalar(in_.text(value)), one);
      }
    }
  }

  std::string file_scalar(Range value) const {
    return "{ file: " + steps_.flow_text(in_[value.first + 1].text) + " }";
  }

  void field(const std::string& name, Range line, int indent, const schema::FieldRow* row,
             const std::string& kind) {
    const Range value{line.first + 1, line.last};
    const bool one_text = value.last - value.first == 1 && in_[value.first].kind == Kind::text;
    const bool prose = kind == "action" && one_text && (name == "doc" || name == "phrase");
    if (prose || (row != nullptr && one_text && row->form != FieldForm::any))
      return out_.entry(indent, name, text_scalar(unquoted(in_[value.first].text)), line);
    if (row == nullptr || row->form == FieldForm::any) return steps_.data(name, line, indent);
    switch (row->form) {
      case FieldForm::texts: {
        std::string list;
        for (const Range& item : in_.items(value))
          list += (list.empty() ? "" : ", ") + steps_.flow_text(in_[item.first].text);
        return out_.entry(indent, name, "[" + list + "]", line);
      }
      case FieldForm::content:
      case FieldForm::file:
        return out_.entry(indent, name, file_scalar(value), line);
      case FieldForm::list:
      case FieldForm::references:
        if (in_[value.first].is("(") && in_[value.first].partner + 1 == value.last)
          return out_.entry(indent, name, steps_.flow_list(in_.items(in_.inside(value.first))), line);
        break;
      default:
        break;
    }
    out_.entry(indent, name, code_scalar(in_.text(value)), line);
  }

  // ---- tests ----

  void test(Range body) {
    enum class Part { head, given, timeline } part = Part::head;
    for (const Range& line : in_.split(body)) {
      const bool start = part == Part::head && is(line, 0, "start");
      const bool given = part != Part::timeline && is(line, 0, "given");
      if (given && part == Part::head) out_.line(0, "given:");
      if (!start && !given && part != Part::timeline) out_.line(0, "timeline:");
      part = start ? Part::head : given ? Part::given : Part::timeline;
      out_.comments_before(line.first, start ? 0 : 1);
      if (start)
        out_.entry(0, "start", code_scalar(in_.text({line.first + 1, line.last})), line);
      else if (given)
        steps_.record({line.first + 1, line.last}, line, 1);
      else
        moment(line);
    }
  }
  /// `at +1d …` has its moment as the key.
  void moment(Range line) {
    const bool at = is(line, 0, "at"), last = is(line, 0, "finally");
    if (!at && !last) return out_.item(1, code_scalar(in_.text(line)), line);
    const bool sign = at && (is(line, 1, "+") || is(line, 1, "-"));
    const std::uint32_t behind = line.first + (last ? 1 : sign ? 3 : 2);
    out_.item(1, in_.text({line.first, behind}) + ": " + code_scalar(in_.text({behind, line.last})), line);
  }

  Statements in_;
  Lines out_;
  StepWriter steps_;
  std::string kind_;
};

}  // namespace

std::string write_yaml(std::string_view source, const Actions& actions) {
  return Writer(source, actions).run();
}

}  // namespace wf::yaml
