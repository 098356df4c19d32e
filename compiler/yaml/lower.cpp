#include "compiler/yaml/lower.hpp"

#include <algorithm>
#include <functional>

#include "compiler/schema/fields.hpp"
#include "compiler/yaml/steps.hpp"

namespace wf::yaml {
namespace {

using schema::FieldForm;

class Lowerer {
 public:
  Lowerer(std::string_view content, const Tree& tree, text::FileId file, const Actions& actions,
          text::DiagnosticSink& sink)
      : tree_(tree),
        out_(content, tree.comments),
        values_(file, out_, sink),
        steps_(actions, values_, out_) {}

  Lowered run() {
    for (std::size_t i = 0; i < tree_.documents.size(); ++i) document(tree_.documents[i].root, i == 0);
    out_.comments_before(UINT32_MAX);
    return {out_.take_text(), out_.take_pieces()};
  }

 private:
  using Entry = Node::Entry;

  void document(const Node& root, bool first) {
    if (root.kind == Node::Kind::null) return;
    if (!root.is_mapping()) {
      values_.report(root, "a declaration is needed here, such as `workflow: NAME` and its keys");
      return;
    }
    out_.keep_blank_line(root.begin);
    out_.comments_before(root.begin);
    const Entry* version = root.find("wf");
    if (first && version == nullptr) values_.report(root.entries.front().key, "a file begins with `wf: 1`");
    if (version != nullptr && version->value.value != "1")
      values_.report(version->value, "this version knows `wf: 1`");
    const auto kind = std::find_if(root.entries.begin(), root.entries.end(),
                                   [](const Entry& entry) { return entry.key.value != "wf"; });
    if (kind == root.entries.end()) return;
    root_ = &root;
    kind_ = kind->key.value;
    declaration(*kind);
    out_.within(false);
    out_.end_line();
  }

  /// The entries but `wf`, the kind and those that `head` used.
  template <class F>
  void each_entry(std::initializer_list<std::string_view> head, F use) {
    for (const Entry& entry : root_->entries) {
      const std::string& key = entry.key.value;
      const bool used = key == "wf" || key == kind_ || std::find(head.begin(), head.end(), key) != head.end();
      if (used) continue;
      out_.keep_blank_line(entry.key.begin);
      out_.comments_before(entry.key.begin);
      use(entry);
    }
  }

  void declaration(const Entry& kind) {
    if (kind_ == "test") return test(kind);
    if (kind_ == "event") return event(kind);
    if (kind_ == "extend") {
      out_.put("extend object ", kind.key.begin);
    } else {
      values_.name(kind.key);
      out_.put(" ", kind.key.end);
    }
    values_.code(kind.value);
    if (kind_ != "object" && kind_ != "extend") on_object();
    open(kind);
    body();
    close();
  }

  void open(const Entry& kind) {
    out_.put(" {", kind.value.end);
    out_.end_line();
    out_.within(true);
  }
  void close() {
    out_.within(false);
    out_.put("}", root_->end);
  }

  void on_object() {
    const Entry* object = root_->find("object");
    if (object == nullptr) return;
    out_.put(" on ", object->key.begin);
    values_.code(object->value);
  }

  void body() {
    if (kind_ == "object" || kind_ == "extend") return properties();
    if (kind_ == "workflow" || kind_ == "sequence") return workflow();
    if (kind_ == "campaign") return campaign();
    if (kind_ == "segment") return segment();
    if (kind_ == "scoring") return scoring();
    each_entry({}, [this](const Entry& entry) { field(entry); });
  }

  // ---- lines of bodies ----

