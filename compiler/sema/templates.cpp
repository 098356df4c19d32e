#include "compiler/sema/templates.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/scores.hpp"
#include "compiler/sema/template_reader.hpp"

namespace wf::sema {
namespace {

using bytecode::PlaceholderSource;
using value::Kind;

std::string dotted(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) text += (text.empty() ? "" : ".") + part;
  return text;
}

// ---- resolving
// --------------------------------------------------------------------------------------------------

/// Where the path stops to name something: its index, and the object that lacks it.
struct PathEnd {
  std::size_t part = 0;
  std::uint32_t object = kNone;
};

std::optional<Expr> walk_path(const Context& context, Expr e, const std::vector<std::string>& path,
                              std::size_t from, PathEnd& stop) {
  for (std::size_t i = from; i < path.size(); ++i) {
    stop = {i, e.type.kind == Kind::ref ? e.type.aux : kNone};
    if (stop.object == kNone) return std::nullopt;
    const std::uint32_t property = context.catalogue().find_property(stop.object, path[i]);
    if (property == kNone) return std::nullopt;
    Type type = context.catalogue().objects[stop.object].properties[property].type;
    type.nullable = type.nullable || e.type.nullable;
    const Span span = e.span;
    if (e.op == ExprOp::self) {
      e = make(ExprOp::property, type, span);
      e.a = property;
      continue;
    }
    std::vector<Expr> args;
    args.push_back(std::move(e));
    e = make(ExprOp::field, type, span, std::move(args));
    e.a = stop.object;
    e.b = property;
  }
  return e;
}

void report_stop(Context& context, const Placeholder& placeholder, const PathEnd& stop) {
  const std::string& name = placeholder.path[stop.part];
  if (stop.object == kNone) {
    context.sink.report(Code::template_unknown_placeholder, placeholder.span,
                        "`" + placeholder.path[stop.part - 1] + "` is no record and has no `" + name + "`");
    return;
  }
  std::vector<std::string> head(placeholder.path.begin(),
                                placeholder.path.begin() + static_cast<std::ptrdiff_t>(stop.part));
  schema::report_unknown(
      context.sink, Code::template_unknown_placeholder, placeholder.span,
      "`" + context.catalogue().objects[stop.object].name + "` has no property `" + name + "`", name,
      context.schema.property_names(stop.object), dotted(head) + ".");
}

/// The address that a mail goes to is known when it goes.
bool is_address(const std::vector<std::string>& path) {
  return path == std::vector<std::string>{"contact", "email"};
}

void check_nullable(Context& context, const Scope& scope, const Placeholder& placeholder, const Expr& e,
                    bool is_payload) {
  const bool is_known = !is_payload && is_address(placeholder.path);
  if (!e.type.nullable || placeholder.is_guarded || is_known) return;
  auto& d = context.sink.report(Code::template_nullable_without_fallback, placeholder.span,
                                "`" + dotted(placeholder.path) + "` may be unknown");
  d.primary.text = "nothing would stand here then";
  if (const auto ref = property_of(scope, e)) {
    d.secondary.push_back({context.schema.property(ref->object, ref->property).name, "declared here"});
  }
  d.helps.push_back("give it a default: `{{ " + dotted(placeholder.path) + " | default: '…' }}`");
}

/// Enum values are shown by title, and compared as they are shown.
void check_compared(Context& context, const Scope& scope, const Placeholder& placeholder, const Expr& e) {
  if (e.type.kind != Kind::enumeration) return;
  const bytecode::EnumType& type = context.catalogue().enums[e.type.aux];
  std::vector<std::string> shown = type.values;
  for (std::size_t i = 0; i < type.titles.size(); ++i) {
    if (!type.titles[i].empty()) shown[i] = type.titles[i];
  }
  for (const auto& [text, span] : placeholder.compared) {
    if (std::find(shown.begin(), shown.end(), text) != shown.end()) continue;
    const auto value = std::find(type.values.begin(), type.values.end(), text);
    const std::string message = "`" + dotted(placeholder.path) + "` is never shown as `" + text + "`";
    auto& d = schema::report_unknown(context.sink, Code::never_equal, span, message, text, shown);
    if (value != type.values.end()) {
      const auto at = static_cast<std::size_t>(value - type.values.begin());
      d.helps.assign({"a template sees the title: write `" + shown[at] + "`"});
    }
    if (const auto ref = property_of(scope, e))
      d.secondary.push_back({context.schema.property(ref->object, ref->property).name, "declared here"});
  }
}

std::optional<Expr> constant_path(Context& context, const Placeholder& placeholder) {
  const auto& path = placeholder.path;
  const bool occasion =
      path.size() == 3 && path[0] == "occasion" && (path[2] == "starts_at" || path[2] == "ends_at");
  if (!occasion) return std::nullopt;
  const std::uint32_t index = context.schema.find(ResourceKind::occasion, path[1]);
  if (index == kNone) return std::nullopt;
  const bytecode::Occasion& o = context.catalogue().occasions[index];
  return make_constant(value::Value::instant(path[2] == "starts_at" ? o.starts_at : o.ends_at),
                       type_of(Kind::instant), placeholder.span);
}

/// What the first name of a placeholder is at a place.
struct Roots {
  const Expr* recipient = nullptr;  ///< of an e-mail: what `contact` is
  Span site;
  bool is_payload = false;  ///< of a webhook
};

std::optional<Expr> root_of(Context& context, const Scope& scope, const Placeholder& placeholder,
                            const Roots& roots) {
  const std::string& name = placeholder.path[0];
  if (roots.recipient && name == "contact") return *roots.recipient;
  if (scope.object == kNone) return std::nullopt;
  if (name == context.catalogue().objects[scope.object].name) {
    return make(ExprOp::self, type_of(Kind::ref, false, scope.object), placeholder.span);
  }
  const std::uint32_t property = context.catalogue().find_property(scope.object, name);
  if (property == kNone) return std::nullopt;
  const Type& type = context.catalogue().objects[scope.object].properties[property].type;
  if (type.kind != Kind::ref) return std::nullopt;
  Expr e = make(ExprOp::property, type, placeholder.span);
  e.a = property;
  return e;
}

/// A root that no place has, whatever sends the template.
void report_no_root(Context& context, const Placeholder& placeholder) {
  const std::string& name = placeholder.path[0];
  std::vector<std::string> known{"unsubscribe_url", "sender.name", "sender.address"};
  const std::uint32_t contact = context.catalogue().find_object("contact");
  if (contact != kNone) {
    for (const std::string& property : context.schema.property_names(contact)) {
      if (property == name) {
        schema::report_unknown(context.sink, Code::template_unknown_placeholder, placeholder.span,
                               "`" + name + "` names nothing here", "contact." + name, {"contact." + name});
        return;
      }
      known.push_back("contact." + property);
    }
  }
  schema::report_unknown(context.sink, Code::template_unknown_placeholder, placeholder.span,
                         "`" + dotted(placeholder.path) + "` names nothing here", dotted(placeholder.path),
                         known);
}

void report_wrong_object(Context& context, const Scope& scope, const Placeholder& placeholder,
                         const Roots& roots) {
  auto& d = context.sink.report(Code::template_wrong_object, placeholder.span,
                                "there is no `" + placeholder.path[0] + "` where this template is used");
  d.secondary.push_back({roots.site, "used here, on a " + context.catalogue().objects[scope.object].name});
}

/// `scoring.hot_lead`, `campaign.autumn.points`: of the workflow's record.
bool is_score(const std::vector<std::string>& path) {
  return path.size() > 1 && (path[0] == "scoring" || path[0] == "campaign");
}

std::optional<Expr> resolve_score(Context& context, const Scope& scope, const Placeholder& placeholder) {
  ast::Path path;
  path.span = placeholder.span;
  for (const std::string& part : placeholder.path) path.parts.push_back({part, placeholder.span});
  return score_path(context, scope, path, 0);
}

Expr resolve_placeholder(Context& context, const Scope& scope, const Placeholder& placeholder,
                         const Roots& roots) {
  const Expr unknown = make(ExprOp::unknown, type_of(Kind::text, true), placeholder.span);
  if (std::find(context.reported.begin(), context.reported.end(), placeholder.span) != context.reported.end())
    return unknown;
  if (auto constant = constant_path(context, placeholder)) return *constant;
  if (is_score(placeholder.path)) return resolve_score(context, scope, placeholder).value_or(unknown);
  auto root = root_of(context, scope, placeholder, roots);
  if (!root) {
    const bool object = context.catalogue().find_object(placeholder.path[0]) != kNone;
    if (object && scope.object != kNone) {
      report_wrong_object(context, scope, placeholder, roots);
    } else {
      report_no_root(context, placeholder);
    }
    return unknown;
  }
  PathEnd stop;
  auto e = walk_path(context, std::move(*root), placeholder.path, 1, stop);
  if (!e) {
    report_stop(context, placeholder, stop);
    return unknown;
  }
  if (e->type.kind == Kind::ref) {
    context.sink.report(Code::template_unknown_placeholder, placeholder.span,
                        "`" + dotted(placeholder.path) + "` is a record, not a text");
    return unknown;
  }
  check_nullable(context, scope, placeholder, *e, roots.is_payload);
  check_compared(context, scope, placeholder, *e);
  return std::move(*e);
}

std::vector<Expr> resolve_all(Context& context, const Scope& scope,
                              const std::vector<Placeholder>& placeholders, const Roots& roots) {
  std::vector<Expr> result;
  for (const Placeholder& placeholder : placeholders) {
    std::vector<text::Diagnostic>& all = context.sink.all();
    const std::size_t before = all.size();
    result.push_back(resolve_placeholder(context, scope, placeholder, roots));
    if (all.size() == before) continue;
    for (std::size_t i = before; i < all.size(); ++i) all[i].once = true;
    context.reported.push_back(placeholder.span);
  }
  return result;
}

// ---- loading
// ----------------------------------------------------------------------------------------------------

std::vector<std::string> texts_of(const std::vector<Placeholder>& placeholders) {
  std::vector<std::string> all;
  for (const Placeholder& placeholder : placeholders) all.push_back(dotted(placeholder.path));
  return all;
}

bytecode::Template load(Context& context, const ast::ResourceDecl& decl, const char* field,
                        std::vector<Placeholder>& placeholders) {
  for (const ast::Field& f : decl.fields) {
    if (f.name.text != field) continue;
    const auto source = read_template_text(context, f.atoms);
    return source ? TemplateReader(context, placeholders, 0).read(*source) : bytecode::Template{};
  }
  return {};
}

bool mentions(const bytecode::Template& t, PlaceholderSource source) {
  return std::any_of(t.reads.begin(), t.reads.end(),
                     [&](const bytecode::TemplateRead& read) { return read.source == source; });
}

void check_unsubscribe(Context& context, const bytecode::Email& email, Span name) {
  const bool empty = email.html.text.empty() && email.text.text.empty();
  if (email.mail_class != bytecode::MailClass::marketing || empty) return;
  if (mentions(email.html, PlaceholderSource::unsubscribe_url) ||
      mentions(email.text, PlaceholderSource::unsubscribe_url)) {
    return;
  }
  auto& d = context.sink.report(Code::missing_unsubscribe, name,
                                "the marketing e-mail `" + email.name + "` has no way to unsubscribe");
  d.primary.text = "neither its html nor its text has `{{ unsubscribe_url }}`";
  d.helps.push_back("put `{{ unsubscribe_url }}` where the reader sees it");
}

/// What `contact.…` means does not depend on the send, so it is checked once, even for a mail that nothing
/// sends.
void check_contact_placeholders(Context& context, std::vector<Placeholder>& placeholders) {
  const std::uint32_t contact = context.catalogue().find_object("contact");
  Scope scope;
  scope.object = contact;
  Roots roots;
  for (const Placeholder& placeholder : placeholders) {
    const std::string& root = placeholder.path[0];
    const bool record = context.catalogue().find_object(root) != kNone;
    if (contact != kNone && root == "contact") resolve_placeholder(context, scope, placeholder, roots);
    const bool known = record || is_score(placeholder.path) || constant_path(context, placeholder);
    if (!known) report_no_root(context, placeholder);
  }
}

void load_email(Context& context, std::uint32_t index) {
  const schema::ResourceInfo& info = context.schema.resource(ResourceKind::email, index);
  bytecode::Email& email = context.catalogue().emails[index];
  std::vector<Placeholder>& placeholders = context.email_placeholders[index];
  const std::size_t errors = context.sink.errors();
  email.subject = load(context, *info.decl, "subject", placeholders);
  email.html = load(context, *info.decl, "html", placeholders);
  email.text = load(context, *info.decl, "text", placeholders);
  email.placeholders = texts_of(placeholders);
  if (context.sink.errors() == errors) check_unsubscribe(context, email, info.name);
  check_contact_placeholders(context, placeholders);
}

void refuse_email_values(Context& context, const bytecode::Template& t, Span name, const std::string& what) {
  for (const auto source : {PlaceholderSource::unsubscribe_url, PlaceholderSource::sender_name,
                            PlaceholderSource::sender_address}) {
    if (!mentions(t, source)) continue;
    auto& d = context.sink.report(Code::template_unknown_placeholder, name,
                                  what + " uses a placeholder of e-mails");
    d.notes.push_back("`unsubscribe_url`, `sender.name` and `sender.address` are known in e-mails only");
  }
}

void load_message(Context& context, std::uint32_t index) {
  const schema::ResourceInfo& info = context.schema.resource(ResourceKind::message, index);
  bytecode::Message& message = context.catalogue().messages[index];
  std::vector<Placeholder>& placeholders = context.message_placeholders[index];
  message.subject = load(context, *info.decl, "subject", placeholders);
  message.body = load(context, *info.decl, "body", placeholders);
  message.placeholders = texts_of(placeholders);
  for (const bytecode::Template* t : {&message.subject, &message.body})
    refuse_email_values(context, *t, info.name, "the message `" + message.name + "`");
}

void load_payload(Context& context, std::uint32_t index) {
  const schema::ResourceInfo& info = context.schema.resource(ResourceKind::webhook, index);
  bytecode::Webhook& webhook = context.catalogue().webhooks[index];
  webhook.payload = load(context, *info.decl, "payload", context.payload_placeholders[index]);
  refuse_email_values(context, webhook.payload, info.name, "the payload of `" + webhook.name + "`");
  if (webhook.payload.text.empty()) return;
  for (std::uint32_t i = 0; i < context.catalogue().audiences.size(); ++i) {
    if (context.catalogue().audiences[i].webhook != index) continue;
    auto& d =
        context.sink.report(Code::invalid_field, info.name,
                            "the webhook `" + webhook.name + "` is told of an audience and has a payload");
    d.secondary.push_back({context.schema.resource(ResourceKind::audience, i).name, "this audience"});
    d.helps.push_back("give the audience a webhook of its own");
  }
}

}  // namespace

