// The work of schema::build, in passes. Internal to this folder.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/schema/fields.hpp"
#include "compiler/schema/schema.hpp"

namespace wf::schema {

class Builder {
 public:
  Builder(const std::vector<ast::File>& files, const text::SourceSet& sources, text::DiagnosticSink& sink)
      : files_(files), sources_(sources), sink_(sink) {}

  Schema build();

 private:
  template <class Node, class Visit>
  void each(Visit visit) const {
    for (const ast::File& file : files_) {
      for (const ast::Decl& decl : file.decls) {
        if (const auto* node = std::get_if<Node>(&decl.node)) visit(*node, decl);
      }
    }
  }

  // objects.cpp
  void declare_objects();
  void declare_properties();
  void declare_property(std::uint32_t object, const ast::Property& property);
  void declare_inverses();
  void declare_inverse(std::uint32_t object, const ast::Property& property);
  bool name_is_free(std::uint32_t object, const ast::Name& name);
  std::optional<bytecode::Type> property_type(std::uint32_t object, const ast::Property& property);
  std::uint32_t declare_enum(const std::string& name, const ast::Property& property);
  void read_flags(bytecode::Property& property, PropertyInfo& info, const ast::Property& decl);
  void read_flag(bytecode::Property& property, PropertyInfo& info, const ast::Flag& flag);
  void read_initial(bytecode::Property& property, const ast::Property& decl);
  std::uint32_t object_named(const ast::Name& name);

  // verbs.cpp
  void declare_events();
  void declare_event(const ast::EventDecl& decl);
  void read_event_phrase(std::uint32_t event, const ast::EventDecl& decl);
  void check_event_phrases();
  void declare_actions();
  void declare_action(const ast::ResourceDecl& decl);
  void read_action_field(ActionInfo& action, const ast::Field& field);
  void check_action_phrases();

  // resources.cpp
  void declare_names();
  /// False when the name is taken.
  bool declare_resource_name(ResourceKind kind, const ast::Name& name, const ast::ResourceDecl* decl);
  void declare_resource(const ast::ResourceDecl& decl);
  void append_resource(ResourceKind kind, const std::string& name);
  void read_project(const ast::ResourceDecl& decl);
  void read_resources();
  void read_resource(ResourceKind kind, std::uint32_t index, const ast::ResourceDecl& decl);
  void read_email(bytecode::Email& email, const Fields& fields, const ast::ResourceDecl& decl);
  void read_form(bytecode::Form& form, const Fields& fields);
  void read_form_field(std::vector<bytecode::FormField>& fields, std::uint32_t object, const ast::Atom& item);
  void read_occasion(bytecode::Occasion& occasion, const Fields& fields);
  void read_team(bytecode::Team& team, const Fields& fields);
  void read_webhook(bytecode::Webhook& webhook, const Fields& fields);
  void read_survey(bytecode::Survey& survey, const Fields& fields);
  void read_audience(bytecode::Audience& audience, const Fields& fields);

  // calendars.cpp
  void read_calendar(bytecode::Calendar& calendar, const Fields& fields);
  void read_opening(bytecode::Calendar& calendar, const ast::Field& field);
  std::uint32_t refer(ResourceKind kind, const ast::Atom& atom);
  void read_returns(bytecode::Webhook& webhook, const ast::Field& field);
  void read_required_headers(const ast::Field& field);

  // policies.cpp
  void declare_policy(const ast::ResourceDecl& decl);
  void read_policy_field(const ast::Field& field, Policy& policy, bytecode::Policy& out);
  void declare_experiments(const ast::Block& steps);

  // campaigns.cpp
  void declare_scoring(const ast::ScoringDecl& decl);
  void declare_campaign(const ast::CampaignDecl& decl);
  std::uint32_t declare_list(const std::string& name, const std::string& title, Span span);
  std::uint32_t declare_hidden(std::uint32_t object, const std::string& name, value::Kind kind, Span span);
  void read_campaigns();
  void read_campaign(bytecode::Campaign& campaign, const ast::CampaignDecl& decl);
  void read_period(bytecode::Campaign& campaign, const ast::CampaignDecl& decl);
  void check_story_name(const ast::Story& story, const ast::CampaignDecl& decl);
  std::uint32_t refer_path(ResourceKind kind, const ast::Path& path);
  void read_report(bytecode::Report& report, const ast::Report& decl);

  const std::vector<ast::File>& files_;
  const text::SourceSet& sources_;
  text::DiagnosticSink& sink_;
  Schema schema_;
  Span project_span_;
  const ast::Atom* project_calendar_ = nullptr;
};

}  // namespace wf::schema
