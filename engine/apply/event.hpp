#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace mlenv {

enum class StepStatus { ok, failed, skipped, waiting };
std::string_view status_name(StepStatus status);

/// Seconds since the epoch, UTC; the clock is a parameter of apply.
using Moment = std::chrono::system_clock::time_point;

struct RunStarted {
  std::string run_id;
  std::string recipe;
  std::size_t steps = 0;
  Moment at;
};
struct StepStarted {
  int step = 0;
  std::string title;
  std::vector<std::string> command;  ///< empty for work done in-process
  Moment at;
};
struct StepOutput {
  int step = 0;
  std::string line;  ///< credentials masked
};
/// Somebody else has what a step needs; it goes on when that is free. Told at first, when the holder changes,
/// and each minute.
struct StepWaiting {
  int step = 0;
  std::string what;             ///< such as the path of a lock
  int holder = 0;               ///< a process; 0 where it cannot be told
  std::string command;          ///< its command line, credentials masked
  std::chrono::seconds left{};  ///< before the step gives up
  Moment at;
};
/// The run was asked to end: nothing more begins. With `now` what may be ended is ended, too.
struct RunStopping {
  bool now = false;
  Moment at;
};
struct StepFinished {
  int step = 0;
  std::string title;
  StepStatus status = StepStatus::ok;
  std::string reason;  ///< why it failed, was skipped or waits
  std::string hint;
  std::vector<std::string> command;  ///< that failed
  int exit_code = 0;                 ///< of the command that failed
  std::vector<std::string> tail;     ///< its last 20 lines of output
  std::vector<std::string> changes;  ///< addresses
  std::chrono::milliseconds took{0};
  Moment at;
  std::string code{};  ///< of the problem, such as `apt.wrong-key`
};
struct RunFinished {
  std::string run_id;
  std::string status;  ///< ok, failed, waiting, interrupted
  std::size_t done = 0, failed = 0, skipped = 0;
  std::chrono::milliseconds took{0};
  Moment at;
  bool reboot = false;  ///< a new driver waits for the next boot
};

/// What happens while applying.
using Event =
    std::variant<RunStarted, StepStarted, StepOutput, StepWaiting, StepFinished, RunStopping, RunFinished>;

/// Is told everything, one event at a time (never two at once).
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on(const Event& event) = 0;
};

}  // namespace mlenv
