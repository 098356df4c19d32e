#include "runtime/vm/vm.hpp"

#include "runtime/vm/expression.hpp"
#include "runtime/vm/machine.hpp"

namespace wf::vm {

Run run(const Program& program, std::uint32_t function, std::uint32_t pc, std::vector<Value>& locals,
        Resume resume, const View& view, const Event* event, std::int64_t now) {
  Nested nested;
  return Machine(program, function, view, event, now, nested).run(pc, locals, resume);
}

Value evaluate(const Program& program, std::uint32_t function, const View& view, const Event* event,
               std::int64_t now) {
  Expression expression(program, program.functions[function], view, event, now);
  if (const Value* v = expression.evaluate()) return *v;
  Nested nested;
  return Machine(program, function, view, event, now, nested).evaluate();
}

bool holds(const Program& program, std::uint32_t function, const View& view, const Event* event,
           std::int64_t now) {
  Expression expression(program, program.functions[function], view, event, now);
  if (const Value* v = expression.evaluate()) return truth_of(*v) == true;
  Nested nested;
  return truth_of(Machine(program, function, view, event, now, nested).evaluate()) == true;
}

bool matches(const Program& program, const bytecode::EventMatch& match, const View& view, const Event& event,
             std::int64_t now) {
  if (match.event != event.type) return false;
  for (const auto& filter : match.filters) {
    if (filter.parameter >= event.parameters.size() ||
        !(event.parameters[filter.parameter] == filter.value)) {
      return false;
    }
  }
  return match.where == kNone || holds(program, match.where, view, &event, now);
}

}  // namespace wf::vm
