#include "compiler/sema/policies.hpp"

#include "compiler/sema/moments.hpp"

namespace wf::sema {
namespace {

Scope contact_scope(const Context& context) {
  Scope scope;
  scope.object = context.catalogue().find_object("contact");
  return scope;
}

/// `e`, which reads the contact itself, as read through `recipient`.
Expr seen_through(Expr e, const Expr& recipient, std::uint32_t contact) {
  for (Expr& arg : e.args) arg = seen_through(std::move(arg), recipient, contact);
  if (e.op == ExprOp::self) return recipient;
  if (e.op != ExprOp::property || recipient.op == ExprOp::self) return e;
  e.op = ExprOp::field;
  e.b = e.a;
  e.a = contact;
  e.type.nullable = true;
  e.args.push_back(recipient);
  return e;
}

}  // namespace

void check_policies(Context& context) {
  const Scope scope = contact_scope(context);
  if (scope.object == kNone) return;
  for (const schema::Policy& policy : context.schema.policies) {
    for (const schema::QuietHours& quiet : policy.quiet) {
      const auto zone = check_zone(context, scope, quiet.zone);
      if (!zone) continue;
      WindowUse use;
      use.hours = {0x7f, quiet.to, quiet.from};
      use.zone = zone->zone;
      use.dynamic_zone = zone->dynamic;
      context.quiet.push_back(std::move(use));
    }
  }
}

std::vector<WindowUse> quiet_windows(Context& context, const Expr& recipient) {
  std::vector<WindowUse> windows = context.quiet;
  for (WindowUse& window : windows) {
    if (!window.dynamic_zone) continue;
    window.dynamic_zone = seen_through(std::move(*window.dynamic_zone), recipient, recipient.type.aux);
  }
  return windows;
}

}  // namespace wf::sema
