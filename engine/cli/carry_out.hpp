#pragma once

#include <functional>
#include <string>
#include <variant>

#include "cli/planning.hpp"

namespace mlenv {

/// Plans once more, in the same way.
using PlanAgain = std::function<std::variant<Planned, int>()>;

/// Everything between a plan and its end: shows it, asks, takes the lock, opens sudo, runs it. The exit code
/// comes back. `nonce` is of the saved plan that this one is; empty for none. `again` is asked where another
/// run was at work between the plan and the lock: where the same comes out, nothing has happened.
int carry_out(const Planned& planned, const std::string& nonce, const Arguments& arguments,
              const PlanAgain& again);

/// `plan.refused`.
Error refused(std::string message, std::string hint);
/// Prints why nothing is done; the exit code for that.
int refuse(const Error& error, const Arguments& arguments);

}  // namespace mlenv
