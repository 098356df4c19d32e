#include "compiler/sema/reads.hpp"

#include <algorithm>

namespace wf::sema {
namespace {

using bytecode::Hop;
using bytecode::RelatedRead;
using Hops = std::vector<Hop>;

void add_once(std::vector<std::uint32_t>& list, std::uint32_t item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

class Collector {
 public:
  explicit Collector(const Context& context) : context_(context) {}

  void visit(const Expr& e, const Hops& from, std::uint32_t object, std::uint32_t relation) {
    switch (e.op) {
      case ExprOp::property:
        read_property(from, object, relation, e.a);
        break;
      case ExprOp::field:
        if (const auto path = path_to(e.args[0], from, object)) read_property(*path, e.a, kNone, e.b);
        break;
      case ExprOp::count:
      case ExprOp::last_event:
      case ExprOp::occurred_since:
        add_once(from.empty() ? own_.counters : at(from, object, relation).counters, e.a);
        break;
      case ExprOp::in_list:
        add_once(from.empty() ? own_.lists : at(from, object, relation).lists, e.a);
        break;
      case ExprOp::has_tag:
        (from.empty() ? own_.tags : at(from, object, relation).tags) = true;
        break;
      case ExprOp::related:
      case ExprOp::associated:
        visit_relation(e, from, object);
        break;
      default:
        break;
    }
    for (const Expr& arg : e.args) visit(arg, from, object, relation);
  }

  std::optional<Hops> path_to(const Expr& e, const Hops& from, std::uint32_t object) const {
    Hops path = from;
    switch (e.op) {
      case ExprOp::self:
        return path;
      case ExprOp::property:
        path.push_back({object, e.a, false});
        return path;
      case ExprOp::field: {
        auto base = path_to(e.args[0], from, object);
        if (base) base->push_back({e.a, e.b, false});
        return base;
      }
      case ExprOp::associated: {
        const bytecode::Relation& relation = context_.module.relations[e.a].head;
        auto base = path_to(e.args[0], from, object);
        if (base) base->push_back({relation.object, relation.property, true});
        return base;
      }
      default:
        return std::nullopt;
    }
  }

  Reads take() { return std::move(own_); }

 private:
  void read_property(const Hops& from, std::uint32_t object, std::uint32_t relation, std::uint32_t property) {
    add_once(from.empty() ? own_.properties : at(from, object, relation).properties, property);
  }

  void visit_relation(const Expr& e, const Hops& from, std::uint32_t object) {
    const Relation& relation = context_.module.relations[e.a];
    auto path = path_to(e.args[0], from, object);
    if (!path) return;
    if (relation.head.primary != kNone) {
      const std::uint32_t owner = e.args[0].type.aux;
      read_property(*path, owner, kNone, relation.head.primary);
    }
    if (relation.head.property != kNone) {
      path->push_back({relation.head.object, relation.head.property, true});
      read_property(*path, relation.head.object, e.a, relation.head.property);
    }
    if (relation.where) visit(*relation.where, *path, relation.head.object, e.a);
  }

  RelatedRead& at(const Hops& path, std::uint32_t object, std::uint32_t relation) {
    for (RelatedRead& read : own_.elsewhere) {
      if (read.path == path && read.relation == relation) return read;
    }
    RelatedRead read;
    read.path = path;
    read.object = object;
    read.relation = relation;
    own_.elsewhere.push_back(std::move(read));
    return own_.elsewhere.back();
  }

  const Context& context_;
  Reads own_;
};

}  // namespace

Reads reads_of(const Context& context, std::uint32_t object, const Expr& expression) {
  Collector collector(context);
  collector.visit(expression, {}, object, kNone);
  return collector.take();
}

std::optional<Hops> path_to(const Context& context, std::uint32_t object, const Expr& record) {
  return Collector(context).path_to(record, {}, object);
}

}  // namespace wf::sema