  /// `KEY VALUE` with blanks for `_`, and a line for each item of a sequence. What needs no value has `true`.
  void header(const Entry& entry, std::string_view more = {}) {
    const auto one = [&](const Node& value) {
      values_.words(entry.key);
      if (value.value == "true") return out_.end_line();
      out_.put(more.empty() ? " " : " " + std::string(more) + " ", entry.key.end);
      values_.code(value);
      out_.end_line();
    };
    if (!entry.value.is_sequence()) return one(entry.value);
    for (const Node& item : entry.value.items) one(item);
  }
  void titled(const Entry& entry) {
    values_.words(entry.key);
    out_.put(" ", entry.value.begin);
    values_.text(entry.value);
    out_.end_line();
  }
  void listed(const Entry& entry) {
    values_.words(entry.key);
    out_.put(" ", entry.value.begin);
    values_.commas(entry.value);
    out_.end_line();
  }
  void formed(const Form& form, const Entry& entry) {
    if (!entry.value.is_mapping()) return header(entry);
    steps_.form(form, entry.value, "`" + entry.key.value + "`");
    out_.end_line();
  }

  void workflow() {
    each_entry({"object"}, [this](const Entry& entry) {
      const std::string& key = entry.key.value;
      if (key == "title") return titled(entry);
      if (key == "enroll") return enroll(entry);
      if (key == "suppress" || key == "pause_dates") return listed(entry);
      if (key == "cancel") return header(entry, "when");
      if (key == "window") return window(entry);
      if (key == "steps") return steps_.list(entry.value);
      header(entry);
    });
  }

  void enroll(const Entry& entry) {
    if (!entry.value.is_sequence()) return enrolment(entry, entry.value);
    for (const Node& item : entry.value.items) enrolment(entry, item);
  }
  void enrolment(const Entry& entry, const Node& value) {
    out_.comments_before(value.begin);
    if (!value.is_mapping()) {
      values_.words(entry.key);
      out_.put(" when ", entry.key.end);
      values_.code(value, true);
      return out_.end_line();
    }
    for (const Form& form : enrol_forms()) {
      if (value.find(form.head) == nullptr) continue;
      steps_.form(form, value, "`enroll`");
      return out_.end_line();
    }
    values_.report(value, "`any`, `all`, `when`, `at` or `every` is needed here");
  }

  /// A name of the tz database has a `/`, which no property has.
  void window(const Entry& entry) {
    const Entry* zone = entry.value.is_mapping() ? entry.value.find("in") : nullptr;
    const bool named = zone != nullptr && zone->value.value.find('/') != std::string::npos &&
                       zone->value.value.find('"') == std::string::npos;
    if (!named) return formed(window_form(), entry);
    static const Form fixed = [] {
      Form form = window_form();
      for (Part& part : form.parts)
        for (Part& inner : part.group)
          if (inner.key == "in") inner.shape = Shape::text;
      return form;
    }();
    formed(fixed, entry);
  }

  void campaign() {
    each_entry({"object"}, [this](const Entry& entry) {
      const std::string& key = entry.key.value;
      if (key == "title") return titled(entry);
      if (key == "suppress") return listed(entry);
      if (key == "window") return window(entry);
      if (key == "runs") return formed(runs_form(), entry);
      if (key == "stories") return stories(entry.value);
      if (key == "when_becomes") return edges(entry);
      header(entry);
    });
  }
  void stories(const Node& list) {
    if (!list.is_sequence()) {
      values_.report(list, "a list of stories is needed here");
      return;
    }
    for (const Node& story : list.items) {
      out_.comments_before(story.begin);
      steps_.form(story_form(), story, "a story");
      out_.end_line();
    }
  }
  void edges(const Entry& entry) {
    if (!entry.value.is_mapping()) {
      values_.report(entry.value, "the states with their steps are needed here");
      return;
    }
    for (const Entry& edge : entry.value.entries) {
      out_.comments_before(edge.key.begin);
      out_.put("when becomes ", edge.key.begin);
      values_.code(edge.key);
      out_.put(" ", edge.key.end);
      steps_.block(edge.value);
      out_.end_line();
    }
  }

