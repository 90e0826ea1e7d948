#include "host/nvml.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

#include "host/descriptor.hpp"
#include "host/nvml_asker.hpp"
#include "host/nvml_json.hpp"

namespace mlenv {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_answer = std::size_t{1024} * 1024;
constexpr std::chrono::milliseconds burial_time{300};
constexpr std::chrono::milliseconds glance{1};

/// A pipe, and the process that writes into it.
struct Asker {
  pid_t process = -1;
  Descriptor output;
};

/// Holds back this thread's signals, so that none of the program's handlers runs in a child that is just
/// forked.
class SignalPause {
 public:
  SignalPause() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalPause(const SignalPause&) = delete;
  SignalPause& operator=(const SignalPause&) = delete;
  ~SignalPause() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

/// Starts the process; without one, errno says why.
Asker begin(const std::string& library) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  Asker asker{-1, Descriptor(ends[0])};
  const Descriptor input(ends[1]);
  const pid_t parent = ::getpid();
  const SignalPause pause;
  asker.process = ::fork();
  if (asker.process == 0) be_nvml_asker(library, input.number(), parent);
  // Here too, so that the group exists whichever process runs first.
  if (asker.process > 0) ::setpgid(asker.process, asker.process);
  return asker;
}

/// How listening ended.
enum class Heard { answer, end, too_much, nothing };

/// Waits until there is something to read, or the output has ended; false when it is late.
bool wait_for(int output, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    pollfd event{output, POLLIN, 0};
    const int ready = ::poll(&event, 1, static_cast<int>(std::min<decltype(left)>(left, INT_MAX)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

/// Reads until the line that is the answer has come.
Heard listen(int output, Clock::time_point until, std::string& text) {
  std::array<char, 4096> buffer{};
  while (wait_for(output, until)) {
    const auto count = ::read(output, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Heard::end;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > longest_answer) return Heard::too_much;
    if (text.back() == '\n') return Heard::answer;
  }
  return Heard::nothing;
}

/// True when the process ends in time. It stays to be buried, so that its number is no other's yet.
bool ends_by(pid_t process, Clock::time_point until) {
  do {
    siginfo_t end{};
    if (::waitid(P_PID, static_cast<id_t>(process), &end, WEXITED | WNOHANG | WNOWAIT) != 0) return true;
    if (end.si_pid == process) return true;
    std::this_thread::sleep_for(glance);
  } while (Clock::now() < until);
  return false;
}

/// A process that hangs in the kernel dies when the driver lets it go: a thread waits for that, and no
/// caller.
void bury_later(pid_t process) {
  try {
    std::thread([process] { ::waitpid(process, nullptr, 0); }).detach();
  } catch (const std::system_error&) {
    return;
  }
}

/// Kills what is left of the process and its group, and takes its status; nothing when there is none to have.
std::optional<int> bury(pid_t process) {
  ::kill(-process, SIGKILL);
  ::kill(process, SIGKILL);
  if (!ends_by(process, Clock::now() + burial_time)) {
    bury_later(process);
    return std::nullopt;
  }
  int status = 0;
  return ::waitpid(process, &status, 0) == process ? std::optional(status) : std::nullopt;
}

std::string words_for(std::optional<int> status) {
  if (!status) return "unknown";
  if (!WIFSIGNALED(*status)) return "exit code " + std::to_string(WEXITSTATUS(*status));
  const int signal = WTERMSIG(*status);
  return "signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

NvmlAnswer ended_as(NvmlStatus status, std::string why) { return {status, std::move(why), {}, {}, {}}; }

std::string seconds(std::chrono::milliseconds time) {
  auto text = std::to_string(time.count() / 1000);
  if (time.count() % 1000 != 0) text += "." + std::to_string(time.count() % 1000 + 1000).substr(1);
  return text + " s";
}

}  // namespace

NvmlAnswer ask_nvml(const std::string& library, std::chrono::milliseconds limit) {
  const auto until = Clock::now() + limit;
  const auto asker = begin(library);
  if (asker.process < 0) {
    return ended_as(NvmlStatus::failed,
                    std::string("cannot start a process that asks NVML: ") + std::strerror(errno));
  }
  std::string text;
  auto heard = listen(asker.output.number(), until, text);
  // Its output may have been closed by a library that lives on.
  if (heard == Heard::end && !ends_by(asker.process, until)) heard = Heard::nothing;
  const auto status = bury(asker.process);
  if (heard == Heard::nothing) {
    return ended_as(NvmlStatus::timeout, "NVML did not answer within " + seconds(limit));
  }
  if (heard == Heard::end) {
    return ended_as(NvmlStatus::crashed, "NVML ended the process that asked it: " + words_for(status));
  }
  auto answer = heard == Heard::answer ? nvml_from_line(text) : std::nullopt;
  return answer ? *answer
                : ended_as(NvmlStatus::crashed, "NVML garbled the answer of the process that asked it");
}

}  // namespace mlenv
