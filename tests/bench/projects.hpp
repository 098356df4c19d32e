// Generated sources, alike in all benchmarks of the front.
#pragma once

#include <string>

namespace wf::bench {

/// A workflow of 100 lines with waits, branches, settings, tasks and Japanese texts.
inline std::string workflow(std::size_t n) {
  const std::string id = std::to_string(n);
  std::string text =
      "workflow flow_" + id + " on contact {\n  title \"フロー " + id + "\"\n  enroll when any {\n";
  text += "    form.ebook submitted\n    lifecycle_stage becomes lead\n  }\n  reenroll never\n";
  text += "  goal lifecycle_stage is customer\n";
  for (int step = 0; step < 12; ++step) {
    text += "  send email.welcome\n  wait 1 day\n  if lead_score >= " + std::to_string(step) +
            " and country is known and country is \"JP\" {\n    add 5 to lead_score\n  } else {\n    set "
            "source to \"wf\"\n  }\n";
    text += "  create task \"フォローアップ\" for owner else team.sales due in 2 days\n";
  }
  return text + "}\n";
}

}  // namespace wf::bench
