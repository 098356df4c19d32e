// Random timelines: mostly what the program waits for, at instants that meet its waits.
#pragma once

#include "tests/reference/generator/conditions.hpp"

namespace wf::reference {

class TimelineMaker {
 public:
  TimelineMaker(Rng& rng, const Vocabulary& words, const Hooks& hooks)
      : rng_(rng), words_(words), hooks_(hooks) {}

  Node make();

 private:
  struct Person {
    std::string name, object;
  };
  void given(Node& test, const std::string& name, const std::string& object);
  std::string line(const Person& person);
  std::string event(const Person& person, const EventForm& form);
  std::string extra(const Person& person);
  std::string data(const std::string& object);
  std::string offset();
  std::string value_for(const Property& property);

  Rng& rng_;
  const Vocabulary& words_;
  const Hooks& hooks_;
  std::vector<Person> people_;
  std::int64_t now_ = 0;  ///< after the start
  int ids_ = 1;
};

}  // namespace wf::reference
