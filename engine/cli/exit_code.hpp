#pragma once

namespace mlenv {

// The exit codes that the outside relies on.
constexpr int exit_ok = 0;
constexpr int exit_failed = 1;   ///< it ran and something failed
constexpr int exit_pending = 2;  ///< changes are pending, or the host is not as declared
constexpr int exit_waiting = 3;  ///< for a person or a reboot
constexpr int exit_refused = 4;  ///< before anything ran
constexpr int exit_bad_input = 5;
constexpr int exit_interrupted = 130;

}  // namespace mlenv
