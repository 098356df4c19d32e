// Why a record was enrolled or not, and each decision with the values seen.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "compiler/ir/ir.hpp"
#include "compiler/wfc/virtual_run.hpp"
#include "grammar/text/source.hpp"

namespace wf::wfc {

/// Explains one record of a simulation. It has a program of its own, which says what branches come to.
class Explainer {
 public:
  /// `module` and `sources` must outlive it.
  Explainer(const sema::Module& module, const text::SourceSet& sources);
  Explainer(const Explainer&) = delete;
  Explainer& operator=(const Explainer&) = delete;

  const bytecode::Program& program() const { return program_; }
  /// Notes the decisions of a group of steps.
  VirtualRun::Ran listener();

  /// What is to be said below a happening of the record, told in order: the decisions of a step. `subject` is
  /// the name of the happening's subject.
  std::vector<std::string> remarks(const Observation& o, const std::string& subject);
  /// Why a record of `object` was never enrolled in the workflows that it is not in.
  std::vector<std::string> not_enrolled(VirtualRun& run, engine::Key key, const std::string& object);
  /// Why its scores are what they are, and where it stands in campaigns.
  std::vector<std::string> scores(VirtualRun& run, engine::Key key) const;
  /// The record that it is about is this one: decisions of others are forgotten.
  void watch(engine::Key key);

 private:
  struct Decision {
    std::string step, text;
  };

  std::string value_text(const value::Value& v) const;
  std::string place(text::Span span) const;
  std::string explain_trigger(VirtualRun& run, engine::Key key, const sema::Trigger& trigger);

  const sema::Module& module_;
  const text::SourceSet& sources_;
  bytecode::Program program_;
  std::vector<ir::Outcome> outcomes_;
  std::multimap<std::uint32_t, ir::BranchValue> values_;  // by branch
  std::map<const sema::Expr*, std::uint32_t> functions_;  // of triggers' conditions
  engine::Key watched_ = 0;
  std::map<engine::Key, std::vector<Decision>> decisions_;  // of the instant
  std::map<std::string, std::size_t> events_;               // of the record, by type
  std::set<std::string> entered_;                           // workflows that enrolled or refused it
};

}  // namespace wf::wfc
