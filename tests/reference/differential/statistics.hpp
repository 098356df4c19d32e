// What a run of many programs went through: a differential run in which nothing happens shows nothing.
#pragma once

#include <map>
#include <string>

#include "tests/reference/differential/examine.hpp"

namespace wf::reference {

class Statistics {
 public:
  void add(const Examined& examined);
  /// A few lines: programs, enrolments and steps a program, the outcomes reached with their numbers.
  std::string text() const;
  std::size_t programs() const { return programs_; }
  std::size_t rejected() const { return rejected_; }
  std::size_t endless() const { return endless_; }

 private:
  std::size_t programs_ = 0, rejected_ = 0, endless_ = 0, lines_ = 0, without_enrolment_ = 0;
  std::map<std::string, std::size_t> ends_, refusals_, steps_, others_;
  std::map<std::string, std::size_t> errors_;
};

}  // namespace wf::reference
