#include "compiler/wfc/test_update.hpp"

#include <algorithm>
#include <map>

#include "grammar/value/calendar.hpp"

namespace wf::wfc {
namespace {

using When = ast::TestLine::When;

/// Where the line before `offset` begins, without its blanks.
struct SourceLine {
  std::size_t begin = 0, text = 0, end = 0;  // of the file's content; end is behind the line end
};

SourceLine line_at(std::string_view content, std::size_t offset) {
  SourceLine line;
  const std::size_t before = offset == 0 ? std::string_view::npos : content.rfind('\n', offset - 1);
  line.begin = before == std::string_view::npos ? 0 : before + 1;
  line.text = std::min(content.find_first_not_of(" \t", line.begin), content.size());
  const std::size_t end = content.find('\n', offset);
  line.end = end == std::string_view::npos ? content.size() : end + 1;
  return line;
}

/// Whole minutes: at that instant a send of the minute before counts as well.
std::int64_t rounded_up(std::int64_t offset) {
  return (offset + value::kMinute - 1) / value::kMinute * value::kMinute;
}

class Updater {
 public:
  Updater(const text::SourceSet& sources) : sources_(sources) {}

  void add(const TestOutcome& outcome) {
    for (const TestFailure& failure : outcome.failures) {
      if (!failure.missing_line.empty() && add_line(*outcome.test, failure)) continue;
      if (failure.edits.empty()) {
        ++update_.refused;
        continue;
      }
      for (const text::Edit& edit : failure.edits) {
        edits_[edit.span.file].push_back({edit.span.begin, edit.span.end, edit.text});
        ++update_.edits;
      }
    }
  }

  TestUpdate take() {
    for (auto& [file, edits] : edits_) {
      // Back to front, so that offsets stay true; lines for one place in the order of time.
      std::stable_sort(edits.begin(), edits.end(),
                       [](const Change& a, const Change& b) { return a.begin < b.begin; });
      std::string content(sources_.file(file).content());
      for (auto it = edits.rbegin(); it != edits.rend(); ++it) {
        content.replace(it->begin, it->end - it->begin, it->text);
      }
      update_.files.push_back({sources_.file(file).path(), std::move(content)});
    }
    return std::move(update_);
  }

 private:
  struct Change {
    std::size_t begin, end;
    std::string text;
  };

  /// Behind the last line of an instant up to the send's, with its indentation and columns.
  bool add_line(const sema::Test& test, const TestFailure& failure) {
    const std::int64_t offset = rounded_up(failure.at - test.start);
    const sema::TestLine* before = nullptr;
    for (const sema::TestLine& line : test.lines) {
      if (line.when != When::at || line.offset > offset) continue;
      if (before == nullptr || line.offset >= before->offset) before = &line;
    }
    if (before == nullptr) return false;
    const text::FileId file = before->span.file;
    const std::string_view content = sources_.file(file).content();
    const SourceLine model = line_at(content, before->span.begin);
    // Several lines in one row have no columns to keep.
    if (model.text != before->span.begin) return false;
    std::string text(content.substr(model.begin, model.text - model.begin));
    text += "at +" + value::format_compact_duration(offset);
    const std::size_t column = before->what.begin - model.begin;
    text.resize(std::max(text.size() + 1, column), ' ');
    text += failure.missing_line + "\n";
    const SourceLine last = line_at(content, before->span.end);
    if (content[last.end - 1] != '\n') return false;
    edits_[file].push_back({last.end, last.end, std::move(text)});
    ++update_.edits;
    return true;
  }

  const text::SourceSet& sources_;
  std::map<text::FileId, std::vector<Change>> edits_;
  TestUpdate update_;
};

}  // namespace

TestUpdate plan_update(const TestResults& results, const text::SourceSet& sources) {
  Updater updater(sources);
  for (const TestOutcome& outcome : results.outcomes) updater.add(outcome);
  return updater.take();
}

}  // namespace wf::wfc