void load_templates(Context& context) {
  context.email_placeholders.resize(context.catalogue().emails.size());
  context.message_placeholders.resize(context.catalogue().messages.size());
  context.payload_placeholders.resize(context.catalogue().webhooks.size());
  for (std::uint32_t i = 0; i < context.catalogue().webhooks.size(); ++i) load_payload(context, i);
  for (std::uint32_t i = 0; i < context.catalogue().emails.size(); ++i) load_email(context, i);
  for (std::uint32_t i = 0; i < context.catalogue().messages.size(); ++i) load_message(context, i);
}

std::vector<Expr> email_arguments(Context& context, const Scope& scope, std::uint32_t email,
                                  const Expr& recipient, Span site) {
  // Without a recipient nothing is sent.
  Expr known = recipient;
  known.type.nullable = false;
  return resolve_all(context, scope, context.email_placeholders[email], Roots{&known, site});
}

std::vector<Expr> message_arguments(Context& context, const Scope& scope, std::uint32_t message, Span site) {
  return resolve_all(context, scope, context.message_placeholders[message], Roots{nullptr, site});
}

std::vector<Expr> payload_arguments(Context& context, const Scope& scope, std::uint32_t webhook, Span site) {
  return resolve_all(context, scope, context.payload_placeholders[webhook], Roots{nullptr, site, true});
}

