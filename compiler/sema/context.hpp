// What the checks share: the schema, the module being built, and the scope of an expression. Internal to
// sema.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/schema/schema.hpp"
#include "compiler/sema/check.hpp"
#include "compiler/sema/flow.hpp"
#include "compiler/sema/module.hpp"

namespace wf::sema {

using bytecode::ResourceKind;
using text::Code;

/// A value that a template reads.
struct Placeholder {
  std::vector<std::string> path;
  Span span;               ///< where it is first read, or first read without a guard
  bool is_guarded = true;  ///< `default` follows, or a condition asks, at every place
  std::vector<std::pair<std::string, Span>> compared = {};  ///< the texts it is compared with
};

/// The condition of a segment, checked when first needed.
enum class Progress : std::uint8_t { open, running, done };
struct SegmentState {
  Progress progress = Progress::open;
  std::optional<Expr> condition;
};
/// The same for the bands of a scoring.
struct ScoringState {
  Progress progress = Progress::open;
  std::vector<Scoring::Band> bands;
  bool broken = false;  ///< a band had an error
};

struct Context {
  const schema::Schema& schema;
  Module& module;
  text::SourceSet& sources;
  const FileDoor& open;
  text::DiagnosticSink& sink;

  std::vector<SegmentState> segments;
  std::vector<ScoringState> scorings;
  std::set<std::uint32_t> point_givers;           ///< campaigns whose stories add points
  std::map<std::string, std::uint32_t> counters;  ///< by key
  /// By index of the e-mail, message or webhook.
  std::vector<std::vector<Placeholder>> email_placeholders, message_placeholders, payload_placeholders;
  std::vector<WindowUse> quiet = {};       ///< of the policies, as a contact sees them
  std::optional<std::int32_t> today = {};  ///< days since 1970-01-01
  std::vector<Span> reported = {};         ///< places of placeholders with a finding
  bool faulty_actions = false;             ///< some phrase does not fit the effect of its action

  bytecode::Catalogue& catalogue() { return module.catalogue; }
  const bytecode::Catalogue& catalogue() const { return module.catalogue; }
  const std::string& zone() const { return module.catalogue.zone; }
};

/// One `send` of a workflow. It gets a local for its instant when something asks for it.
struct SendSite {
  const ast::Step* step = nullptr;
  std::uint32_t email = kNone;
  std::uint32_t local = kNone;
};
struct LabelName {
  std::string name;
  Span span;
  std::uint32_t site = kNone;
  bool used = false;
};
struct LetName {
  std::string name;
  Span span;
  std::uint32_t local = kNone;
  Type type;
  bool used = false;
  bool broken = false;                       ///< its value had an error
  std::optional<PropertyRef> personal = {};  ///< the `pii` property that its value tells
};
/// `as reply`: a field of the answer each, then why it failed, in locals of their own.
struct ReplyName {
  std::string name;
  Span span;
  std::uint32_t webhook = kNone, first_local = kNone;
  bool used = false;
};
/// A write that can make a trigger of its own workflow fire.
struct SelfWrite {
  Span step, trigger;
  bool reported = false;
  std::optional<text::Witness> witness = {};
};
struct WorkflowState {
  std::uint32_t index = kNone;         ///< of the workflow
  const Workflow* workflow = nullptr;  ///< its header is checked
  std::vector<SelfWrite> self_writes;
  std::unique_ptr<Ground> ground;
  std::string name;
  std::uint32_t locals = 0;
  std::vector<SendSite> sites;
  std::vector<LabelName> labels;
  std::vector<LetName> lets;       ///< those in scope
  std::vector<ReplyName> replies;  ///< so far
  bool has_windows = false, has_goal = false;
  std::uint32_t campaign = kNone;  ///< of a story
  bool waits_allowed = true;       ///< not after `on failure … then`
  std::vector<Verdict> verdicts;
};

/// Where an expression stands.
struct Scope {
  std::uint32_t object = kNone;       ///< type of the record
  std::uint32_t event = kNone;        ///< the event whose fields `event.x` means
  bool in_where = false;              ///< fields of the event come before properties
  std::string record;                 ///< tests: the name by which the record is addressed
  WorkflowState* workflow = nullptr;  ///< in a workflow's body
  Flow* flow = nullptr;               ///< in a workflow's body
};

inline Type type_of(value::Kind kind, bool nullable = false, std::uint32_t aux = 0) {
  return Type{kind, bytecode::Format::plain, aux, nullable};
}

// ---- building expressions
// ---------------------------------------------------------------------------------------

Expr make(ExprOp op, Type type, Span span, std::vector<Expr> args = {});
Expr make_constant(value::Value value, Type type, Span span);
Expr make_boolean(ExprOp op, Span span, std::vector<Expr> args);
Expr make_duration(std::int64_t microseconds, Span span);
/// and / or of one or more conditions.
Expr make_logic(ExprOp op, std::vector<Expr> operands, Span span);

/// Calls `visit` for the expression and all its parts.
template <class Visit>
void walk(const Expr& expression, Visit visit) {
  visit(expression);
  for (const Expr& arg : expression.args) walk(arg, visit);
}

/// Text that is the same for the same question in every bundle: names instead of indices.
std::string canonical(const Context& context, std::uint32_t object, std::uint32_t event,
                      const Expr& expression);

}  // namespace wf::sema
