#include "compiler/wfc/line_diff.hpp"

#include <algorithm>
#include <vector>

namespace wf::wfc {
namespace {

constexpr int kContext = 3;
constexpr int kMostEdits = 1000;

using Lines = std::vector<std::string_view>;

struct Edit {
  char kind;  ///< ' ', '-' or '+'
  std::string_view line;
};

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    lines.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

/// How far the paths of each number of edits reach on each diagonal; empty when there are too many edits.
std::vector<std::vector<int>> reached(const Lines& a, const Lines& b) {
  const int n = static_cast<int>(a.size()), m = static_cast<int>(b.size());
  const int most = std::min(n + m, kMostEdits);
  std::vector<std::vector<int>> trace;
  std::vector<int> far(static_cast<std::size_t>(2 * most + 3), 0);
  const auto at = [&](int k) -> int& { return far[static_cast<std::size_t>(k + most + 1)]; };
  for (int d = 0; d <= most; ++d) {
    for (int k = -d; k <= d; k += 2) {
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      int x = down ? at(k + 1) : at(k - 1) + 1;
      while (x < n && x - k < m && x - k >= 0 &&
             a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)])
        ++x;
      at(k) = x;
      if (x < n || x - k < m) continue;
      trace.push_back(far);
      return trace;
    }
    trace.push_back(far);
  }
  return {};
}

std::vector<Edit> replaced(const Lines& a, const Lines& b) {
  std::vector<Edit> edits;
  for (const std::string_view line : a) edits.push_back({'-', line});
  for (const std::string_view line : b) edits.push_back({'+', line});
  return edits;
}

/// Walks the paths back from the ends of both texts.
std::vector<Edit> edits_of(const Lines& a, const Lines& b) {
  const auto trace = reached(a, b);
  if (trace.empty()) return replaced(a, b);
  const int middle = static_cast<int>(trace.front().size() / 2);
  std::vector<Edit> edits;
  int x = static_cast<int>(a.size()), y = static_cast<int>(b.size());
  const auto keep = [&](int to_x, int to_y) {
    while (x > to_x && y > to_y) {
      --x, --y;
      edits.push_back({' ', a[static_cast<std::size_t>(x)]});
    }
  };
  for (int d = static_cast<int>(trace.size()) - 1; d > 0; --d) {
    const auto at = [&](int k) {
      return trace[static_cast<std::size_t>(d - 1)][static_cast<std::size_t>(k + middle)];
    };
    const int k = x - y;
    const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
    const int from_x = at(down ? k + 1 : k - 1);
    const int from_y = from_x - (down ? k + 1 : k - 1);
    keep(down ? from_x : from_x + 1, down ? from_y + 1 : from_y);
    if (down)
      edits.push_back({'+', b[static_cast<std::size_t>(--y)]});
    else
      edits.push_back({'-', a[static_cast<std::size_t>(--x)]});
  }
  keep(0, 0);
  std::reverse(edits.begin(), edits.end());
  return edits;
}

class Hunks {
 public:
  explicit Hunks(const std::vector<Edit>& edits) : edits_(edits) {}

  std::string print() {
    for (std::size_t i = 0; i < edits_.size(); ++i) {
      if (edits_[i].kind == ' ') continue;
      const std::size_t end = end_of_hunk(i);
      print_hunk(i >= kContext ? i - kContext : 0, std::min(end + kContext, edits_.size()));
      i = end;
    }
    return std::move(out_);
  }

 private:
  /// Behind the last change that is not far from the one before.
  std::size_t end_of_hunk(std::size_t i) const {
    std::size_t end = i + 1;
    for (std::size_t j = i + 1; j < edits_.size() && j <= end + 2 * kContext; ++j) {
      if (edits_[j].kind != ' ') end = j + 1;
    }
    return end;
  }

  void print_hunk(std::size_t begin, std::size_t end) {
    count(begin);
    const std::size_t a = before_, b = after_;
    std::string body;
    std::size_t removed = 0, added = 0;
    for (std::size_t i = begin; i < end; ++i) {
      removed += edits_[i].kind != '+';
      added += edits_[i].kind != '-';
      body += edits_[i].kind;
      body += edits_[i].line;
      if (!edits_[i].line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
    }
    out_ += "@@ -" + range(a, removed) + " +" + range(b, added) + " @@\n" + body;
  }

  /// Counts the lines before an edit.
  void count(std::size_t upto) {
    for (; counted_ < upto; ++counted_) {
      before_ += edits_[counted_].kind != '+';
      after_ += edits_[counted_].kind != '-';
    }
  }
  static std::string range(std::size_t before, std::size_t size) {
    return std::to_string(size == 0 ? before : before + 1) + "," + std::to_string(size);
  }

  const std::vector<Edit>& edits_;
  std::string out_;
  std::size_t counted_ = 0, before_ = 0, after_ = 0;
};

}  // namespace

std::string line_diff(const std::string& path, std::string_view before, std::string_view after) {
  if (before == after) return {};
  const std::vector<Edit> edits = edits_of(lines_of(before), lines_of(after));
  const std::string shown = path.starts_with('/') ? path.substr(1) : path;
  return "--- a/" + shown + "\n+++ b/" + shown + "\n" + Hunks(edits).print();
}

}  // namespace wf::wfc