  void segment() {
    each_entry({"object"}, [this](const Entry& entry) {
      if (entry.key.value == "title") return titled(entry);
      if (entry.key.value != "where")
        return values_.unknown_key(entry.key, "a segment", {"object", "title", "where"});
      lines(entry.value);
    });
  }
  void scoring() {
    each_entry({"object"}, [this](const Entry& entry) {
      if (entry.key.value == "title") return titled(entry);
      if (entry.key.value != "bands") return header(entry);
      if (!entry.value.is_sequence()) {
        values_.report(entry.value, "a list of bands is needed here");
        return;
      }
      for (const Node& band : entry.value.items) {
        out_.comments_before(band.begin);
        steps_.form(band_form(), band, "a band");
        out_.end_line();
      }
    });
  }
  /// Pieces of the text notation, one a line.
  void lines(const Node& list) {
    if (!list.is_sequence()) {
      values_.code(list, true);
      return out_.end_line();
    }
    for (const Node& item : list.items) {
      out_.comments_before(item.begin);
      values_.code(item, true);
      out_.end_line();
    }
  }

  void properties() {
    each_entry({}, [this](const Entry& entry) {
      if (entry.key.value != "properties" || !entry.value.is_mapping())
        return values_.unknown_key(entry.key, "an object", {"properties"});
      for (const Entry& property : entry.value.entries) {
        out_.keep_blank_line(property.key.begin);
        out_.comments_before(property.key.begin);
        values_.name(property.key);
        out_.put(" ", property.key.end);
        values_.code(property.value);
        out_.end_line();
      }
    });
  }

  void event(const Entry& kind) {
    values_.name(kind.key);
    out_.put(" ", kind.key.end);
    values_.code(kind.value);
    on_object();
    const Entry* parameters = root_->find("parameters");
    out_.put(" { ", kind.value.end);
    if (parameters != nullptr) parameter_list(parameters->value);
    out_.put(" }", kind.value.end);
    if (const Entry* phrase = root_->find("phrase")) {
      out_.put(" phrase ", phrase->key.begin);
      values_.text(phrase->value);
    }
    each_entry({"object", "parameters", "phrase"}, [this](const Entry& entry) {
      values_.unknown_key(entry.key, "an event", {"object", "parameters", "phrase"});
    });
  }
  void parameter_list(const Node& node) {
    if (!node.is_mapping()) {
      values_.report(node, "names with their types are needed here");
      return;
    }
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
      if (i > 0) out_.put(", ", node.entries[i].key.begin);
      values_.name(node.entries[i].key);
      out_.put(": ", node.entries[i].key.end);
      values_.code(node.entries[i].value);
    }
  }

  // ---- resources ----

  const schema::FieldRow* row_of(const std::string& field) const {
    for (const schema::FieldRow& row : schema::field_table()) {
      if (row.kind == kind_ && row.name == field) return &row;
    }
    return nullptr;
  }

  void field(const Entry& entry) {
    const schema::FieldRow* row = row_of(entry.key.value);
    const bool repeated =
        entry.value.is_sequence() && ((row != nullptr && row->repeats) || kind_ == "policy");
    if (!repeated) return field_line(entry.key, entry.value, row);
    for (const Node& item : entry.value.items) field_line(entry.key, item, row);
  }
  void field_line(const Node& key, const Node& value, const schema::FieldRow* row) {
    values_.name(key);
    out_.put(" ", key.end);
    field_value(key, value, row);
    out_.end_line();
  }

