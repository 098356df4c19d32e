// Effects that give a record to somebody: fixed, in turn, by weight.
#include <algorithm>
#include <numeric>

#include "compiler/schema/atoms.hpp"
#include "compiler/schema/report.hpp"
#include "compiler/sema/effect_call.hpp"
#include "compiler/sema/expressions.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/names.hpp"
#include "compiler/sema/steps.hpp"

namespace wf::sema {
namespace {

using value::Kind;

/// A round of turns by weight is no longer than this.
constexpr std::int64_t kMaxRound = 1'000;

Type user_type(bool nullable) {
  return type_of(Kind::resource, nullable, static_cast<std::uint32_t>(ResourceKind::user));
}

/// `keep`, the default, leaves a record with whom it has; `overwrite` does not. Nothing after a report.
std::optional<bool> keeps(const EffectCall& call) {
  const ast::Atom* mode = call.slot("mode");
  if (!mode || *schema::word_of(*mode) == "keep") return true;
  if (*schema::word_of(*mode) == "overwrite") return false;
  schema::report_unknown(call.context.sink, Code::phrase_mismatch, mode->span,
                         "an assignment says `keep` or `overwrite`", *schema::word_of(*mode),
                         {"keep", "overwrite"});
  return std::nullopt;
}

std::optional<Expr> person_property(const EffectCall& call) {
  auto target = writable_slot(call);
  if (!target || !require_type(call.context, call.scope, *target, user_type(false), "what is assigned")) {
    return std::nullopt;
  }
  return target;
}

EffectNode assign(const EffectCall& call, const Expr& target, Expr person) {
  const auto keep = keeps(call);
  if (!keep) return std::nullopt;
  const bool filled = !may_be_unknown(call.scope, person);
  auto write = check_write(call.context, call.scope, target, std::move(person), call.statement.span);
  if (!write || !*keep) return write;
  if (!filled && call.scope.flow) changed(*call.scope.flow, target);
  If only;
  only.coverage = If::Coverage::none;
  std::vector<Expr> known;
  known.push_back(make_boolean(ExprOp::is_known, call.statement.span, {target}));
  Step step;
  step.node = std::move(*write);
  step.span = call.statement.span;
  Block body;
  body.push_back(std::move(step));
  only.arms.push_back({make_boolean(ExprOp::not_, call.statement.span, std::move(known)), std::move(body)});
  return only;
}

/// `contact.owner`, for the key of a rotation.
std::string property_text(const EffectCall& call, const Expr& target) {
  const PropertyRef ref = *property_of(call.scope, target);
  return call.context.catalogue().objects[ref.object].name + "." + declared(call.context, ref).name;
}

EffectNode assign_in_turn(const EffectCall& call, const Expr& target, bytecode::Rotation rotation) {
  auto& rotations = call.context.module.rotations;
  const auto same = std::find_if(rotations.begin(), rotations.end(),
                                 [&](const bytecode::Rotation& other) { return other.key == rotation.key; });
  Expr next = make(ExprOp::rotate, user_type(false), call.statement.span);
  next.a = static_cast<std::uint32_t>(same - rotations.begin());
  if (same == rotations.end()) rotations.push_back(std::move(rotation));
  return assign(call, target, std::move(next));
}

struct Share {
  std::uint32_t user = kNone;
  std::int64_t weight = 1;
};

std::optional<Share> read_share(const EffectCall& call, const ast::Atom& item) {
  const auto* words = std::get_if<ast::AtomList>(&item.value);
  const ast::Atom& who = words && !words->items.empty() ? words->items[0] : item;
  const auto reference = schema::reference_of(who);
  const ast::Literal* literal =
      words && words->items.size() == 2 ? std::get_if<ast::Literal>(&words->items[1].value) : nullptr;
  const auto* number = literal ? std::get_if<ast::Number>(&literal->value) : nullptr;
  const bool fits = reference && reference->kind == ResourceKind::user && (!words || number);
  if (!fits) {
    call.context.sink.report(Code::phrase_mismatch, item.span,
                             "expected a user and a weight, as in `user.sato 3`");
    return std::nullopt;
  }
  Share share;
  share.user = resolve_resource(call.context, ResourceKind::user, *reference->name);
  if (share.user == kNone) return std::nullopt;
  if (!number) return share;
  share.weight = number->micros / value::kMicro;
  if (!number->has_point && !number->percent && share.weight >= 1 && share.weight <= kMaxRound) return share;
  call.context.sink.report(Code::out_of_range, words->items[1].span,
                           "a weight is a whole number from 1 to " + std::to_string(kMaxRound));
  return std::nullopt;
}

/// The order of turns in which everybody comes as evenly spread as weights allow: who is furthest behind is
/// next.
std::vector<std::uint32_t> round_of(const std::vector<Share>& shares) {
  std::int64_t total = 0;
  for (const Share& share : shares) total += share.weight;
  std::vector<std::int64_t> credit(shares.size(), 0);
  std::vector<std::uint32_t> turns;
  for (std::int64_t turn = 0; turn < total; ++turn) {
    for (std::size_t i = 0; i < shares.size(); ++i) credit[i] += shares[i].weight;
    const auto next =
        static_cast<std::size_t>(std::max_element(credit.begin(), credit.end()) - credit.begin());
    credit[next] -= total;
    turns.push_back(shares[next].user);
  }
  return turns;
}

}  // namespace

EffectNode lower_assign(const EffectCall& call) {
  auto target = person_property(call);
  auto person = atom_value(call, *call.slot("user"));
  if (!target || !person ||
      !require_type(call.context, call.scope, *person, user_type(false), "who is assigned")) {
    return std::nullopt;
  }
  return assign(call, *target, std::move(*person));
}

EffectNode lower_round_robin(const EffectCall& call) {
  auto target = person_property(call);
  const std::uint32_t team = resource_slot(call, ResourceKind::team, "team");
  if (!target || team == kNone) return std::nullopt;
  const bytecode::Team& declared_team = call.context.catalogue().teams[team];
  if (declared_team.members.empty()) {
    auto& d = call.context.sink.report(Code::nobody_to_assign, call.slot("team")->span,
                                       "the team `" + declared_team.name + "` has no members");
    d.secondary.push_back({call.context.schema.resource(ResourceKind::team, team).name, "declared here"});
    return std::nullopt;
  }
  return assign_in_turn(
      call, *target, {property_text(call, *target) + " team." + declared_team.name, declared_team.members});
}

EffectNode lower_weighted(const EffectCall& call) {
  auto target = person_property(call);
  std::vector<Share> shares;
  bool ok = target.has_value();
  for (const ast::Atom& item : std::get<ast::AtomList>(call.slot("weights")->value).items) {
    const auto share = read_share(call, item);
    ok = ok && share;
    if (share) shares.push_back(*share);
  }
  if (!ok) return std::nullopt;
  if (shares.empty()) {
    call.context.sink.report(Code::nobody_to_assign, call.slot("weights")->span, "nobody is named here");
    return std::nullopt;
  }
  std::int64_t divisor = 0, total = 0;
  for (const Share& share : shares) divisor = std::gcd(divisor, share.weight);
  std::string key = property_text(call, *target) + " weighted";
  for (Share& share : shares) {
    share.weight /= divisor;
    total += share.weight;
    key += " user." + call.context.catalogue().users[share.user].name + "=" + std::to_string(share.weight);
  }
  if (total > kMaxRound) {
    call.context.sink.report(Code::out_of_range, call.slot("weights")->span,
                             "the weights add up to more than " + std::to_string(kMaxRound));
    return std::nullopt;
  }
  return assign_in_turn(call, *target, {std::move(key), round_of(shares)});
}

}  // namespace wf::sema
