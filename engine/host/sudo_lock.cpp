#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <vector>

#include "base/text.hpp"
#include "host/file_lock.hpp"
#include "host/local_host.hpp"
#include "host/sudo.hpp"

// NOLINTNEXTLINE: POSIX leaves this one to the program
extern char** environ;

namespace mlenv {
namespace {

constexpr std::string_view taken = "taken";

/// A child that holds a lock until its standard input ends.
class SudoLock : public HeldLock {
 public:
  SudoLock(pid_t child, Descriptor input) : child_(child), input_(std::move(input)) {}
  ~SudoLock() override {
    input_ = Descriptor();
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  SudoLock(const SudoLock&) = delete;
  SudoLock& operator=(const SudoLock&) = delete;

 private:
  pid_t child_;
  Descriptor input_;
};

struct Pipe {
  Descriptor read_end, write_end;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// In a process group of its own: keys on the terminal are not for it.
std::optional<pid_t> start(std::vector<std::string> words, const Pipe& input, const Pipe& answer) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, input.read_end.number(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, answer.write_end.number(), 1);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  const int reason =
      ::posix_spawnp(&child, words.front().c_str(), &actions, &attributes, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  return reason == 0 ? std::optional(child) : std::nullopt;
}

/// Two lines: what became of it, and the holder before or the one now.
std::string read_answer(const Descriptor& from) {
  constexpr int patience = 60'000;
  std::string text;
  std::array<char, 512> buffer{};
  while (split(text, '\n').size() < 3) {
    pollfd wanted{from.number(), POLLIN, 0};
    const int ready = ::poll(&wanted, 1, patience);
    if (ready < 0 && errno == EINTR) continue;
    const auto count = ready > 0 ? ::read(from.number(), buffer.data(), buffer.size()) : 0;
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<HeldLock>> take_lock_behind_sudo(const std::string& self, const std::string& root,
                                                        const LockPlace& place) {
  auto input = make_pipe();
  auto answer = make_pipe();
  if (!input || !answer) return system_error("make", "a pipe", errno);
  const auto child = start({sudo_program(), "-n", "--", self, "host-lock", root, place.folder, place.holder},
                           *input, *answer);
  if (!child) return Error{"host.no-sudo", "sudo cannot be started", {}};
  std::unique_ptr<HeldLock> lock = std::make_unique<SudoLock>(*child, std::move(input->write_end));
  answer->write_end = Descriptor();
  const auto text = read_answer(answer->read_end);
  const auto lines = split(text, '\n');
  if (lines.size() < 2) return Error{"host.failed", "sudo did not take the lock of the system", {}};
  if (lines[0] != taken) return Error{std::string(lines[0]), std::string(lines[1]), {}};
  lock->before = lines[1];
  return lock;
}

int host_lock_main(const std::vector<std::string>& arguments) {
  if (arguments.size() != 3) return 5;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(number, SIG_IGN);
  const Walk walk{arguments[0], 0, false, {}};
  const LockPlace place{arguments[1], arguments[2], Privilege::root};
  auto made = make_lock_here(walk, place);
  auto lock = made ? take_lock_here(walk, place) : Result<std::unique_ptr<HeldLock>>(made.error());
  if (lock) {
    if (auto written = write_holder_here(walk, place); !written) lock = written.error();
  }
  if (lock) {
    std::printf("%s\n%s\n", std::string(taken).c_str(), (*lock)->before.c_str());
  } else {
    std::printf("%s\n%s\n", std::string(lock.error().code).c_str(), lock.error().message.c_str());
  }
  std::fflush(stdout);
  std::array<char, 64> ignored{};
  for (ssize_t count = 1; lock && (count > 0 || (count < 0 && errno == EINTR));)
    count = ::read(0, ignored.data(), ignored.size());
  return lock ? 0 : 1;
}

}  // namespace mlenv
