#pragma once

#include "cli/planning.hpp"

namespace mlenv {

/// Carries out a plan with journal, live display and orderly stop, and tells how it ended by the exit code.
/// `sudo` says that root's steps go through it.
int run_plan(const Planned& planned, const StateFolder& state, bool sudo, const Arguments& arguments);

/// Runs the checks of a plan alone, for verify, and adds how each ended to `results`. The exit code is 0
/// or 2.
int run_checks(const Planned& planned, const Arguments& arguments, nlohmann::ordered_json& results);

}  // namespace mlenv
