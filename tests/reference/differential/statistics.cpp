#include "tests/reference/differential/statistics.hpp"

#include <cstdio>

namespace wf::reference {

namespace {

std::string first_words(const std::string& label) {
  const std::size_t blank = label.find(' ');
  const std::string verb = label.substr(0, blank);
  if (verb != "wait" || blank == label.npos) return verb;
  return label.compare(blank + 1, 5, "until") == 0 ? "wait until" : "wait";
}

std::string ratio(std::size_t a, std::size_t b) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", b == 0 ? 0.0 : static_cast<double>(a) / static_cast<double>(b));
  return text;
}

std::size_t total(const std::map<std::string, std::size_t>& counts) {
  std::size_t sum = 0;
  for (const auto& [name, n] : counts) sum += n;
  return sum;
}

std::string listed(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [name, n] : counts) text += (text.empty() ? "" : ", ") + name + " " + std::to_string(n);
  return text;
}

}  // namespace

void Statistics::add(const Examined& examined) {
  if (examined.result == Examined::Result::rejected) {
    ++rejected_;
    ++errors_[examined.errors.substr(0, 5)];
    return;
  }
  if (examined.result == Examined::Result::endless) {
    ++endless_;
    return;
  }
  ++programs_;
  lines_ += examined.reference.trace.size();
  bool enrolled = false;
  for (const Line& line : examined.reference.trace) {
    if (line.what == "ended") {
      ++ends_[line.detail];
    } else if (line.what == "not_enrolled") {
      ++refusals_[line.detail];
    } else if (line.what == "step") {
      ++steps_[first_words(line.detail)];
    } else if (line.what != "property" && line.what != "created" && line.what != "error") {
      ++others_[std::string(line.what)];
    }
    enrolled = enrolled || line.what == "enrolled";
  }
  without_enrolment_ += enrolled ? 0 : 1;
}

std::string Statistics::text() const {
  std::string out = std::to_string(programs_) + " programs agree with the engine, " +
                    std::to_string(rejected_) + " rejected by the checker, " + std::to_string(endless_) +
                    " endless\n";
  if (rejected_ > 0) out += "  rejected: " + listed(errors_) + "\n";
  const auto enrolled = others_.find("enrolled");
  out += "  a program: " + ratio(enrolled == others_.end() ? 0 : enrolled->second, programs_) +
         " enrolments, " + ratio(total(steps_), programs_) + " steps, " + ratio(lines_, programs_) +
         " lines; " + std::to_string(without_enrolment_) + " programs without an enrolment\n";
  out += "  ends: " + listed(ends_) + "\n";
  out += "  not enrolled: " + listed(refusals_) + "\n";
  out += "  steps: " + listed(steps_) + "\n";
  out += "  others: " + listed(others_) + "\n";
  return out;
}

}  // namespace wf::reference
