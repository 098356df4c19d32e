#include "compiler/sema/names.hpp"

#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/relations.hpp"
#include "compiler/sema/scores.hpp"

namespace wf::sema {
namespace {

using schema::path_text;

LetName* find_let(const Scope& scope, const std::string& name) {
  if (!scope.workflow) return nullptr;
  for (LetName& let : scope.workflow->lets) {
    if (let.name == name) return &let;
  }
  return nullptr;
}

ReplyName* find_reply(const Scope& scope, const std::string& name) {
  if (!scope.workflow) return nullptr;
  for (ReplyName& reply : scope.workflow->replies) {
    if (reply.name == name) return &reply;
  }
  return nullptr;
}

const LabelName* find_label(const Scope& scope, const std::string& name) {
  if (!scope.workflow) return nullptr;
  for (const LabelName& label : scope.workflow->labels) {
    if (label.name == name) return &label;
  }
  return nullptr;
}

/// The kinds whose resources say something of a record.
bool is_score(const std::string& kind) {
  return kind == "scoring" || kind == "campaign";
}

std::optional<Expr> resolve_resource_path(Context& context, ResourceKind kind, const ast::Path& path) {
  const ast::Name& name = path.parts[1];
  if (name.text == "any") {
    auto& d = context.sink.report(Code::misplaced, path.span,
                                  "`" + path_text(path) + "` stands only before a verb");
    d.notes.push_back("it means any " + std::string(bytecode::to_string(kind)) + ", as in `page.any viewed`");
    return std::nullopt;
  }
  const std::uint32_t index = resolve_resource(context, kind, name);
  if (index == kNone) return std::nullopt;
  if (path.parts.size() == 2) return resource_constant(kind, index, path.span);
  const ast::Name& field = path.parts[2];
  const bool has_fields = kind == ResourceKind::occasion && path.parts.size() == 3;
  if (has_fields && (field.text == "starts_at" || field.text == "ends_at")) {
    const bytecode::Occasion& occasion = context.catalogue().occasions[index];
    return make_constant(
        value::Value::instant(field.text == "starts_at" ? occasion.starts_at : occasion.ends_at),
        type_of(value::Kind::instant), path.span);
  }
  schema::report_unknown(context.sink, Code::unknown_property, field.span,
                         "`" + std::string(bytecode::to_string(kind)) + "." + name.text + "` has no `" +
                             field.text + "` to read",
                         field.text,
                         kind == ResourceKind::occasion ? std::vector<std::string>{"starts_at", "ends_at"}
                                                        : std::vector<std::string>{});
  return std::nullopt;
}

Expr parameter(const Context& context, std::uint32_t event, std::uint32_t index, Span span) {
  Expr e = make(ExprOp::parameter, context.catalogue().events[event].parameters[index].type, span);
  e.a = index;
  // What an event brings may always be left out.
  e.type.nullable = true;
  return e;
}

std::optional<std::uint32_t> find_parameter(const Context& context, std::uint32_t event,
                                            const std::string& name) {
  if (event == kNone) return std::nullopt;
  const auto& parameters = context.catalogue().events[event].parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].name == name) return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

/// Where a path starts: the expression of its first parts, and how many these are.
struct Start {
  std::optional<Expr> expr;
  std::size_t used = 0;
};

Start property_start(const Context& context, const Scope& scope, const ast::Name& name, std::size_t used) {
  if (scope.object == kNone) return {};
  const std::uint32_t index = context.catalogue().find_property(scope.object, name.text);
  if (index == kNone) return {};
  Expr e =
      make(ExprOp::property, context.catalogue().objects[scope.object].properties[index].type, name.span);
  e.a = index;
  return {std::move(e), used};
}

Start special_start(const Scope& scope, const ast::Path& path) {
  const std::string& name = path.parts[0].text;
  if (name == "now") return {make(ExprOp::now, type_of(value::Kind::instant), path.parts[0].span), 1};
  if (name == "created_at" && scope.object != kNone) {
    return {make(ExprOp::created_at, type_of(value::Kind::instant), path.parts[0].span), 1};
  }
  return {};
}

/// `reply.score`: a local. The answer may not have come, so every field may be unknown.
Start reply_start(const Context& context, const Scope& scope, const ast::Path& path) {
  ReplyName* reply = path.parts.size() > 1 ? find_reply(scope, path.parts[0].text) : nullptr;
  if (!reply) return {};
  const auto& returns = context.catalogue().webhooks[reply->webhook].returns;
  std::uint32_t index = 0;
  while (index < returns.size() && returns[index].name != path.parts[1].text) ++index;
  if (index == returns.size() && path.parts[1].text != schema::kReplyFailure) return {};
  reply->used = true;
  Type type = index < returns.size() ? returns[index].type : type_of(value::Kind::text);
  type.nullable = true;
  Expr e = make(ExprOp::local, type, path.span);
  e.a = reply->first_local + index;
  return {std::move(e), 2};
}

Start find_start(Context& context, const Scope& scope, const ast::Path& path) {
  const ast::Name& first = path.parts[0];
  if (scope.in_where) {
    if (const auto p = find_parameter(context, scope.event, first.text)) {
      return {parameter(context, scope.event, *p, first.span), 1};
    }
  }
  if (first.text == "event" && path.parts.size() > 1 && scope.event != kNone) {
    if (const auto p = find_parameter(context, scope.event, path.parts[1].text)) {
      return {parameter(context, scope.event, *p, path.parts[1].span), 2};
    }
  }
  if (LetName* let = find_let(scope, first.text)) {
    let->used = true;
    Expr e = make(ExprOp::local, let->type, first.span);
    e.a = let->local;
    return {std::move(e), 1};
  }
  if (Start reply = reply_start(context, scope, path); reply.expr) return reply;
  if (Start property = property_start(context, scope, first, 1); property.expr) return property;
  if (const bytecode::Inverse* inverse = find_inverse(context, scope.object, first.text)) {
    Expr self = make(ExprOp::self, type_of(value::Kind::ref, false, scope.object), first.span);
    return {one_associated(context, std::move(self), *inverse, first.span), 1};
  }
  const bool own = scope.object != kNone && first.text == context.catalogue().objects[scope.object].name;
  if (own || (!scope.record.empty() && first.text == scope.record)) {
    if (path.parts.size() > 1) {
      if (Start property = property_start(context, scope, path.parts[1], 2); property.expr) return property;
    }
    return {make(ExprOp::self, type_of(value::Kind::ref, false, scope.object), first.span), 1};
  }
  return special_start(scope, path);
}

/// Its declaration had an error: one cause, one report.
bool is_broken(const Context& context, std::uint32_t object, const std::string& name) {
  const auto& broken = context.schema.objects[object].broken;
  return std::find(broken.begin(), broken.end(), name) != broken.end();
}

void report_no_property(Context& context, std::uint32_t object, const ast::Name& name) {
  if (is_broken(context, object, name.text)) return;
  const bytecode::Object& o = context.catalogue().objects[object];
  schema::report_unknown(context.sink, Code::unknown_property, name.span,
                         "`" + o.name + "` has no property `" + name.text + "`", name.text,
                         context.schema.property_names(object));
}

void report_no_start(Context& context, const Scope& scope, const ast::Path& path) {
  const ast::Name& first = path.parts[0];
  if (find_label(scope, first.text)) {
    auto& d = context.sink.report(Code::misplaced, first.span,
                                  "`" + first.text + "` is the label of a send, no value");
    d.helps.push_back("a label stands before a verb, as in `" + first.text + " opened`");
    return;
  }
  if (const ReplyName* reply = find_reply(scope, first.text)) {
    std::vector<std::string> fields{schema::kReplyFailure};
    for (const auto& field : context.catalogue().webhooks[reply->webhook].returns)
      fields.push_back(field.name);
    const ast::Name& field = path.parts.back();
    auto& d = schema::report_unknown(context.sink, Code::unknown_property, field.span,
                                     path.parts.size() == 1 ? "`" + first.text + "` is an answer, no value"
                                                            : "the answer has no `" + field.text + "`",
                                     field.text, fields, path.parts.size() == 1 ? first.text + "." : "");
    d.secondary.push_back({context.schema.resource(ResourceKind::webhook, reply->webhook).name,
                           "what it returns is declared here"});
    return;
  }
  const bool in_object = scope.object != kNone;
  if (in_object && is_broken(context, scope.object, first.text)) return;
  if (scope.in_where) {
    schema::report_unknown(context.sink, Code::unknown_property, first.span,
                           "`" + first.text + "` is neither a field of the event nor a property", first.text,
                           value_names(context, scope));
    return;
  }
  const std::string what = in_object
                               ? "`" + context.catalogue().objects[scope.object].name + "` has no property `"
                               : "nothing is named `";
  auto& d =
      schema::report_unknown(context.sink, in_object ? Code::unknown_property : Code::unknown_name,
                             first.span, what + first.text + "`", first.text, value_names(context, scope));
  if (in_object && context.catalogue().find_object(first.text) != kNone) {
    d.notes.push_back("`" + first.text + "` is an object, and `" +
                      context.catalogue().objects[scope.object].name + "` has no association of this name");
  }
}

}  // namespace

