// Expressions, straight from the checked tree.
#pragma once

#include <optional>

#include "tests/reference/interpreter/operators.hpp"
#include "tests/reference/interpreter/world.hpp"

namespace wf::reference {

/// What an expression is looked at over.
struct Look {
  const sema::Module& module;
  const World& world;
  const Record& record;
  const Facts& facts;  ///< of the record: now, or before a change
  const Event* event = nullptr;
  const std::vector<Value>* locals = nullptr;
  std::int64_t now = 0;
};

Value evaluate(const sema::Expr& e, const Look& look);
inline Truth ask(const sema::Expr& e, const Look& look) {
  return truth(evaluate(e, look));
}
inline bool holds(const sema::Expr& e, const Look& look) {
  return ask(e, look) == Truth::yes;
}

/// Does the event fit (type, fields, condition)?
bool fits(const sema::EventMatch& match, const Event& event, const Look& look);
/// How often what the counter counts happened, of the record's history from `from` on.
std::int64_t count(const sema::Counter& counter, const Look& look, std::size_t from = 0);
/// How often, whatever the window.
std::size_t times_counted(const sema::Counter& counter, const Look& look);

/// The instant of a dated wait; nothing when what it counts from is unknown.
std::optional<std::int64_t> resolve(const bytecode::Moment& moment, const bytecode::Catalogue& catalogue,
                                    const Value& anchor, const Value& zone, std::int64_t now);
/// Until when one of the windows is closed for a record, spread over a quarter of an hour; nothing when all
/// are open. `zones`: one a window, unknown where it is fixed.
std::optional<std::int64_t> closed_until(const std::vector<sema::WindowUse>& windows,
                                         const std::vector<Value>& zones, Key record, std::int64_t now);

/// The first instant after `after` at which the condition turns true although nothing but time changes: found
/// by trying every instant that its values and durations can make.
std::optional<std::int64_t> next_turn(const sema::Expr& condition, const Look& look, std::int64_t after);

}  // namespace wf::reference
