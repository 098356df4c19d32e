// Checked modules made by hand, over the catalogue of the sample program.
#pragma once

#include <cstdio>

#include "compiler/emit/emit.hpp"
#include "compiler/ir/ir.hpp"
#include "tests/support/sample_program.hpp"

namespace wf::test {

using sema::Expr;
using sema::ExprOp;
using value::Value;

enum Property : std::uint32_t { email, firstname, stage, score, owner, company, renewal, born };

inline Expr expr(ExprOp op, std::vector<Expr> args = {}, std::uint32_t a = 0, std::uint32_t b = 0) {
  Expr e;
  e.op = op;
  e.args = std::move(args);
  e.a = a;
  e.b = b;
  return e;
}
inline Expr literal(Value v) {
  Expr e = expr(ExprOp::constant);
  e.constant = std::move(v);
  return e;
}
inline Expr property(std::uint32_t p) {
  return expr(ExprOp::property, {}, p);
}
inline Expr self() {
  return expr(ExprOp::self);
}

template <class Node>
sema::Step step(std::string label, Node node) {
  sema::Step s;
  s.node = std::move(node);
  s.label = std::move(label);
  return s;
}

/// A project with one workflow, enrolled on creation, and the segment that the catalogue has.
inline sema::Module module_of(sema::Block body, std::uint32_t locals = 0) {
  sema::Module m;
  m.catalogue = sample_program().catalogue;
  // Their conditions are functions of that program.
  m.catalogue.scorings.clear();
  m.catalogue.campaigns.clear();
  m.catalogue.audiences.clear();
  m.catalogue.experiments.clear();
  m.segments.push_back({0, expr(ExprOp::is_known, {property(stage)})});
  sema::Workflow w;
  w.head.name = "lead";
  w.head.object = 0;
  w.locals = locals;
  sema::Trigger t;
  t.head.kind = bytecode::TriggerKind::created;
  w.triggers.push_back(std::move(t));
  w.body = std::move(body);
  m.workflows.push_back(std::move(w));
  return m;
}

inline text::SourceSet sources() {
  text::SourceSet set;
  set.add("lead.wf", "workflow lead on contact {\n}\n");
  return set;
}

/// The program of a unit, which the verifier must accept.
inline bytecode::Program emitted(ir::Unit unit) {
  auto program = emit::emit(std::move(unit));
  if (!program) std::fprintf(stderr, "%s\n", program.error().message.c_str());
  WF_ASSERT(program.ok());
  return std::move(*program);
}

/// The dump of one function of a unit, without its head.
inline std::string dump_of(const ir::Unit& unit, const std::string& name) {
  const std::string text = ir::dump(unit);
  const std::size_t head = text.find(": " + name + " (");
  if (head == std::string::npos) return "no function " + name;
  const std::size_t begin = text.find('\n', head) + 1;
  const std::size_t end = text.find("\nfunction", begin);
  return text.substr(begin, end == std::string::npos ? end : end - begin);
}

}  // namespace wf::test
