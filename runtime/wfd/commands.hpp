// The commands of wfd: one file each, and this list.
#pragma once

namespace CLI {
class App;
}

namespace wf::wfd {

/// The exit codes; scripts rely on them.
enum Exit : int {
  kOk = 0,
  kProblems = 1,  ///< the input has problems: refused rows or events, findings in the project, no such record
  kUsage = 2,     ///< wrong command line or configuration
  kFailed = 3,    ///< the work could not be done: I/O, the daemon cannot be reached
  kCorrupt = 65,  ///< the store is damaged
};

// Each adds its command to the program; when it is chosen, it runs and leaves its exit code.
void add_serve(CLI::App& app, int& exit);
void add_import(CLI::App& app, int& exit);
void add_events(CLI::App& app, int& exit);
void add_status(CLI::App& app, int& exit);
void add_history(CLI::App& app, int& exit);
void add_report(CLI::App& app, int& exit);
void add_enroll(CLI::App& app, int& exit);
void add_unenroll(CLI::App& app, int& exit);
void add_merge(CLI::App& app, int& exit);
void add_versions(CLI::App& app, int& exit);
void add_rollback(CLI::App& app, int& exit);
void add_outbox(CLI::App& app, int& exit);
void add_quarantine(CLI::App& app, int& exit);
void add_catchup(CLI::App& app, int& exit);
void add_clock(CLI::App& app, int& exit);
void add_backup(CLI::App& app, int& exit);
void add_restore(CLI::App& app, int& exit);
void add_check(CLI::App& app, int& exit);
void add_finalize_upgrade(CLI::App& app, int& exit);
void add_workflows(CLI::App& app, int& exit);
void add_jobs(CLI::App& app, int& exit);
void add_explain(CLI::App& app, int& exit);
void add_try(CLI::App& app, int& exit);
void add_retry(CLI::App& app, int& exit);
void add_on(CLI::App& app, int& exit);
void add_off(CLI::App& app, int& exit);
void add_pause(CLI::App& app, int& exit);
void add_resume(CLI::App& app, int& exit);

using AddCommand = void (*)(CLI::App& app, int& exit);
inline constexpr AddCommand kCommands[] = {
    add_serve,      add_import,  add_events, add_status, add_history,  add_report,   add_workflows,
    add_on,         add_off,     add_pause,  add_resume, add_enroll,   add_unenroll, add_jobs,
    add_explain,    add_try,     add_retry,  add_merge,  add_versions, add_rollback, add_outbox,
    add_quarantine, add_catchup, add_clock,  add_backup, add_restore,  add_check,    add_finalize_upgrade};

}  // namespace wf::wfd
