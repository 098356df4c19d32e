#include "runtime/bytecode/bounds.hpp"

#include <algorithm>
#include <map>

namespace wf::bytecode {

namespace {

/// Ways through a body from one of its sends: how many mails were sent, and the least time that took.
class Ways {
 public:
  Ways(const Program& program, const Function& f, MailClass mail_class, std::int64_t window)
      : p_(program), f_(f), class_(mail_class), window_(window) {}

  std::uint32_t most_from(std::uint32_t start) {
    at_.assign(f_.end - f_.begin + 1, {});
    at_[start - f_.begin] = {{0, 0}};
    std::uint32_t most = 0;
    for (std::uint32_t word = start; word < f_.end; ++word) {
      auto& here = at_[word - f_.begin];
      if (!here.empty()) most = std::max(most, here.rbegin()->first + (is_send(word) ? 1U : 0U));
      pass(word, here);
      here.clear();
    }
    return most;
  }
  bool is_send(std::uint32_t word) const {
    return opcode_of(p_.code[word]) == Opcode::send &&
           p_.sends[operand_of(p_.code[word])].mail_class == class_;
  }

 private:
  using Sent = std::map<std::uint32_t, std::int64_t>;  // mails, least time

  void pass(std::uint32_t word, const Sent& here) {
    const Opcode op = opcode_of(p_.code[word]);
    const std::uint32_t operand = operand_of(p_.code[word]);
    if (op == Opcode::end || op == Opcode::stop) return;
    for (const auto& [mails, time] : here) {
      const std::uint32_t sent = mails + (is_send(word) ? 1U : 0U);
      const std::int64_t later = value::add_saturating(time, delay(word));
      if (later >= window_) continue;
      if (op == Opcode::jump || op == Opcode::jump_if || op == Opcode::jump_unless)
        arrive(operand, sent, later);
      if (op != Opcode::jump) arrive(word + 1, sent, later);
    }
  }

  void arrive(std::uint32_t word, std::uint32_t sent, std::int64_t time) {
    const auto [it, added] = at_[word - f_.begin].try_emplace(sent, time);
    if (!added) it->second = std::min(it->second, time);
  }

  /// Of a wait for a fixed time.
  std::int64_t delay(std::uint32_t word) const {
    if (opcode_of(p_.code[word]) != Opcode::wait_for || word == f_.begin) return 0;
    const Word before = p_.code[word - 1];
    if (opcode_of(before) != Opcode::push) return 0;
    const value::Value& v = p_.constants[operand_of(before)];
    return v.kind() == value::Kind::duration ? std::max<std::int64_t>(v.as_duration(), 0) : 0;
  }

  const Program& p_;
  const Function& f_;
  const MailClass class_;
  const std::int64_t window_;
  std::vector<Sent> at_;
};

}  // namespace

std::uint32_t most_mails(const Program& program, std::uint32_t workflow, MailClass mail_class,
                         std::int64_t window) {
  const Function& f = program.functions[program.workflows[workflow].body];
  Ways ways(program, f, mail_class, window);
  std::uint32_t most = 0;
  for (std::uint32_t word = f.begin; word < f.end; ++word) {
    if (ways.is_send(word)) most = std::max(most, ways.most_from(word));
  }
  return most;
}

}  // namespace wf::bytecode
