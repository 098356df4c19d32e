// Random workflows: headers and steps.
#pragma once

#include "tests/reference/generator/conditions.hpp"

namespace wf::reference {

class WorkflowMaker {
 public:
  WorkflowMaker(Rng& rng, const Vocabulary& words, Hooks& hooks)
      : rng_(rng), words_(words), hooks_(hooks), conditions_(rng, words, hooks) {}

  Node make(const std::string& name, const std::string& object);

 private:
  void headers(Node& workflow);
  Node triggers();
  std::string trigger();
  std::string schedule(const Place& place);
  std::string reenroll();
  /// A condition that no other record changes.
  std::string of_the_record(const Place& place);
  std::string window();

  void steps(std::vector<Node>& out, Place& place, int budget, int depth);
  void step(std::vector<Node>& out, Place& place, int depth);
  void wait(std::vector<Node>& out, Place& place, int depth);
  void branch(std::vector<Node>& out, Place& place, int depth);
  void match(std::vector<Node>& out, Place& place, int depth);
  void send(std::vector<Node>& out, Place& place);
  void write(std::vector<Node>& out, Place& place);
  void people(std::vector<Node>& out);
  void other_workflow(std::vector<Node>& out);
  void call(std::vector<Node>& out, int depth);
  void let(std::vector<Node>& out, Place& place);
  Node block(const std::string& head, const Place& place, int depth);
  std::string assignee();
  void passed(Place& place) { place.known.clear(); }

  Rng& rng_;
  const Vocabulary& words_;
  Hooks& hooks_;
  Conditions conditions_;
  std::string object_;
  bool has_event_trigger_ = false;
  int labels_ = 0, lets_ = 0;
};

}  // namespace wf::reference
