#include "runtime/bytecode/program.hpp"

namespace wf::bytecode {

const std::vector<OpcodeInfo>& opcodes() {
  static const std::vector<OpcodeInfo> rows = {
#define WF_OPCODE(name, operand, pops, pushes, doc) \
  {Opcode::name, #name, OperandKind::operand, pops, pushes, doc},
#include "runtime/bytecode/opcodes.def"
#undef WF_OPCODE
  };
  return rows;
}

const char* to_string(EndReason reason) {
  switch (reason) {
    case EndReason::completed:
      return "completed";
    case EndReason::stopped:
      return "stopped";
    case EndReason::goal_met:
      return "goal_met";
    case EndReason::cancelled:
      return "cancelled";
    case EndReason::suppressed:
      return "suppressed";
    case EndReason::anchor_unknown:
      return "anchor_unknown";
    case EndReason::no_recipient:
      return "no_recipient";
    case EndReason::too_late:
      return "too_late";
    case EndReason::failed:
      return "failed";
    case EndReason::unenrolled:
      return "unenrolled";
    case EndReason::record_deleted:
      return "record_deleted";
    case EndReason::merged:
      return "merged";
    case EndReason::turned_off:
      return "turned_off";
    case EndReason::restarted:
      return "restarted";
    case EndReason::blocked:
      return "blocked";
    case EndReason::campaign_ended:
      return "campaign_ended";
    case EndReason::replied:
      return "replied";
    case EndReason::meeting:
      return "meeting";
  }
  return "?";
}

std::string workflow_label(std::string_view name) {
  const bool whole = name.find('.') != std::string_view::npos;
  return (whole ? "" : "workflow.") + std::string(name);
}

std::uint32_t Program::find_workflow(std::string_view name) const {
  for (std::size_t i = 0; i < workflows.size(); ++i) {
    if (workflows[i].name == name) return static_cast<std::uint32_t>(i);
  }
  return kNone;
}

std::string to_hex(const Hash& hash) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : hash) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 0xf]);
  }
  return out;
}

}  // namespace wf::bytecode
