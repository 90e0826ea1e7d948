#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace mlenv {

/// True when this process acts as root.
bool is_root();
/// The number of the account that this process acts as.
std::uint32_t own_uid();

/// Makes sure that sudo will work without asking from here on: at once where it needs no password, else it
/// asks on the terminal (once). Error `host.no-sudo` when there is no sudo, no terminal, or the answer was
/// wrong.
Result<Done> open_sudo(bool may_ask);

/// Prolongs what open_sudo has opened. Never asks.
void keep_sudo_open();

/// Sends a signal to a process (or a group, by its negative number) that is root's.
void signal_through_sudo(int process, int signal);

}  // namespace mlenv
