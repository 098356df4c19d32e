#include "runtime/bytecode/prefix.hpp"

#include "runtime/bytecode/listing.hpp"

namespace wf::bytecode {
namespace {

OperandKind operand_kind(Opcode op) {
  return opcodes()[static_cast<std::size_t>(op)].operand;
}

/// Words [begin, end) of a function.
class PrefixText {
 public:
  PrefixText(const Program& program, std::uint32_t function, std::uint32_t end)
      : p_(program), f_(program.functions[function]), end_(end) {}

  std::string take() {
    for (std::uint32_t at = f_.begin; at < end_; ++at) {
      const Opcode op = opcode_of(p_.code[at]);
      out_ += opcodes()[static_cast<std::size_t>(op)].name;
      out_ += ' ';
      operand(op, operand_of(p_.code[at]));
      out_ += '\n';
    }
    return std::move(out_);
  }

 private:
  void operand(Opcode op, std::uint32_t n) {
    switch (operand_kind(op)) {
      case OperandKind::step:
        return;  // how a step is written does not matter
      case OperandKind::jump:
        out_ += place(n);
        return;
      case OperandKind::wait:
        return wait(p_.waits[n]);
      case OperandKind::call:
        return call(p_.calls[n]);
      default:
        out_ += describe_operand(p_, f_, op, n);
    }
  }

  std::string place(std::uint32_t word) const {
    return word < end_ ? std::to_string(word - f_.begin) : "behind";
  }

  void wait(const Wait& w) {
    if (w.recompute != kNone) out_ += "again from " + place(w.recompute);
    if (w.kind == WaitKind::event) {
      out_ += p_.catalogue.events[w.match.event].name;
      for (const auto& filter : w.match.filters) {
        out_ += " " + std::to_string(filter.parameter) + "=" + describe(p_, filter.value);
      }
      function(w.match.where);
    }
    if (w.sent != kNone) out_ += " sent #" + std::to_string(w.sent);
  }

  void call(const Call& c) {
    out_ += p_.catalogue.webhooks[c.webhook].name;
    for (const std::string& field : c.fields) out_ += " " + field;
    if (c.reply != kNone) out_ += " reply #" + std::to_string(c.reply);
    function(c.on_failure);
  }

  void function(std::uint32_t index) {
    if (index == kNone) return;
    out_ += " {\n" + PrefixText(p_, index, p_.functions[index].end).take() + "}";
  }

  const Program& p_;
  const Function& f_;
  const std::uint32_t end_;
  std::string out_;
};

}  // namespace

std::string prefix_text(const Program& program, std::uint32_t function, std::uint32_t word) {
  return PrefixText(program, function, word + 1).take();
}

std::uint32_t word_of_wait(const Program& program, std::uint32_t function, std::uint32_t wait) {
  const Function& f = program.functions[function];
  for (std::uint32_t at = f.begin; at < f.end; ++at) {
    const bool waits = operand_kind(opcode_of(program.code[at])) == OperandKind::wait;
    if (waits && operand_of(program.code[at]) == wait) return at;
  }
  return kNone;
}

}  // namespace wf::bytecode
