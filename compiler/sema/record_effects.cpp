// Effects that make, change and delete records.
#include <algorithm>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/literal.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/effect_call.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/steps.hpp"

namespace wf::sema {
namespace {

using value::Kind;

bool is_own(const Expr& record) {
  return record.op == ExprOp::self;
}

/// A property of a record, as something to write to.
Expr target_of(const Context& context, const Expr& record, std::uint32_t property, Span span) {
  const std::uint32_t object = record.type.aux;
  const Type& type = context.catalogue().objects[object].properties[property].type;
  Expr target = make(is_own(record) ? ExprOp::property : ExprOp::field, type, span);
  target.a = property;
  if (is_own(record)) return target;
  target.args.push_back(record);
  target.a = object;
  target.b = property;
  return target;
}

Step silent(decltype(Step::node) node, Span span) {
  Step step;
  step.node = std::move(node);
  step.span = span;
  return step;
}

std::uint32_t property_named(const EffectCall& call, std::uint32_t object, const ast::Name& name) {
  const std::uint32_t property = call.context.catalogue().find_property(object, name.text);
  if (property != kNone) return property;
  schema::report_unknown(
      call.context.sink, Code::unknown_property, name.span,
      "`" + call.context.catalogue().objects[object].name + "` has no property `" + name.text + "`",
      name.text, call.context.schema.property_names(object));
  return kNone;
}

// ---- lists of values
// ----------------------------------------------------------------------------------------------------

/// A value where the property tells the type: an enum's value, a text, a record, `owner else user.sato`.
std::optional<Expr> typed_value(const EffectCall& call, const ast::Atom& atom, const Type& type) {
  if (const auto* either = std::get_if<ast::ElseAtom>(&atom.value)) {
    auto first = typed_value(call, *either->first, type);
    auto second = typed_value(call, *either->second, type);
    if (!first || !second) return std::nullopt;
    Type joined = first->type;
    joined.nullable = first->type.nullable && second->type.nullable;
    std::vector<Expr> args;
    args.push_back(std::move(*first));
    args.push_back(std::move(*second));
    return make(ExprOp::coalesce, joined, atom.span, std::move(args));
  }
  const auto constant = schema::constant_of(atom, type, call.context.catalogue(), call.context.zone());
  if (constant.value && !constant.value->is_unknown()) {
    Type known = type;
    known.nullable = false;
    return make_constant(*constant.value, known, atom.span);
  }
  if (type.kind == Kind::enumeration && schema::word_of(atom)) {
    const bytecode::EnumType& names = call.context.catalogue().enums[type.aux];
    schema::report_unknown(call.context.sink, Code::unknown_value, atom.span,
                           "`" + *schema::word_of(atom) + "` is not a value of `" + names.name + "`",
                           *schema::word_of(atom), names.values);
    return std::nullopt;
  }
  return atom_value(call, atom);
}

struct GivenValue {
  std::uint32_t property = kNone;
  Span name;
  Expr value;
};

std::optional<GivenValue> read_value(const EffectCall& call, std::uint32_t object, const ast::Atom& item) {
  const auto* words = std::get_if<ast::AtomList>(&item.value);
  const ast::Path* path = words && words->items.size() == 2 ? schema::path_of(words->items[0]) : nullptr;
  if (!path || path->parts.size() != 1) {
    auto& d = call.context.sink.report(Code::phrase_mismatch, item.span, "expected a property and its value");
    d.helps.push_back("write `(name \"…\", stage proposal)`");
    return std::nullopt;
  }
  GivenValue given;
  given.name = path->span;
  given.property = property_named(call, object, path->parts[0]);
  if (given.property == kNone) return std::nullopt;
  const bytecode::Property& property = call.context.catalogue().objects[object].properties[given.property];
  auto value = typed_value(call, words->items[1], property.type);
  if (!value) return std::nullopt;
  if (!require_type(call.context, call.scope, *value, property.type, "`" + property.name + "`"))
    return std::nullopt;
  given.value = std::move(*value);
  return given;
}

std::optional<std::vector<GivenValue>> read_values(const EffectCall& call, std::uint32_t object) {
  std::vector<GivenValue> values;
  const ast::Atom* list = call.slot("values");
  if (!list) return values;
  bool ok = true;
  for (const ast::Atom& item : std::get<ast::AtomList>(list->value).items) {
    auto given = read_value(call, object, item);
    ok = ok && given;
    if (!given) continue;
    for (const GivenValue& other : values) {
      if (other.property != given->property) continue;
      ok = false;
      call.context.sink.report(Code::duplicate_name, given->name, "this property is given twice")
          .secondary.push_back({other.name, "first here"});
    }
    values.push_back(std::move(*given));
  }
  if (!ok) return std::nullopt;
  return values;
}

// ---- creation
// -----------------------------------------------------------------------------------------------------------

/// The new record belongs to the one that it is made for: `contact` of a deal made for a contact.
void add_subject(const EffectCall& call, std::uint32_t object, const Expr& subject, CreateRecord& create) {
  const bytecode::Catalogue& catalogue = call.context.catalogue();
  const std::uint32_t property = catalogue.find_property(object, catalogue.objects[subject.type.aux].name);
  if (property == kNone) return;
  const Type& type = catalogue.objects[object].properties[property].type;
  const bool given = std::any_of(create.values.begin(), create.values.end(),
                                 [&](const auto& value) { return value.first == property; });
  if (type.kind != Kind::ref || type.aux != subject.type.aux || given) return;
  create.values.emplace_back(property, subject);
}

bool check_complete(const EffectCall& call, const CreateRecord& create) {
  const bytecode::Object& object = call.context.catalogue().objects[create.object];
  std::vector<std::string> missing;
  for (std::uint32_t p = 0; p < object.properties.size(); ++p) {
    const bytecode::Property& property = object.properties[p];
    const bool given = std::any_of(create.values.begin(), create.values.end(),
                                   [&](const auto& value) { return value.first == p; });
    if (!property.type.nullable && property.initial.is_unknown() && !given) missing.push_back(property.name);
  }
  if (missing.empty()) return true;
  std::string names;
  for (const std::string& name : missing) names += (names.empty() ? "`" : ", `") + name + "`";
  auto& d = call.context.sink.report(Code::record_needs_value, call.statement.span,
                                     "a new `" + object.name + "` needs " + names);
  d.secondary.push_back(
      {call.context.schema
           .property(create.object, call.context.catalogue().find_property(create.object, missing[0]))
           .name,
       "declared without `?` and without a default"});
  d.helps.push_back("write `create " + object.name + " with (" + missing[0] + " …)`");
  return false;
}

bool check_created_value(const EffectCall& call, std::uint32_t object, const GivenValue& given) {
  const bytecode::Property& property = call.context.catalogue().objects[object].properties[given.property];
  if (given.value.op == ExprOp::constant && schema::outside_range(property, given.value.constant)) {
    auto& d = call.context.sink.report(Code::out_of_range, given.value.span,
                                       "this is outside the range of the property");
    d.secondary.push_back({call.context.schema.property(object, given.property).name, "declared here"});
    return false;
  }
  return property.type.nullable ||
         require_known(call.context, call.scope, given.value, "`" + property.name + "` always has a value");
}

Expr own_record(const EffectCall& call) {
  return make(ExprOp::self, type_of(Kind::ref, false, call.scope.object), call.statement.span);
}

}  // namespace

EffectNode lower_create(const EffectCall& call) {
  const ast::Name& name = schema::path_of(*call.slot("object"))->parts[0];
  CreateRecord create;
  create.object = call.context.catalogue().find_object(name.text);
  if (create.object == kNone) {
    schema::report_unknown(call.context.sink, Code::unknown_name, name.span,
                           "no object is named `" + name.text + "`", name.text,
                           call.context.schema.object_names());
    return std::nullopt;
  }
  auto values = read_values(call, create.object);
  if (!values) return std::nullopt;
  bool ok = true;
  for (GivenValue& given : *values) {
    ok = check_created_value(call, create.object, given) && ok;
    create.values.emplace_back(given.property, std::move(given.value));
  }
  add_subject(call, create.object, own_record(call), create);
  if (!ok || !check_complete(call, create)) return std::nullopt;
  const auto local = label_slot(call, create.object);
  if (!local) return std::nullopt;
  create.local = *local;
  return create;
}

EffectNode lower_note(const EffectCall& call) {
  CreateRecord create;
  create.object = call.context.catalogue().find_object("note");
  const std::uint32_t property =
      create.object == kNone ? kNone : call.context.catalogue().find_property(create.object, "body");
  if (property == kNone) {
    call.context.sink.report(Code::unknown_name, call.statement.span,
                             "there is no object `note` with a `body`");
    return std::nullopt;
  }
  auto body = atom_value(call, *call.slot("body"));
  auto subject = record_slot(call, "record", kNone);
  if (!body || !subject || !require_type(call.context, call.scope, *body, type_of(Kind::text), "a note") ||
      !require_known(call.context, call.scope, *body, "a note needs a text")) {
    return std::nullopt;
  }
  create.values.emplace_back(property, std::move(*body));
  add_subject(call, create.object, *subject, create);
  const auto local = label_slot(call, create.object);
  if (!local) return std::nullopt;
  create.local = *local;
  return create;
}

// ---- changes
// ------------------------------------------------------------------------------------------------------------

EffectNode lower_update(const EffectCall& call) {
  auto record = record_slot(call, "record", kNone);
  if (!record) return std::nullopt;
  auto values = read_values(call, record->type.aux);
  if (!values) return std::nullopt;
  Compound group;
  bool ok = true;
  for (GivenValue& given : *values) {
    const bytecode::Property& property =
        call.context.catalogue().objects[record->type.aux].properties[given.property];
    if (property.immutable) {
      ok = false;
      auto& d =
          call.context.sink.report(Code::read_only, given.name, "`" + property.name + "` cannot be written");
      d.secondary.push_back(
          {call.context.schema.property(record->type.aux, given.property).name, "declared `immutable`"});
      continue;
    }
    const Expr target = target_of(call.context, *record, given.property, given.name);
    auto write = check_write(call.context, call.scope, target, std::move(given.value), given.name);
    ok = ok && write;
    if (write) group.steps.push_back(silent(std::move(*write), call.statement.span));
  }
  if (!ok) return std::nullopt;
  return group;
}

EffectNode lower_append(const EffectCall& call) {
  auto target = writable_slot(call);
  auto text = atom_value(call, *call.slot("text"));
  if (!target || !text) return std::nullopt;
  const bool plain = target->type.kind == Kind::text && target->type.format == bytecode::Format::plain;
  if (!plain) {
    auto& d = call.context.sink.report(Code::type_mismatch, target->span, "only a text can be appended to");
    d.primary.text =
        "this is " + schema::with_article(schema::type_name(target->type, call.context.catalogue()));
    point_at_declaration(call.context, call.scope, *target, d);
    return std::nullopt;
  }
  if (!require_type(call.context, call.scope, *text, type_of(Kind::text), "what is appended"))
    return std::nullopt;
  std::vector<Expr> args;
  args.push_back(*target);
  args.push_back(std::move(*text));
  return write_step(call.scope, *target,
                    make(ExprOp::concat, type_of(Kind::text), call.statement.span, std::move(args)),
                    call.statement.span);
}

EffectNode lower_copy(const EffectCall& call) {
  auto target = writable_slot(call);
  auto source = resolve_path(call.context, call.scope, *schema::path_of(*call.slot("source")));
  if (!target || !source) return std::nullopt;
  if (!require_type(call.context, call.scope, *source, target->type,
                    "`" + std::string(call.context.sources.text(target->span)) + "`")) {
    return std::nullopt;
  }
  return check_write(call.context, call.scope, *target, std::move(*source), call.statement.span);
}

// ---- associations
// -------------------------------------------------------------------------------------------------------

namespace {

/// One way to associate two records: `property` of `holder` points at the other.
struct Way {
  bool from_first = true;
  std::uint32_t object = kNone, property = kNone;
};

bool names_primary(const Context& context, std::uint32_t object, std::uint32_t property) {
  const auto& inverses = context.catalogue().objects[object].inverses;
  return std::any_of(inverses.begin(), inverses.end(),
                     [&](const bytecode::Inverse& inverse) { return inverse.primary == property; });
}

void add_ways(const Context& context, bool from_first, std::uint32_t from, std::uint32_t to,
              std::vector<Way>& ways) {
  const auto& properties = context.catalogue().objects[from].properties;
  for (std::uint32_t p = 0; p < properties.size(); ++p) {
    const Type& type = properties[p].type;
    if (type.kind == Kind::ref && type.aux == to && !names_primary(context, from, p)) {
      ways.push_back({from_first, from, p});
    }
  }
}

struct Pair {
  Expr target, other;
};

std::optional<Pair> association_of(const EffectCall& call) {
  auto first = record_slot(call, "record", kNone);
  auto second = record_slot(call, "other", kNone);
  if (!first || !second) return std::nullopt;
  const std::uint32_t a = first->type.aux, b = second->type.aux;
  std::vector<Way> ways;
  add_ways(call.context, true, a, b, ways);
  if (a != b) add_ways(call.context, false, b, a, ways);
  const auto& objects = call.context.catalogue().objects;
  if (ways.size() == 1) {
    const Expr& holder = ways[0].from_first ? *first : *second;
    Expr target = target_of(call.context, holder, ways[0].property, holder.span);
    return Pair{std::move(target), ways[0].from_first ? std::move(*second) : std::move(*first)};
  }
  const bool none = ways.empty();
  auto& d =
      call.context.sink.report(Code::ambiguous_association, call.statement.span,
                               "a " + objects[a].name + " and a " + objects[b].name +
                                   (none ? " cannot be associated" : " can be associated in several ways"));
  for (const Way& way : ways) {
    d.secondary.push_back({call.context.schema.property(way.object, way.property).name, "one way"});
  }
  d.helps.push_back(none ? "declare an association, as in `company -> company?`"
                         : "say which: `set " + objects[ways[0].object].properties[ways[0].property].name +
                               " to …`");
  return std::nullopt;
}

}  // namespace

EffectNode lower_associate(const EffectCall& call) {
  auto pair = association_of(call);
  if (!pair) return std::nullopt;
  return check_write(call.context, call.scope, pair->target, std::move(pair->other), call.statement.span);
}

EffectNode lower_dissociate(const EffectCall& call) {
  auto pair = association_of(call);
  if (!pair) return std::nullopt;
  const bytecode::Property& property = declared(call.context, *property_of(call.scope, pair->target));
  if (!property.type.nullable) {
    auto& d = call.context.sink.report(Code::nullable_use, call.statement.span,
                                       "`" + property.name + "` cannot be unknown");
    d.primary.text = "so these cannot be dissociated";
    point_at_declaration(call.context, call.scope, pair->target, d);
    return std::nullopt;
  }
  std::vector<Expr> sides;
  sides.push_back(pair->target);
  sides.push_back(std::move(pair->other));
  If only;
  only.coverage = If::Coverage::none;
  Expr nothing = make(ExprOp::unknown, property.type, call.statement.span);
  Block body;
  body.push_back(silent(write_step(call.scope, pair->target, std::move(nothing), call.statement.span),
                        call.statement.span));
  if (call.scope.flow) changed(*call.scope.flow, pair->target);
  only.arms.push_back({make_boolean(ExprOp::eq, call.statement.span, std::move(sides)), std::move(body)});
  return only;
}

EffectNode lower_delete(const EffectCall& call) {
  auto record = record_slot(call, "record", kNone);
  if (!record) return std::nullopt;
  if (is_own(*record) && call.scope.flow) call.scope.flow->ended = true;
  return DeleteRecord{std::move(*record)};
}

}  // namespace wf::sema
