// Catalogue: the declared world of a project, as the running side needs it. Built by compiler/schema, carried
// in the bundle, read by the engine, the API and the channels.
//
// Everything is addressed by its index in its vector. Indices are private to one bundle; what is stored names
// things by text (the engine keeps a table of stable symbols).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grammar/value/business.hpp"
#include "grammar/value/value.hpp"

namespace wf::bytecode {

inline constexpr std::uint32_t kNone = 0xffffffff;

enum class Format : std::uint8_t { plain, email, url, phone, timezone };

/// The kinds of declared resources; `Value::resource(kind, index)` points into the vector of that kind.
enum class ResourceKind : std::uint8_t {
  email,
  sender,
  topic,
  form,
  page,
  link,
  occasion,
  list,
  segment,
  user,
  team,
  message,
  webhook,
  workflow,
  calendar,
  experiment,
  video,
  survey,
  audience,
  scoring,
  campaign,
  sequence,
};
inline constexpr std::size_t kResourceKinds = static_cast<std::size_t>(ResourceKind::sequence) + 1;
const char* to_string(ResourceKind kind);
std::optional<ResourceKind> resource_kind(std::string_view word);

struct Type {
  value::Kind kind = value::Kind::unknown;
  Format format = Format::plain;  ///< of text
  std::uint32_t aux = 0;          ///< enum, object or ResourceKind
  bool nullable = false;
  friend bool operator==(const Type&, const Type&) = default;
};

struct EnumType {
  std::string name;  ///< "contact.lifecycle_stage"
  std::vector<std::string> values;
  std::vector<std::string> titles;  ///< as many as values; "" without one
  bool ordered = false;
};

struct Property {
  std::string name;
  std::string title;
  Type type;             ///< associations: kind ref, aux = object
  value::Value initial;  ///< unknown without a default
  bool unique = false;   ///< identifies the record: events and imports may address it by this
  bool pii = false;
  bool immutable = false;  ///< keeps its first value
  bool owned = false;      ///< only one workflow writes it: nothing from outside may
  bool hidden = false;     ///< kept by the language itself: no part of what the outside sees or writes
  std::optional<std::int64_t> minimum, maximum;  ///< micros, inclusive
};

/// `contacts <- contact.company`: the other side of a property.
struct Inverse {
  std::string name;
  std::uint32_t object = kNone;  ///< the object that holds the property
  std::uint32_t property = kNone;
  std::uint32_t primary = kNone;  ///< property of this object that names the one meant where one is meant
};

struct Object {
  std::string name;
  std::vector<Property> properties;
  std::vector<Inverse> inverses;
};

struct EventParameter {
  std::string name;
  Type type;
};
struct EventType {
  std::string name;
  std::uint32_t object = kNone;  ///< whose timeline it belongs to
  std::vector<EventParameter> parameters;
};

/// Where a value that a template reads comes from.
enum class PlaceholderSource : std::uint8_t { argument, unsubscribe_url, sender_name, sender_address };
struct TemplateRead {
  std::vector<std::string> path;  ///< {"contact", "firstname"}
  PlaceholderSource source = PlaceholderSource::argument;
  std::uint32_t argument = 0;  ///< index into the values that the send site computed
};
/// A template that others show: `{% render 'footer' %}`.
struct Partial {
  std::string name, text;
};
class CompiledTemplate;
/// Liquid, with all that it reads from outside and all partials that it can show.
struct Template {
  std::string text;
  std::vector<TemplateRead> reads;
  std::vector<Partial> partials;
  std::shared_ptr<const CompiledTemplate> compiled = nullptr;  ///< by compile_templates(); in no file
};

enum class MailClass : std::uint8_t { none, marketing, transactional, internal };

struct Sender {
  std::string name, display_name, address, postal_address;
};
struct Topic {
  std::string name, title;
};
struct Email {
  std::string name;
  MailClass mail_class = MailClass::none;
  std::uint32_t topic = kNone;  ///< required for marketing
  std::uint32_t sender = kNone;
  Template subject, html, text;           ///< html and text may be empty, not both
  std::vector<std::string> placeholders;  ///< argument i of the templates is this path ("contact.firstname")
  std::string reply_to;                   ///< address; "" without one
};
struct Message {
  std::string name;
  Template subject, body;
  std::vector<std::string> placeholders;
  std::uint32_t sender = kNone;  ///< of the mail to a person
};
struct FormField {
  std::string property;
  bool required = false;
};
struct Form {
  std::string name, title;
  std::vector<FormField> fields;
  std::uint32_t creates = kNone;
};
struct Page {
  std::string name;
  std::vector<std::string> urls;
};  ///< globs; also `link`
struct Occasion {
  std::string name;
  std::int64_t starts_at = 0, ends_at = 0;
  std::string zone;
};
struct StaticList {
  std::string name, title;
};
struct User {
  std::string name, email, title;
};
struct Team {
  std::string name, email, title;
  std::vector<std::uint32_t> members;
};
struct Webhook {
  std::string name;
  std::string url, url_secret;  ///< exactly one is set; secrets are names, never values
  std::string sign_secret;
  bool accepts_pii = false;
  std::vector<EventParameter> returns;  ///< what its answer holds
  /// What is posted: its arguments are the fields of the call. Without a text the fields as an object.
  Template payload;
};
struct Segment {
  std::string name, title;
  std::uint32_t object = kNone;
  std::uint32_t condition = kNone;
};
/// Opening hours and holidays.
struct Calendar {
  std::string name, title;
  value::BusinessHours hours;
  /// Last day whose holidays are known; kEndless when no later one can matter.
  std::int32_t known_until = kEndless;
  static constexpr std::int32_t kEndless = 0x7fffffff;
};

/// `limit marketing 4 per 7 days per contact`
inline constexpr std::uint32_t kMostLimited = 1000;               ///< sends remembered for a limit
inline constexpr std::int64_t kLongestLimit = 366 * value::kDay;  ///< of limits and experiments
struct SendLimit {
  MailClass mail_class = MailClass::marketing;
  std::uint32_t most = 1;
  std::int64_t per = 0;  ///< microseconds
};
/// Every declared policy is in force. Quiet hours are windows of the sends.
struct Policy {
  std::string name;
  std::vector<SendLimit> limits;
  std::uint32_t marketing_contacts = kNone;  ///< at most so many; kNone: any number
};

enum class WinnerBy : std::uint8_t { none, opens, clicks, goal };
/// A variant of an experiment, or its holdout.
struct ExperimentArm {
  std::string name;
  std::uint32_t share = 0;  ///< of kBuckets
  bool is_holdout = false;
  std::vector<std::uint32_t> emails;  ///< that it sends: reactions to them count
};
inline constexpr std::uint32_t kBuckets = 10'000;
/// The arms take ranges of buckets in file order; what is left is the rest, which gets the winner.
struct Experiment {
  std::string name;
  std::string workflow;
  std::vector<ExperimentArm> arms;
  WinnerBy winner_by = WinnerBy::none;
  std::int64_t after = 0;       ///< from the first exposure to the choice of the winner
  std::uint32_t event = kNone;  ///< of opens and clicks: the reaction …
  std::uint32_t parameter = 0;  ///< … and its field that names the e-mail
};
struct Video {
  std::string name, title, url;
};
/// Its answers are stored in the properties of the same names.
struct Survey {
  std::string name, title, url;
  std::vector<FormField> fields;
};
/// People that an advertising platform is shown. A change is told to the webhook, if there is one.
struct Audience {
  std::string name, title, platform;
  std::uint32_t list = kNone;     ///< its members
  std::uint32_t webhook = kNone;  ///< `sync`
  std::uint32_t call = kNone;     ///< of Program::calls, when there is a webhook
};
/// Points for what is true of a record now.
struct Scoring {
  struct Band {
    std::int64_t points = 0;
    std::uint32_t condition = kNone;  ///< function
    std::string label;                ///< "department is it"
  };
  std::string name, title;
  std::uint32_t object = kNone;
  std::optional<std::int64_t> hot;  ///< from this sum on a record is HOT
  std::vector<Band> bands;
};
/// When a campaign tells what happened: each day, or on one day of the week (0 = Monday).
struct Report {
  std::int8_t weekday = -1;
  std::int32_t at = -1;  ///< minutes since midnight in the project's zone; -1: no report
  std::uint32_t user = kNone, team = kNone;
};
struct Campaign {
  std::string name, title;
  std::uint32_t object = kNone;
  bool on = true;
  std::int64_t from = 0, to = 0;     ///< it runs in [from, to)
  std::uint32_t members = kNone;     ///< list
  std::uint32_t candidates = kNone;  ///< list: proposed and not yet added
  std::uint32_t points = kNone;      ///< property: the sum of what its stories added
  std::uint32_t active = kNone;      ///< property: a target of the campaign since it began
  std::uint32_t scoring = kNone;
  Report digest, summary;
};

struct Catalogue {
  std::string project;
  std::string zone = "UTC";  ///< of the project
  std::string locale = "en";
  std::vector<EnumType> enums;
  std::vector<Object> objects;
  std::vector<EventType> events;
  std::vector<Sender> senders;
  std::vector<Topic> topics;
  std::vector<Email> emails;
  std::vector<Message> messages;
  std::vector<Form> forms;
  std::vector<Page> pages;
  std::vector<Page> links;
  std::vector<Occasion> occasions;
  std::vector<StaticList> lists;
  std::vector<Segment> segments;
  std::vector<User> users;
  std::vector<Team> teams;
  std::vector<Webhook> webhooks;
  std::vector<Calendar> calendars;
  std::uint32_t calendar = kNone;  ///< of the project
  std::vector<Policy> policies;
  std::vector<Experiment> experiments;
  std::vector<Video> videos;
  std::vector<Survey> surveys;
  std::vector<Audience> audiences;
  std::vector<Scoring> scorings;
  std::vector<Campaign> campaigns;

  std::uint32_t find_object(std::string_view name) const;  ///< kNone when absent
  std::uint32_t find_event(std::string_view name) const;
  std::uint32_t find_property(std::uint32_t object, std::string_view name) const;
  std::uint32_t find_resource(ResourceKind kind, std::string_view name) const;
  const std::string& resource_name(ResourceKind kind, std::uint32_t index) const;  ///< not for workflows
  std::size_t resource_count(ResourceKind kind) const;

  /// What is found by name is looked up in logarithmic time from now on, until something is added.
  void sort_names();

 private:
  /// Places in the order of the names there; nothing: not sorted.
  using Order = std::vector<std::uint32_t>;
  Order events_by_name_;
  std::vector<Order> properties_by_name_;  ///< of each object
  std::vector<Order> resources_by_name_;   ///< of each kind
};

}  // namespace wf::bytecode
