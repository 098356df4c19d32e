// What a generated program can speak of: objects with their properties, resources, events. The standard
// objects are read from the checked standard library, so that a new property is used without a word here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/sema/module.hpp"
#include "tests/reference/generator/rng.hpp"
#include "tests/reference/generator/tree.hpp"

namespace wf::reference {

struct Property {
  std::string name;
  value::Kind kind = value::Kind::text;
  bytecode::Format format = bytecode::Format::plain;
  bool nullable = true;
  bool required = false;  ///< always known, and without a default: a record brings it
  bool writable = true;   ///< by steps
  bool pii = false;
  bool ordered = false;
  std::vector<std::string> values;  ///< of an enum
  std::string target;               ///< object of an association, kind of a resource
  int low = -20, high = 40;         ///< numbers drawn
};
struct Object {
  std::string name;
  std::vector<Property> properties;
};

/// An event that a timeline can bring and a program can ask for.
struct EventForm {
  std::string object;
  std::string phrase;  ///< "form.f0 submitted"
  std::string any;     ///< "page.any viewed" where that can be said
  std::string resource;
  enum class Fields : std::uint8_t { none, url, probe, form } fields = Fields::none;
};

struct Vocabulary {
  std::map<std::string, std::string> segment_texts;  ///< their conditions, those of segments in them included
  bool project_calendar = false;                     ///< business time needs no other
  std::vector<Object> objects;
  std::vector<std::string> emails, topics, lists, pages, forms, links, users, teams, messages, webhooks;
  std::vector<std::string> plain_messages;                     ///< usable in a workflow on any object
  std::vector<std::pair<std::string, std::string>> segments;   ///< name, object
  std::vector<std::pair<std::string, std::string>> workflows;  ///< name, object
  std::vector<EventForm> events;
  std::string zone;

  const Object& object(const std::string& name) const;
  const Property* property(const std::string& object, const std::string& name) const;
};

/// Declares a random world in front of a program's workflows.
class WorldMaker {
 public:
  WorldMaker(Rng& rng, const bytecode::Catalogue& standard) : rng_(rng), standard_(standard) {}
  /// Appends the declarations to `root`.
  Vocabulary make(Node& root);

 private:
  void read_objects();
  void extend(Node& root, const std::string& object);
  void people(Node& root);
  void mails(Node& root);
  void places(Node& root);
  void policies(Node& root);
  void events(Node& root);

  Rng& rng_;
  const bytecode::Catalogue& standard_;
  Vocabulary out_;
};

/// A value of a property, as it is written in conditions and steps.
std::string literal(Rng& rng, const Property& property, const Vocabulary& words);

}  // namespace wf::reference
