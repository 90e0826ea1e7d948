#pragma once

#include <string>
#include <vector>

#include "host/command.hpp"

namespace mlenv {

/// The variable by which programs that a run has started are known as its own.
inline constexpr const char* run_variable = "MLENVCTL_RUN";

/// A program that is still at work although the run that has started it is gone.
struct Survivor {
  int process = 0;
  std::string command;
};

/// Those of a run, by the variable in their environment or (behind sudo) among their arguments. What has left
/// the run's session to stay, such as a service, is none; `session` 0: whatever its session.
std::vector<Survivor> survivors_of(const std::string& run_id, int session);

/// The session of this process.
int own_session();

}  // namespace mlenv
