// Random conditions, values, event phrases and moments over a vocabulary.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/reference/generator/vocabulary.hpp"

namespace wf::reference {

/// What a program waits for and asks about: a timeline that brings it goes somewhere.
struct Hooks {
  std::vector<std::size_t> events;                              ///< of Vocabulary::events
  std::vector<std::pair<std::string, std::string>> properties;  ///< object, name
  std::vector<std::string> lists, tags, durations;
};

/// Where a condition stands.
struct Place {
  std::string object;
  bool body = false;                ///< in the steps of a workflow
  std::vector<std::string> labels;  ///< of sends that came before
  std::vector<Property> lets;
  std::set<std::string> known;  ///< nullable properties that have a value here
  /// Conditions about what the steps before have written: what a group reads of its own writes.
  std::vector<std::string> recent;
};

class Conditions {
 public:
  Conditions(Rng& rng, const Vocabulary& words, Hooks& hooks) : rng_(rng), words_(words), hooks_(hooks) {}

  /// One condition, up to `depth` levels of `and`, `or` and `not` deep.
  std::string condition(const Place& place, int depth = 2);
  /// With the conditions of the segments that it asks for.
  std::string in_full(const std::string& condition) const;
  /// Does it read another record? The interpreter does not follow what a change of that one sets in motion.
  bool asks_others(const std::string& object, const std::string& condition) const;
  /// A comparison of one property of the place's object; `name` says which.
  std::string about(const Place& place, const Property& property, const std::string& path);
  /// What may stand behind `set … to` for a property; empty when there is nothing.
  std::string value(const Place& place, const Property& property);
  std::string event_phrase(const Place& place, bool refined);
  /// The index of an event of this object; Vocabulary::events.size() when there is none.
  std::size_t event_of(const std::string& object);
  std::string phrase_of(std::size_t event);
  std::string duration();
  std::string moment(const Place& place, bool& needs_if_past);
  std::string zone_clause(const Place& place);
  /// "6 business hours", and the calendar that it counts in where the project has none.
  std::string business_length();
  std::string calendar_clause();
  const Property& property_of(const std::string& object);
  std::string literal_of(const Property& property) { return literal(rng_, property, words_); }

 private:
  std::string plain(const Place& place);
  std::string numeric(const Place& place, const Property& p, const std::string& path);
  std::string textual(const Property& p, const std::string& path);
  std::string dated(const Property& p, const std::string& path);
  std::string named(const Place& place, const Property& p, const std::string& path);
  std::string any_of(const Property& p, const std::string& path);
  std::string counted(const Place& place);
  std::string where(const EventForm& event);
  std::string number_of(const Place& place);

  Rng& rng_;
  const Vocabulary& words_;
  Hooks& hooks_;
};

}  // namespace wf::reference