std::vector<std::string> value_names(const Context& context, const Scope& scope) {
  std::vector<std::string> names;
  if (scope.object != kNone) names = context.schema.property_names(scope.object);
  if (scope.in_where && scope.event != kNone) {
    for (const auto& p : context.catalogue().events[scope.event].parameters) names.push_back(p.name);
  }
  if (scope.workflow) {
    for (const LetName& let : scope.workflow->lets) names.push_back(let.name);
    for (const ReplyName& reply : scope.workflow->replies) names.push_back(reply.name);
  }
  return names;
}

bool is_value_name(const Context& context, const Scope& scope, const std::string& name) {
  const auto names = value_names(context, scope);
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::uint32_t resolve_resource(Context& context, ResourceKind kind, const ast::Name& name) {
  const std::uint32_t index = context.schema.find(kind, name.text);
  if (index != kNone) return index;
  const std::string word = bytecode::to_string(kind);
  schema::report_unknown(context.sink, Code::unknown_name, name.span,
                         "no " + word + " is named `" + name.text + "`", name.text,
                         context.schema.names_of(kind));
  return kNone;
}

Expr resource_constant(ResourceKind kind, std::uint32_t index, Span span) {
  const auto aux = static_cast<std::uint32_t>(kind);
  return make_constant(value::Value::resource(aux, index), type_of(value::Kind::resource, false, aux), span);
}

bool has_member_list(ResourceKind kind) {
  return kind == ResourceKind::list || kind == ResourceKind::campaign || kind == ResourceKind::audience;
}

std::uint32_t member_list(const Context& context, ResourceKind kind, std::uint32_t index) {
  if (kind == ResourceKind::campaign) return context.catalogue().campaigns[index].members;
  return kind == ResourceKind::audience ? context.catalogue().audiences[index].list : index;
}

std::optional<Expr> resolve_path(Context& context, const Scope& scope, const ast::Path& path) {
  if (path.parts.size() > 1) {
    if (is_score(path.parts[0].text)) return score_path(context, scope, path, 0);
    if (const auto kind = bytecode::resource_kind(path.parts[0].text)) {
      return resolve_resource_path(context, *kind, path);
    }
  }
  const LetName* let = find_let(scope, path.parts[0].text);
  if (let && let->broken) return std::nullopt;
  Start start = find_start(context, scope, path);
  if (!start.expr) {
    report_no_start(context, scope, path);
    return std::nullopt;
  }
  Expr e = std::move(*start.expr);
  for (std::size_t i = start.used; i < path.parts.size(); ++i) {
    const ast::Name& name = path.parts[i];
    if (e.op == ExprOp::self && is_score(name.text) && i + 1 < path.parts.size()) {
      return score_path(context, scope, path, i);
    }
    if (e.type.kind != value::Kind::ref) {
      auto& d =
          context.sink.report(Code::unknown_property, name.span,
                              "`" + path.parts[i - 1].text + "` is no record and has no `" + name.text + "`");
      d.primary.text = "it is a " + schema::type_name(e.type, context.catalogue());
      return std::nullopt;
    }
    const std::uint32_t object = e.type.aux;
    const std::uint32_t index = context.catalogue().find_property(object, name.text);
    if (index == kNone) {
      if (const bytecode::Inverse* inverse = find_inverse(context, object, name.text)) {
        e = one_associated(context, std::move(e), *inverse, text::join(path.parts[0].span, name.span));
        continue;
      }
      report_no_property(context, object, name);
      return std::nullopt;
    }
    Type type = context.catalogue().objects[object].properties[index].type;
    type.nullable = type.nullable || e.type.nullable;
    std::vector<Expr> args;
    args.push_back(std::move(e));
    e = make(ExprOp::field, type, text::join(path.parts[0].span, name.span), std::move(args));
    e.a = object;
    e.b = index;
  }
  e.span = path.span;
  return e;
}

std::optional<Expr> resolve_record(Context& context, const Scope& scope, const ast::Path& path) {
  std::optional<Expr> e = resolve_path(context, scope, path);
  if (!e || e->type.kind == value::Kind::ref) return e;
  auto& d = context.sink.report(Code::type_mismatch, path.span, "`" + path_text(path) + "` is no record");
  d.primary.text = "it is a " + schema::type_name(e->type, context.catalogue());
  point_at_declaration(context, scope, *e, d);
  return std::nullopt;
}

std::optional<PropertyRef> property_of(const Scope& scope, const Expr& e) {
  if (e.op == ExprOp::property) return PropertyRef{scope.object, e.a};
  if (e.op == ExprOp::field) return PropertyRef{e.a, e.b};
  return std::nullopt;
}

const bytecode::Property& declared(const Context& context, PropertyRef ref) {
  return context.catalogue().objects[ref.object].properties[ref.property];
}

std::optional<PropertyRef> personal_in(const Context& context, const Scope& scope, const Expr& e) {
  if (const auto ref = property_of(scope, e)) {
    if (declared(context, *ref).pii) return ref;
    return std::nullopt;
  }
  if (e.type.kind == value::Kind::boolean || e.op == ExprOp::count) return std::nullopt;
  if (e.op == ExprOp::local && scope.workflow) {
    for (const LetName& let : scope.workflow->lets) {
      if (let.local == e.a) return let.personal;
    }
  }
  for (const Expr& arg : e.args) {
    if (const auto ref = personal_in(context, scope, arg)) return ref;
  }
  return std::nullopt;
}

void point_at_declaration(const Context& context, const Scope& scope, const Expr& e, text::Diagnostic& d) {
  const auto ref = property_of(scope, e);
  if (!ref) return;
  d.secondary.push_back({context.schema.property(ref->object, ref->property).name, "declared here"});
  d.notes.push_back(context.schema.describe_property(ref->object, ref->property));
}

}  // namespace wf::sema
