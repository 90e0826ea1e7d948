#include "host/sudo.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "host/terminal.hpp"

// NOLINTNEXTLINE: POSIX leaves this one to the program
extern char** environ;

namespace mlenv {
namespace {

/// sudo on this process's own terminal; true when it ended well. (A Command has no terminal, and this one
/// needs it.)
bool run_sudo(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawnp(&child, "sudo", nullptr, nullptr, argv.data(), environ) != 0) return false;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

bool is_root() { return ::geteuid() == 0; }
std::uint32_t own_uid() { return ::geteuid(); }

Result<Done> open_sudo(bool may_ask) {
  if (::access("/usr/bin/sudo", X_OK) != 0 && ::access("/usr/local/bin/sudo", X_OK) != 0) {
    return Error{"host.no-sudo", "some steps need root, and there is no `sudo` here", "run this as root"};
  }
  if (may_ask && terminal_width(Stream::in)) {
    if (run_sudo({"sudo", "-v"})) return Done{};
    return Error{"host.no-sudo", "some steps need root, and sudo did not let them", {}};
  }
  // `sudo -n -v` fails where only some commands need no password; running one tells.
  if (run_sudo({"sudo", "-n", "true"})) return Done{};
  return Error{"host.no-sudo", "some steps need root, and sudo asks for a password without a terminal",
               "run `sudo -v` first, or run this as root"};
}

void keep_sudo_open() { run_sudo({"sudo", "-n", "-v"}); }

void signal_through_sudo(int process, int signal) {
  run_sudo({"sudo", "-n", "--", "kill", "-s", std::to_string(signal), "--", std::to_string(process)});
}

}  // namespace mlenv
