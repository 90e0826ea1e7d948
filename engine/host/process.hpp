#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/command.hpp"

namespace mlenv {

/// A program to start, with everything said: nothing is inherited but the working folder.
struct Process {
  std::vector<std::string> argv;  ///< a name without a slash is looked for in the environment's PATH
  Environment environment;
  std::chrono::seconds limit{0};
  std::string input;                   ///< standard input; empty means /dev/null
  std::function<int()> in_child = {};  ///< between fork and exec; 0, or the errno that keeps it from starting
  bool endable = false;                ///< an interruption (Stop::now) ends it
};

/// Runs it in a process group of its own and waits. A program that cannot be started ends with 127. When its
/// time is over the group gets SIGTERM, then SIGKILL. Output held open by what it left behind is not waited
/// for. Errors: `host.failed` when there is no process to be had.
Result<Output> run_process(const Process& process, const LineSink& lines);

}  // namespace mlenv
