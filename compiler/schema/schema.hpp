// Schema: the declarations of all files as a catalogue, and what the checker needs beside it: where things
// were declared, the phrases of actions and events, and the declarations that are checked later.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compiler/schema/phrase.hpp"
#include "grammar/ast/ast.hpp"
#include "grammar/text/diagnostic.hpp"
#include "runtime/bytecode/catalogue.hpp"

namespace wf::schema {

using bytecode::kNone;
using bytecode::ResourceKind;
using text::Span;

using bytecode::kResourceKinds;

/// `reply.failure`: why a call brought no answer.
inline constexpr const char* kReplyFailure = "failure";

struct PropertyInfo {
  Span name, type;  ///< the property's name and its type as written
  std::string type_text;
  bool high_rate = false;       ///< `rate(high)`
  std::uint32_t owner = kNone;  ///< `owned_by workflow.x`
  Span owner_span;
};
struct ObjectInfo {
  Span name;
  std::vector<PropertyInfo> properties;  ///< as in the catalogue
  std::vector<std::string> broken;       ///< names whose declaration had an error and was left out
};

/// "{email} opened", "unsubscribed from {topic}": how an event reads.
struct EventPattern {
  std::uint32_t parameter = 0;  ///< the parameter that the reference fills
  ResourceKind kind = ResourceKind::email;
  std::string verb;
  std::string preposition;  ///< "" when the reference stands before the verb
};
struct EventInfo {
  Span name;
  std::optional<EventPattern> pattern;
};

struct ActionInfo {
  std::string name, effect;
  Span name_span, effect_span;
  std::vector<Phrase> phrases;
};

struct ResourceInfo {
  Span name;
  const ast::ResourceDecl* decl = nullptr;  ///< null for segments and workflows
};

/// `quiet 21:00..08:00 in contact.timezone else "Asia/Tokyo"`: minutes of the local day.
struct QuietHours {
  std::int32_t from = 0, to = 0;
  std::optional<ast::ZoneClause> zone;
  Span span;
};
struct Policy {
  const ast::ResourceDecl* decl = nullptr;
  std::vector<QuietHours> quiet;
};

/// Pointers lead into the AST that the schema was built from.
struct Schema {
  bytecode::Catalogue catalogue;    ///< templates and conditions still empty
  std::vector<ObjectInfo> objects;  ///< these two as in the catalogue
  std::vector<EventInfo> events;
  std::vector<ActionInfo> actions;
  /// The phrases that begin with a word: action and phrase, by index, in the order of their declaration.
  std::unordered_map<std::string, std::vector<std::pair<std::uint32_t, std::uint32_t>>> phrases;
  std::vector<std::string> names[kResourceKinds];  ///< of resources, workflows and segments, by index
  std::map<std::string, std::uint32_t> indices[kResourceKinds];
  std::vector<ResourceInfo> resources[kResourceKinds];
  std::vector<const ast::SegmentDecl*> segments;  ///< as in the catalogue
  std::vector<const ast::WorkflowDecl*> workflows;
  std::vector<std::uint32_t> workflow_objects;      ///< kNone when undeclared
  std::vector<const ast::WorkflowDecl*> sequences;  ///< they become workflows behind those
  std::vector<const ast::ScoringDecl*> scorings;    ///< as in the catalogue
  std::vector<const ast::CampaignDecl*> campaigns;  ///< as in the catalogue
  std::uint32_t campaign_status = kNone;            ///< enum: none, responded, hot; when there are campaigns
  std::vector<const ast::TestDecl*> tests;
  std::vector<Span> test_spans;
  std::optional<std::int32_t> today;  ///< `project { today 2026-03-02 }`: from when on checks look at dates
  std::vector<Policy> policies;       ///< as in the catalogue
  std::vector<const ast::Experiment*> experiments;  ///< as in the catalogue
  std::vector<std::string> required_headers;        ///< `require` of the project: owner, title
  /// Some declaration had an error and was left out: what is not found may be it.
  bool events_incomplete = false, actions_incomplete = false;

  /// Index of a resource, segment or workflow; kNone when absent.
  std::uint32_t find(ResourceKind kind, const std::string& name) const;
  const std::vector<std::string>& names_of(ResourceKind kind) const {
    return names[static_cast<std::size_t>(kind)];
  }
  const ResourceInfo& resource(ResourceKind kind, std::uint32_t index) const {
    return resources[static_cast<std::size_t>(kind)][index];
  }
  const PropertyInfo& property(std::uint32_t object, std::uint32_t index) const {
    return objects[object].properties[index];
  }
  std::vector<std::string> property_names(std::uint32_t object) const;
  std::vector<std::string> object_names() const;
  /// "contact.lifecycle_stage is enum(…)?", for notes.
  std::string describe_property(std::uint32_t object, std::uint32_t property) const;
};

/// `files` must be free of syntax errors. Reports every finding; what could not be read is left out, so that
/// the checks after it meet no half-built entry.
Schema build(const std::vector<ast::File>& files, const text::SourceSet& sources,
             text::DiagnosticSink& diagnostics);

/// "text", "number", "e-mail address", "enum", "contact": a type as messages name it.
std::string type_name(const bytecode::Type& type, const bytecode::Catalogue& catalogue);

}  // namespace wf::schema
