// A parsed template as a tree. Internal: Document is the door to it. Views point into the document's text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "grammar/liquid/datum.hpp"

namespace wf::liquid {
struct FilterRow;
}

namespace wf::liquid::ast {

struct Expression;

/// One step of `a.b[c]`. A literal key in brackets is a name too.
struct Segment {
  std::string_view name;
  std::unique_ptr<Expression> key;  ///< in brackets; null: `name`
  bool is_dotted = true;            ///< `.size`, `.first` and `.last` work only with a point
};

struct Lookup {
  std::vector<Segment> segments;  ///< the first is the variable
  std::uint32_t id = 0;           ///< counts the lookups of a document
  bool is_guarded = false;        ///< nothing here is no mistake: under `default`, or only compared with nil
  std::string_view written;
};

struct Bounds;

/// A literal, unless there is a lookup or bounds.
struct Expression {
  Datum literal;
  std::unique_ptr<Lookup> lookup;
  std::unique_ptr<Bounds> bounds;
  std::string_view written;
};

/// `(first..last)`.
struct Bounds {
  Expression first, last;
};

struct Filter {
  const FilterRow* row = nullptr;  ///< null: unknown, and passes its input on
  std::vector<Expression> arguments;
  std::optional<Expression> keyword;  ///< the one that the filter knows
  std::string_view name;
};

/// An expression and what is done to it.
struct Value {
  Expression expression;
  std::vector<Filter> filters;
};

enum class Operator : std::uint8_t { truth, equal, unequal, less, at_most, greater, at_least, contains };

struct Comparison {
  Expression left;
  Operator comparison = Operator::truth;
  Expression right;
  bool and_next = false;  ///< how the next one is joined: `and`, else `or`
};

/// Joined from the right: a and b or c is a and (b or c).
using Condition = std::vector<Comparison>;

struct Node;

struct Block {
  std::vector<Node> nodes;
  bool is_blank = true;  ///< shows nothing but white space
};

struct Text {
  std::string_view text;
};
struct Output {
  Value value;
};
struct Assign {
  std::string_view name;
  Value value;
};
struct Capture {
  std::string_view name;
  Block body;
};
struct Branch {
  Condition condition;  ///< none: else
  bool is_negated = false;
  Block body;
};
struct Branches {
  std::vector<Branch> branches;
};
struct When {
  std::vector<Expression> values;
  bool is_else = false;
  Block body;
};
struct Case {
  Expression subject;
  std::vector<When> whens;
};
struct For {
  std::string_view name;
  Expression collection;
  std::optional<Expression> limit, offset, columns;
  bool goes_on = false;  ///< offset: continue
  bool is_reversed = false, is_table = false;
  std::string label;  ///< "item-collection"
  Block body, otherwise;
};
struct Cycle {
  std::optional<Expression> group;
  std::vector<Expression> values;
  std::string_view written;  ///< of the values
};
struct Counter {
  std::string_view name;
  bool is_up = true;
};
struct IfChanged {
  Block body;
};
struct Partial {
  Expression name;
  bool is_isolated = false;  ///< render, else include
  std::optional<Expression> subject;
  bool is_repeated = false;  ///< `for`, else `with`
  std::string_view alias;
  std::vector<std::pair<std::string_view, Expression>> arguments;
};
struct Interrupt {
  bool is_break = false;
};

struct Node {
  std::variant<Text, Output, Assign, Capture, Branches, Case, For, Cycle, Counter, IfChanged, Partial,
               Interrupt>
      what;
  std::string_view written;  ///< the whole tag, output or text
};

}  // namespace wf::liquid::ast