  void field_value(const Node& key, const Node& value, const schema::FieldRow* row) {
    if (row == nullptr) {
      const bool prose = kind_ == "action" && (key.value == "doc" || key.value == "phrase");
      return prose ? values_.text(value) : other_field(value);
    }
    switch (row->form) {
      case FieldForm::text:
        return values_.text(value);
      case FieldForm::texts:
        return values_.commas(value, true);
      case FieldForm::content:
        return value.is_mapping() ? file(value) : values_.text(value);
      case FieldForm::file:
        return value.is_mapping() ? file(value) : values_.code(value);
      case FieldForm::url:
        return value.value.starts_with("secret.") ? values_.code(value) : values_.text(value);
      case FieldForm::hours:
        return values_.commas(value);
      case FieldForm::list:
      case FieldForm::references:
        return values_.list(value);
      case FieldForm::any:
        return other_field(value);
      default:
        return values_.code(value);
    }
  }
  void file(const Node& mapping) {
    const Entry* path = mapping.find("file");
    if (path == nullptr || mapping.entries.size() != 1) {
      values_.report(mapping, "a text, or `file` alone, is needed here");
      return;
    }
    out_.put("file ", path->key.begin);
    values_.text(path->value);
  }
  /// A mapping is a block of fields, a sequence a list.
  void other_field(const Node& value) { value.is_mapping() ? data(value) : values_.loose(value); }
  void data(const Node& mapping) {
    out_.put("{ ", mapping.begin);
    for (std::size_t i = 0; i < mapping.entries.size(); ++i) {
      if (i > 0) out_.put("; ", mapping.entries[i].key.begin);
      values_.name(mapping.entries[i].key);
      out_.put(" ", mapping.entries[i].key.end);
      other_field(mapping.entries[i].value);
    }
    out_.put(" }", mapping.end);
  }

  // ---- tests ----

  void test(const Entry& kind) {
    out_.put("test ", kind.key.begin);
    values_.text(kind.value);
    open(kind);
    each_entry({}, [this](const Entry& entry) {
      if (entry.key.value == "start") return header(entry);
      if (entry.key.value == "given") return given(entry);
      if (entry.key.value == "timeline") return timeline(entry.value);
      values_.unknown_key(entry.key, "a test", {"start", "given", "timeline"});
    });
    close();
  }

  void given(const Entry& entry) {
    if (!entry.value.is_sequence()) {
      values_.report(entry.value, "a list is needed here");
      return;
    }
    for (const Node& item : entry.value.items) {
      out_.comments_before(item.begin);
      out_.put("given ", item.begin);
      item.is_mapping() ? record(item) : values_.code(item, true);
      out_.end_line();
    }
  }
  /// `contact: taro` and `with`, its data.
  void record(const Node& mapping) {
    const Entry& object = mapping.entries.front();
    values_.name(object.key);
    out_.put(" ", object.key.end);
    values_.code(object.value);
    for (std::size_t i = 1; i < mapping.entries.size(); ++i) {
      const Entry& entry = mapping.entries[i];
      if (entry.key.value != "with" || !entry.value.is_mapping())
        return values_.unknown_key(entry.key, "a record", {"with"});
      out_.put(" ", entry.key.begin);
      data(entry.value);
    }
  }

  void timeline(const Node& list) {
    if (!list.is_sequence()) {
      values_.report(list, "a list of what happens is needed here");
      return;
    }
    for (const Node& item : list.items) {
      out_.keep_blank_line(item.begin);
      out_.comments_before(item.begin);
      if (item.is_mapping() && item.entries.size() == 1) {
        values_.code(item.entries.front().key);
        out_.put(" ", item.entries.front().key.end);
        values_.code(item.entries.front().value, true);
      } else {
        values_.code(item, true);
      }
      out_.end_line();
    }
  }

  const Tree& tree_;
  Output out_;
  Values values_;
  Steps steps_;
  const Node* root_ = nullptr;
  std::string kind_;
};

}  // namespace

bool is_yaml(std::string_view path) {
  return path.ends_with(".wf.yaml") || path.ends_with(".wf.yml");
}

std::optional<Lowered> lower(std::string_view content, text::FileId file, const Actions& actions,
                             text::DiagnosticSink& sink) {
  text::DiagnosticSink own;
  std::optional<Lowered> lowered;
  if (const auto tree = read_tree(content, file, own)) {
    lowered = Lowerer(content, *tree, file, actions, own).run();
  }
  if (own.has_errors()) lowered.reset();
  sink.absorb(own.take());
  return lowered;
}

}  // namespace wf::yaml
