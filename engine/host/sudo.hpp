#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace mlenv {

/// True when this process acts as root.
bool is_root();
/// The number of the account that this process acts as.
std::uint32_t own_uid();

/// The path of sudo, looked for where programs of the system are and nowhere else; empty when there is none.
std::string sudo_program();

/// That sudo lets this process act for root without asking. What the person has typed a password for is given
/// back with the object (`sudo -k`); what sudo let through before stays as it was.
class SudoTicket {
 public:
  explicit SudoTicket(bool asked) : asked_(asked) {}
  SudoTicket(SudoTicket&& other) noexcept;
  SudoTicket& operator=(SudoTicket&& other) noexcept;
  SudoTicket(const SudoTicket&) = delete;
  SudoTicket& operator=(const SudoTicket&) = delete;
  ~SudoTicket();

 private:
  bool asked_;
};

/// Makes sure that sudo will work without asking from here on: at once where it needs no password, else it
/// asks on the terminal (once), after it has said `why`. Error `host.no-sudo` when there is no sudo, no
/// terminal, or the answer was wrong.
Result<SudoTicket> open_sudo(bool may_ask, const std::string& why);

/// Prolongs what open_sudo has opened. Never asks.
void keep_sudo_open();

/// Sends a signal to a process (or a group, by its negative number) that is root's.
void signal_through_sudo(int process, int signal);

}  // namespace mlenv
