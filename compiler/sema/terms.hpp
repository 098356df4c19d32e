// Terms: the parts of conditions about which facts are kept. A property, a count, a local, a membership, or a
// test that is kept whole, each known by a key that is the same for the same question.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/domain/abstract.hpp"
#include "compiler/sema/module.hpp"

namespace wf::sema {

struct Context;

using TermId = std::uint32_t;

/// Expr::b of a local that holds the instant of a send.
inline constexpr std::uint32_t kOfSend = 1;

/// What of a fact is left when time has passed and anybody may have written anything.
enum class Stability : std::uint8_t {
  none,
  fixed,       ///< the value never changes, an unknown one included: what `let` froze
  once_known,  ///< a known value stays: `immutable` properties
  rises,       ///< a number that never falls: counts since ever, the age of something fixed
  once_true,   ///< what has happened has happened
};

struct PropertyRef {
  std::uint32_t object = kNone, property = kNone;
  friend bool operator==(const PropertyRef&, const PropertyRef&) = default;
};

struct Term {
  std::string key;
  Expr expr;
  domain::Abstract initial;  ///< what it can be when nothing is known
  Stability stability = Stability::none;
  std::vector<PropertyRef> reads;     ///< a write to one of them ends the facts
  std::vector<std::uint32_t> locals;  ///< likewise
  std::vector<std::uint32_t> lists;
  bool tags = false;
};

/// The terms of one workflow, or of one condition outside of workflows.
class Terms {
 public:
  /// `object` is that of the record; `owner` the workflow whose `owned_by` properties only it writes.
  Terms(const Context& context, std::uint32_t object, std::uint32_t owner = kNone)
      : context_(&context), object_(object), owner_(owner) {}

  /// The term of an expression; nothing when no facts are kept about it.
  std::optional<TermId> find(const Expr& expression);
  const Term& operator[](TermId id) const { return terms_[id]; }
  /// The owner also writes these properties where no path of its steps leads: no facts about them last.
  void set_restless(std::set<std::string> names) { restless_ = std::move(names); }
  std::size_t size() const { return terms_.size(); }
  const Context& context() const { return *context_; }
  std::uint32_t object() const { return object_; }
  /// The declaration behind a property of the record or a field of another; nothing for others.
  std::optional<PropertyRef> property_of(const Expr& expression) const;

 private:
  Term describe(const Expr& expression, std::string key) const;
  domain::Abstract range_of(PropertyRef property) const;
  Stability stability_of(const Expr& expression) const;
  void collect_reads(const Expr& expression, Term& term) const;

  const Context* context_;
  std::uint32_t object_, owner_;
  std::set<std::string> restless_;
  std::vector<Term> terms_;
  std::unordered_map<std::string, TermId> ids_;
  std::vector<std::optional<TermId>> properties_;  ///< those of the record, asked for most often, by index
};

/// The key of an expression; "" when no facts are kept about it.
std::string key_of(const Expr& expression);

/// All values of a type.
domain::Values values_of(const bytecode::Type& type, const bytecode::Catalogue& catalogue);
/// A constant as a member of its type's values; nothing for values that are in no such set.
std::optional<domain::Values> value_of(const value::Value& constant, const bytecode::Catalogue& catalogue);
/// The number by which an ordered constant is counted in its own unit; nothing for others.
std::optional<std::int64_t> ordinal_number(const value::Value& constant);
/// How texts are compared: by this form of them.
std::string constant_name(const value::Value& constant);

}  // namespace wf::sema
