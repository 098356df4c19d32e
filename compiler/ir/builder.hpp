// What the parts of build() share: the unit that grows, its interned tables, and the function under
// construction. Private to this folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/ir.hpp"

namespace wf::ir {

/// The index of the entry in its table.
template <class T>
std::uint32_t append(std::vector<T>& table, T entry) {
  table.push_back(std::move(entry));
  return static_cast<std::uint32_t>(table.size() - 1);
}

/// The unit under construction and the tables in which equal entries are kept once.
class UnitBuilder {
 public:
  UnitBuilder(const sema::Module& module, const text::SourceSet& sources, const BuildOptions& options)
      : module_(module), sources_(sources), options_(options) {}

  Unit build();

  bytecode::Program& tables() { return unit_.tables; }
  std::uint32_t constant(const value::Value& v);
  std::uint32_t field(std::uint32_t object, std::uint32_t property);
  /// One entry for all windows of a step.
  std::uint32_t window(const std::vector<sema::WindowUse>& uses);
  std::uint32_t task(const bytecode::Task& entry);
  /// The relation of the bytecode, its condition built; the same one for the same relation of the module.
  std::uint32_t relation(std::uint32_t module_relation);
  std::uint32_t step(const sema::Step& s);
  /// Reads name a relation of the module; the program's has another number.
  void lower_reads(std::vector<bytecode::RelatedRead>& reads);

  /// Branches and their outcomes, where they are asked for.
  bool marks_outcomes() const { return options_.outcomes; }
  std::uint32_t new_branch() { return branches_++; }
  std::uint32_t outcome(Outcome outcome);
  /// Functions for what a condition reads of the record, where they are asked for.
  void branch_values(std::uint32_t branch, std::uint32_t object, const sema::Expr& condition);
  std::string written(text::Span span) const { return std::string(sources_.text(span)); }
  /// Does the expression come to the same whatever the record?
  bool is_constant(std::uint32_t object, const sema::Expr& e);

  /// A place for a function that is built later: handlers of failed calls must stand behind their callers.
  std::uint32_t reserve_function();
  void set_function(std::uint32_t index, Function f) { unit_.functions[index] = std::move(f); }
  std::uint32_t expression(std::string name, std::uint32_t object, std::uint32_t event, const sema::Expr& e);
  std::uint32_t optional_expression(std::string name, std::uint32_t object,
                                    const std::optional<sema::Expr>& e);
  bytecode::EventMatch match(const std::string& name, std::uint32_t object, const sema::EventMatch& m);

 private:
  void workflow(const sema::Workflow& w);
  void scoring(const sema::Scoring& s);
  bytecode::Trigger trigger(const std::string& name, const sema::Workflow& w, const sema::Trigger& t);
  bytecode::RelatedEdge edge(const std::string& name, const sema::RelatedEdge& e);

  const sema::Module& module_;
  const text::SourceSet& sources_;
  const BuildOptions& options_;
  Unit unit_;
  std::uint32_t branches_ = 0;
  std::map<std::string, std::uint32_t> constants_;  // by encoding
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> fields_;
  std::map<text::FileId, std::uint32_t> files_;
  std::map<std::pair<text::FileId, std::uint32_t>, std::uint32_t> steps_;  // by place
  std::map<std::uint32_t, std::uint32_t> relations_;                       // of the module
};

/// One function: appends to its current block.
class FunctionBuilder {
 public:
  FunctionBuilder(UnitBuilder& unit, std::string name, bytecode::FunctionKind kind, std::uint32_t object,
                  std::uint32_t event);

  void emit(bytecode::Opcode op, std::uint32_t operand = 0);
  void push(const value::Value& v);
  BlockId new_block();
  /// Ends the current block and goes on in another.
  void jump_to(BlockId target);
  /// Pops a condition; goes on in `yes`.
  void branch(BlockId yes, BlockId otherwise);
  void leave(Terminator terminator);
  void go_on_in(BlockId block) { current_ = block; }
  BlockId current() const { return current_; }

  /// Appends code that pushes the expression's value.
  void expression(const sema::Expr& e);

  UnitBuilder& unit() { return unit_; }
  Function& function() { return function_; }
  Function take() { return std::move(function_); }

 private:
  void any_of(const sema::Expr& e);

  UnitBuilder& unit_;
  Function function_;
  BlockId current_ = 0;
};

/// Builds the body of a workflow, and of its failure handlers, into the places that it reserves; gives the
/// body's. The steps it numbers are appended to `steps`.
std::uint32_t build_body(UnitBuilder& unit, const sema::Workflow& w, std::vector<std::uint32_t>& steps);

}  // namespace wf::ir