bool own_subject(Context& context, const Scope& scope, const ast::Atom& subject, Send& send) {
  const std::size_t first = send.arguments.size();
  if (const std::string* text = schema::text_of(subject)) {
    std::vector<Placeholder> placeholders;
    const std::size_t errors = context.sink.errors();
    send.subject =
        TemplateReader(context, placeholders, first).read({subject.span.file, subject.span.begin + 1, *text});
    Expr known = send.recipient;
    known.type.nullable = false;
    auto values = resolve_all(context, scope, placeholders, Roots{&known, subject.span});
    for (Expr& value : values) send.arguments.push_back(std::move(value));
    return context.sink.errors() == errors;
  }
  const ast::Path* path = schema::path_of(subject);
  if (!path) {
    context.sink.report(Code::phrase_mismatch, subject.span, "a subject is a text or a property");
    return false;
  }
  auto value = resolve_path(context, scope, *path);
  if (!value || !require_type(context, scope, *value, type_of(Kind::text), "a subject") ||
      !require_known(context, scope, *value, "a subject is needed")) {
    return false;
  }
  const auto argument = static_cast<std::uint32_t>(first);
  send.subject.emplace(
      bytecode::Template{"{{ subject }}", {{{"subject"}, PlaceholderSource::argument, argument}}, {}});
  send.arguments.push_back(std::move(*value));
  return true;
}

}  // namespace wf::sema
