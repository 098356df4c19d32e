// Resources: their names first, then their fields, since fields refer to other resources.
#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/builder.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/schema/secrets.hpp"
#include "compiler/schema/types.hpp"
#include "grammar/value/calendar.hpp"

namespace wf::schema {

void Builder::declare_names() {
  for (const ast::File& file : files_) {
    for (const ast::Decl& decl : file.decls) {
      if (const auto* segment = std::get_if<ast::SegmentDecl>(&decl.node)) {
        if (declare_resource_name(ResourceKind::segment, segment->name, nullptr)) {
          schema_.segments.push_back(segment);
        }
      } else if (const auto* workflow = std::get_if<ast::WorkflowDecl>(&decl.node)) {
        const ResourceKind kind = workflow->is_sequence ? ResourceKind::sequence : ResourceKind::workflow;
        if (!declare_resource_name(kind, workflow->name, nullptr)) continue;
        (workflow->is_sequence ? schema_.sequences : schema_.workflows).push_back(workflow);
        declare_experiments(workflow->steps);
      } else if (const auto* test = std::get_if<ast::TestDecl>(&decl.node)) {
        schema_.tests.push_back(test);
        schema_.test_spans.push_back(decl.span);
      } else if (const auto* scoring = std::get_if<ast::ScoringDecl>(&decl.node)) {
        declare_scoring(*scoring);
      } else if (const auto* campaign = std::get_if<ast::CampaignDecl>(&decl.node)) {
        declare_campaign(*campaign);
      } else if (const auto* resource = std::get_if<ast::ResourceDecl>(&decl.node)) {
        declare_resource(*resource);
      }
    }
  }
  // Sequences become workflows behind the others.
  for (const auto* declared : {&schema_.workflows, &schema_.sequences}) {
    for (const ast::WorkflowDecl* workflow : *declared) {
      schema_.workflow_objects.push_back(workflow->on ? object_named(*workflow->on) : kNone);
    }
  }
}

void Builder::declare_resource(const ast::ResourceDecl& decl) {
  const std::string& kind = decl.kind.text;
  if (kind == "action") return;
  if (kind == "project") {
    read_project(decl);
  } else if (kind == "policy") {
    declare_policy(decl);
  } else if (known_kind(kind)) {
    declare_resource_name(*bytecode::resource_kind(kind), decl.name, &decl);
  } else if (is_planned_kind(kind)) {
    sink_.report(text::Code::not_available, decl.kind.span,
                 "`" + kind + "` is not available in this version");
  } else {
    report_unknown(sink_, text::Code::unknown_kind, decl.kind.span, "there is no declaration `" + kind + "`",
                   kind, all_kinds());
  }
}

bool Builder::declare_resource_name(ResourceKind kind, const ast::Name& name, const ast::ResourceDecl* decl) {
  const std::uint32_t first = schema_.find(kind, name.text);
  if (first != kNone) {
    report_duplicate(sink_, name.span, schema_.resource(kind, first).name, bytecode::to_string(kind),
                     name.text);
    return false;
  }
  if (name.text == "any") {
    sink_.report(text::Code::reserved_name, name.span, "`any` cannot be the name of a resource");
  }
  auto& names = schema_.names[static_cast<std::size_t>(kind)];
  schema_.indices[static_cast<std::size_t>(kind)].emplace(name.text,
                                                          static_cast<std::uint32_t>(names.size()));
  names.push_back(name.text);
  schema_.resources[static_cast<std::size_t>(kind)].push_back({name.span, decl});
  append_resource(kind, name.text);
  return true;
}

void Builder::append_resource(ResourceKind kind, const std::string& name) {
  bytecode::Catalogue& c = schema_.catalogue;
  const auto append = [&](auto& items) { items.emplace_back().name = name; };
  switch (kind) {
    case ResourceKind::email:
      return append(c.emails);
    case ResourceKind::sender:
      return append(c.senders);
    case ResourceKind::topic:
      return append(c.topics);
    case ResourceKind::form:
      return append(c.forms);
    case ResourceKind::page:
      return append(c.pages);
    case ResourceKind::link:
      return append(c.links);
    case ResourceKind::occasion:
      return append(c.occasions);
    case ResourceKind::list:
      return append(c.lists);
    case ResourceKind::segment:
      return append(c.segments);
    case ResourceKind::user:
      return append(c.users);
    case ResourceKind::team:
      return append(c.teams);
    case ResourceKind::message:
      return append(c.messages);
    case ResourceKind::webhook:
      return append(c.webhooks);
    case ResourceKind::calendar:
      return append(c.calendars);
    case ResourceKind::experiment:
      return append(c.experiments);
    case ResourceKind::video:
      return append(c.videos);
    case ResourceKind::survey:
      return append(c.surveys);
    case ResourceKind::audience:
      return append(c.audiences);
    case ResourceKind::scoring:
      return append(c.scorings);
    case ResourceKind::campaign:
      return append(c.campaigns);
    case ResourceKind::workflow:
    case ResourceKind::sequence:
      return;
  }
}

void Builder::read_project(const ast::ResourceDecl& decl) {
  if (!schema_.catalogue.project.empty()) {
    report_duplicate(sink_, decl.name.span, project_span_, "project", decl.name.text);
    return;
  }
  project_span_ = decl.name.span;
  schema_.catalogue.project = decl.name.text;
  const Fields fields(decl, sink_);
  if (const ast::Field* calendar = fields.find("calendar")) project_calendar_ = &calendar->atoms[0];
  if (const ast::Field* today = fields.find("today")) {
    schema_.today = std::get<ast::Date>(std::get<ast::Literal>(today->atoms[0].value).value).days;
  }
  if (const std::string locale = fields.word("locale"); !locale.empty()) schema_.catalogue.locale = locale;
  if (const ast::Field* required = fields.find("require")) read_required_headers(*required);
  const std::string zone = fields.text("zone");
  if (zone.empty()) return;
  if (value::zone_exists(zone)) {
    schema_.catalogue.zone = zone;
  } else {
    sink_.report(text::Code::no_such_zone, fields.find("zone")->atoms[0].span,
                 "there is no zone `" + zone + "`");
  }
}

void Builder::read_resources() {
  if (project_calendar_) schema_.catalogue.calendar = refer(ResourceKind::calendar, *project_calendar_);
  for (std::size_t kind = 0; kind < kResourceKinds; ++kind) {
    for (std::size_t i = 0; i < schema_.resources[kind].size(); ++i) {
      const ast::ResourceDecl* decl = schema_.resources[kind][i].decl;
      if (decl) read_resource(static_cast<ResourceKind>(kind), static_cast<std::uint32_t>(i), *decl);
    }
  }
}

void Builder::read_resource(ResourceKind kind, std::uint32_t index, const ast::ResourceDecl& decl) {
  bytecode::Catalogue& c = schema_.catalogue;
  const Fields fields(decl, sink_);
  switch (kind) {
    case ResourceKind::email:
      return read_email(c.emails[index], fields, decl);
    case ResourceKind::form:
      return read_form(c.forms[index], fields);
    case ResourceKind::occasion:
      return read_occasion(c.occasions[index], fields);
    case ResourceKind::team:
      return read_team(c.teams[index], fields);
    case ResourceKind::webhook:
      return read_webhook(c.webhooks[index], fields);
    case ResourceKind::sender:
      c.senders[index] = {decl.name.text, fields.text("name"), fields.text("email"), fields.text("address")};
      return;
    case ResourceKind::user:
      c.users[index] = {decl.name.text, fields.text("email"), fields.text("title")};
      return;
    case ResourceKind::topic:
      c.topics[index].title = fields.text("title");
      return;
    case ResourceKind::list:
      c.lists[index].title = fields.text("title");
      return;
    case ResourceKind::page:
      c.pages[index].urls = fields.texts("url");
      return;
    case ResourceKind::link:
      c.links[index].urls = fields.texts("url");
      return;
    case ResourceKind::calendar:
      return read_calendar(c.calendars[index], fields);
    case ResourceKind::message:
      if (const ast::Field* from = fields.find("from"))
        c.messages[index].sender = refer(ResourceKind::sender, from->atoms[0]);
      return;
    case ResourceKind::video:
      c.videos[index] = {decl.name.text, fields.text("title"), fields.text("url")};
      return;
    case ResourceKind::survey:
      return read_survey(c.surveys[index], fields);
    case ResourceKind::audience:
      return read_audience(c.audiences[index], fields);
    default:
      return;
  }
}

/// Its answers go into properties of the contact.
void Builder::read_survey(bytecode::Survey& survey, const Fields& fields) {
  survey.title = fields.text("title");
  survey.url = fields.text("url");
  const ast::Field* list = fields.find("fields");
  const std::uint32_t contact = schema_.catalogue.find_object("contact");
  if (!list || contact == kNone) return;
  for (const ast::Atom& item : std::get<ast::AtomList>(list->atoms[0].value).items) {
    read_form_field(survey.fields, contact, item);
  }
}

void Builder::read_audience(bytecode::Audience& audience, const Fields& fields) {
  audience.title = fields.text("title");
  audience.platform = fields.word("platform");
  if (const ast::Field* sync = fields.find("sync")) {
    audience.webhook = refer(ResourceKind::webhook, sync->atoms[0]);
  }
}

std::uint32_t Builder::refer(ResourceKind kind, const ast::Atom& atom) {
  const ast::Name& name = path_of(atom)->parts.back();
  const std::uint32_t index = schema_.find(kind, name.text);
  if (index == kNone) {
    const std::string word = bytecode::to_string(kind);
    report_unknown(sink_, text::Code::unknown_name, name.span, "no " + word + " is named `" + name.text + "`",
                   name.text, schema_.names_of(kind));
  }
  return index;
}

void Builder::read_email(bytecode::Email& email, const Fields& fields, const ast::ResourceDecl& decl) {
  const std::string mail_class = fields.word("class");
  if (mail_class == "marketing") email.mail_class = bytecode::MailClass::marketing;
  if (mail_class == "transactional") email.mail_class = bytecode::MailClass::transactional;
  if (mail_class == "internal") email.mail_class = bytecode::MailClass::internal;
  if (const ast::Field* topic = fields.find("topic"))
    email.topic = refer(ResourceKind::topic, topic->atoms[0]);
  if (const ast::Field* from = fields.find("from"))
    email.sender = refer(ResourceKind::sender, from->atoms[0]);
  email.reply_to = fields.text("reply_to");
  const auto written = [&](const char* name) {
    return std::any_of(decl.fields.begin(), decl.fields.end(),
                       [&](const ast::Field& field) { return field.name.text == name; });
  };
  if (!written("class")) {
    auto& d = sink_.report(text::Code::send_without_class, decl.name.span,
                           "the e-mail `" + decl.name.text + "` has no class");
    d.helps.push_back("write `class marketing`, `class transactional` or `class internal`");
  } else if (email.mail_class == bytecode::MailClass::marketing && !written("topic")) {
    auto& d = sink_.report(text::Code::send_without_class, decl.name.span,
                           "the marketing e-mail `" + decl.name.text + "` has no topic");
    d.notes.push_back("consent is given for a topic, so a marketing e-mail needs one");
  }
  if (!written("html") && !written("text")) {
    auto& d = sink_.report(text::Code::missing_field, decl.name.span,
                           "the e-mail `" + decl.name.text + "` has no content");
    d.helps.push_back("add `html` or `text`, or both");
  }
}

void Builder::read_form(bytecode::Form& form, const Fields& fields) {
  form.title = fields.text("title");
  std::uint32_t object = schema_.catalogue.find_object("contact");
  if (const ast::Field* creates = fields.find("creates")) {
    object = object_named(path_of(creates->atoms[0])->parts[0]);
    form.creates = object;
  }
  const ast::Field* list = fields.find("fields");
  if (!list || object == kNone) return;
  for (const ast::Atom& item : std::get<ast::AtomList>(list->atoms[0].value).items)
    read_form_field(form.fields, object, item);
}

void Builder::read_form_field(std::vector<bytecode::FormField>& fields, std::uint32_t object,
                              const ast::Atom& item) {
  // `email required` is a list of two words.
  const auto* words = std::get_if<ast::AtomList>(&item.value);
  const bool marked = words && words->items.size() == 2 && word_of(words->items[1]);
  const std::string* name = word_of(marked ? words->items[0] : item);
  if (!name || (marked && *word_of(words->items[1]) != "required")) {
    sink_.report(text::Code::invalid_field, item.span, "this is no field of a form").primary.text =
        "expected a property, or a property and `required`";
    return;
  }
  if (schema_.catalogue.find_property(object, *name) != kNone) {
    fields.push_back({*name, marked});
    return;
  }
  report_unknown(sink_, text::Code::unknown_property, marked ? words->items[0].span : item.span,
                 "`" + schema_.catalogue.objects[object].name + "` has no property `" + *name + "`", *name,
                 schema_.property_names(object));
}

namespace {

std::int64_t instant_of(const ast::Field& field, const std::string& zone) {
  const auto& literal = std::get<ast::Literal>(field.atoms[0].value).value;
  if (const auto* date = std::get_if<ast::Date>(&literal)) return value::to_instant(date->days, 0, zone);
  return value::to_instant(std::get<ast::LocalDateTime>(literal).civil, zone);
}

}  // namespace

void Builder::read_occasion(bytecode::Occasion& occasion, const Fields& fields) {
  occasion.zone = fields.text("zone");
  if (occasion.zone.empty()) occasion.zone = schema_.catalogue.zone;
  if (!value::zone_exists(occasion.zone)) {
    sink_.report(text::Code::no_such_zone, fields.find("zone")->atoms[0].span,
                 "there is no zone `" + occasion.zone + "`");
    return;
  }
  const ast::Field* starts = fields.find("starts_at");
  if (!starts) return;
  occasion.starts_at = instant_of(*starts, occasion.zone);
  const ast::Field* ends = fields.find("ends_at");
  occasion.ends_at = ends ? instant_of(*ends, occasion.zone) : occasion.starts_at;
  if (occasion.ends_at < occasion.starts_at) {
    auto& d = sink_.report(text::Code::invalid_field, ends->span, "the occasion ends before it starts");
    d.secondary.push_back({starts->span, "it starts here"});
  }
}

void Builder::read_team(bytecode::Team& team, const Fields& fields) {
  team.email = fields.text("email");
  team.title = fields.text("title");
  const auto add = [&](const ast::Atom& atom) {
    const std::uint32_t user = refer(ResourceKind::user, atom);
    if (user != kNone) team.members.push_back(user);
  };
  const ast::Field* members = fields.find("members");
  if (!members) return;
  for (const ast::Atom& atom : members->atoms) {
    if (const auto* list = std::get_if<ast::AtomList>(&atom.value)) {
      for (const ast::Atom& item : list->items) add(item);
    } else {
      add(atom);
    }
  }
}

void Builder::read_webhook(bytecode::Webhook& webhook, const Fields& fields) {
  if (const ast::Field* url = fields.find("url")) {
    if (const std::string* text = text_of(url->atoms[0])) {
      webhook.url = *text;
      report_secret_address(*text, url->atoms[0].span, sink_);
    } else {
      webhook.url_secret = path_of(url->atoms[0])->parts[1].text;
    }
  }
  if (const ast::Field* sign = fields.find("sign"))
    webhook.sign_secret = path_of(sign->atoms[0])->parts[1].text;
  webhook.accepts_pii = fields.find("accepts") != nullptr;
  if (const ast::Field* returns = fields.find("returns")) read_returns(webhook, *returns);
}

/// `returns { score int?; grade text }`
void Builder::read_returns(bytecode::Webhook& webhook, const ast::Field& returns) {
  for (const ast::Field& field : returns.block) {
    const bool nullable =
        field.atoms.size() == 2 && word_of(field.atoms[1]) && *word_of(field.atoms[1]) == "?";
    const bool shaped = (field.atoms.size() == 1 || nullable) && word_of(field.atoms[0]) && !field.has_block;
    if (!shaped || field.name.text == kReplyFailure) {
      sink_.report(text::Code::invalid_field, field.span, "this is no field of an answer").primary.text =
          shaped ? "`failure` is why there was no answer" : "expected a name and a type such as `score int?`";
      continue;
    }
    const auto same = [&](const bytecode::EventParameter& other) { return other.name == field.name.text; };
    if (std::any_of(webhook.returns.begin(), webhook.returns.end(), same)) {
      sink_.report(text::Code::duplicate_name, field.name.span,
                   "the answer has two fields `" + field.name.text + "`");
      continue;
    }
    ast::TypeRef ref;
    ref.name = path_of(field.atoms[0])->parts[0];
    ref.nullable = nullable;
    ref.span = ref.name.span;
    const auto type = scalar_type(ref, schema_, TypePlace::property, sink_);
    if (type) webhook.returns.push_back({field.name.text, *type});
  }
}

void Builder::read_required_headers(const ast::Field& field) {
  for (const ast::Atom& atom : field.atoms) {
    const std::string* word = word_of(atom);
    if (word && (*word == "owner" || *word == "title")) {
      schema_.required_headers.push_back(*word);
    } else {
      sink_.report(text::Code::invalid_field, atom.span, "a project can require `owner` and `title`");
    }
  }
}

}  // namespace wf::schema
