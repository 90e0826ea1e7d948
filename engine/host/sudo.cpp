#include "host/sudo.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <utility>
#include <vector>

#include "host/terminal.hpp"

// NOLINTNEXTLINE: POSIX leaves this one to the program
extern char** environ;

namespace mlenv {
namespace {

/// sudo on this process's own terminal; true when it ended well. (A Command has no terminal, and this one
/// needs it.) With `quiet` it says nothing.
bool run_sudo(std::vector<std::string> words, bool quiet) {
  words.insert(words.begin(), sudo_program());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t streams;
  ::posix_spawn_file_actions_init(&streams);
  if (quiet) ::posix_spawn_file_actions_addopen(&streams, 2, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failure = ::posix_spawn(&child, argv[0], &streams, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&streams);
  if (failure != 0) return false;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

bool is_root() { return ::geteuid() == 0; }
std::uint32_t own_uid() { return ::geteuid(); }

std::string sudo_program() {
  for (const char* path : {"/usr/bin/sudo", "/usr/local/bin/sudo", "/run/wrappers/bin/sudo"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return {};
}

SudoTicket::SudoTicket(SudoTicket&& other) noexcept : asked_(std::exchange(other.asked_, false)) {}

SudoTicket& SudoTicket::operator=(SudoTicket&& other) noexcept {
  std::swap(asked_, other.asked_);
  return *this;
}

SudoTicket::~SudoTicket() {
  if (asked_) run_sudo({"-k"}, true);
}

Result<SudoTicket> open_sudo(bool may_ask, const std::string& why) {
  if (sudo_program().empty()) {
    return Error{"host.no-sudo", "some steps need root, and there is no `sudo` here",
                 "`mlenvctl plan --as-root-script FILE` writes root's part for an administrator"};
  }
  // `sudo -n -v` fails where only some commands need no password; running one tells.
  if (run_sudo({"-n", "true"}, true)) return SudoTicket(false);
  if (!may_ask || !terminal_width(Stream::in)) {
    return Error{"host.no-sudo", "some steps need root, and sudo asks for a password without a terminal",
                 "run `sudo -v` first, or run this as root; `mlenvctl plan --as-root-script FILE` writes "
                 "root's part for an administrator"};
  }
  std::cerr << why << std::flush;
  if (run_sudo({"-v"}, false)) return SudoTicket(true);
  return Error{"host.no-sudo", "some steps need root, and sudo did not let them",
               "`mlenvctl plan --as-root-script FILE` writes root's part for an administrator"};
}

void keep_sudo_open() { run_sudo({"-n", "-v"}, true); }

void signal_through_sudo(int process, int signal) {
  run_sudo({"-n", "--", "kill", "-s", std::to_string(signal), "--", std::to_string(process)}, true);
}

}  // namespace mlenv
