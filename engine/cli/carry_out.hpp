#pragma once

#include <string>

#include "cli/planning.hpp"

namespace mlenv {

/// Everything between a plan and its end: shows it, asks, takes the lock, opens sudo, runs it. The exit code
/// comes back. `nonce` is of the saved plan that this one is; empty for none.
int carry_out(const Planned& planned, const std::string& nonce, const Arguments& arguments);

/// `plan.refused`.
Error refused(std::string message, std::string hint);
/// Prints why nothing is done; the exit code for that.
int refuse(const Error& error, const Arguments& arguments);

}  // namespace mlenv
