// Constants: a set of texts or resources by name: at most 16 of them, or all but at most 16.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace wf::domain {

class Constants {
 public:
  static constexpr std::size_t kMost = 16;

  /// None.
  Constants() = default;
  static Constants all() { return all_but({}); }
  /// Exactly these, or everything when there are too many.
  static Constants only(std::vector<std::string> items);
  /// Everything but these. With too many of them some are possible again.
  static Constants all_but(std::vector<std::string> items);

  bool empty() const { return !complement_ && items_.empty(); }
  bool is_all() const { return complement_ && items_.empty(); }
  bool is_one() const { return !complement_ && items_.size() == 1; }
  bool contains(const std::string& item) const;
  /// A finite set, or what it leaves out?
  bool is_complement() const { return complement_; }
  const std::vector<std::string>& items() const { return items_; }

  friend bool operator==(const Constants&, const Constants&) = default;
  friend Constants operator&(const Constants& a, const Constants& b);
  friend Constants operator|(const Constants& a, const Constants& b);
  /// What is in `a` and not in `b`; `b` must be exact.
  friend Constants operator-(const Constants& a, const Constants& b);

 private:
  bool complement_ = false;
  std::vector<std::string> items_;  ///< sorted
};

}  // namespace wf::domain
