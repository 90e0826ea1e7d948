#include "host/stop.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <mutex>
#include <optional>
#include <set>

#include "host/descriptor.hpp"

namespace mlenv {
namespace {

std::atomic<Stop> wanted = Stop::no;  // a signal handler can reach nothing else
std::atomic<int> teller = -1;

std::mutex endables_guard;
std::set<Endable*>& endables() {
  static std::set<Endable*> all;
  return all;
}

constexpr char signalled = 's', over = 'o';

void pass_on(int) {
  const int before = errno;
  static_cast<void>(!::write(teller, &signalled, 1));
  errno = before;
}

void handle(void (*handler)(int)) {
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(number, &action, nullptr);
  }
}

}  // namespace

Stop stop_wanted() { return wanted; }
bool stop_requested() { return wanted != Stop::no; }

Error interrupted() {
  return {"run.interrupted", "it was ended by the interruption", "the next `mlenvctl apply` does it again"};
}

void end_endable() {
  const std::lock_guard lock(endables_guard);
  for (const auto* each : endables()) each->end_();
}

Endable::Endable(std::function<void()> end) : end_(std::move(end)) {
  const std::lock_guard lock(endables_guard);
  endables().insert(this);
  if (wanted == Stop::now) end_();
}

Endable::~Endable() {
  const std::lock_guard lock(endables_guard);
  endables().erase(this);
}

StopSignals::StopSignals(std::function<void(Stop)> told) {
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);  // a handler must not wait
  teller = write_end_ = ends[1];
  try {
    thread_ = std::thread([this, pipe = ends[0], told = std::move(told)] { listen(pipe, told); });
  } catch (...) {
    ::close(ends[0]);
    ::close(ends[1]);
    throw;
  }
  handle(&pass_on);
}

StopSignals::~StopSignals() {
  if (!thread_.joinable()) return;
  handle(SIG_DFL);
  while (::write(write_end_, &over, 1) < 0 && errno == EINTR) {
  }
  teller = -1;
  // The end of the pipe says it too, should the word not have got in; a child that has not begun its program
  // yet may hold this end as well, so that the word comes first.
  ::close(write_end_);
  thread_.join();
}

void StopSignals::listen(int pipe, const std::function<void(Stop)>& told) {
  // A terminal and a program between it and this one may both pass the same key on.
  constexpr std::chrono::milliseconds same_key{300};
  const Descriptor from(pipe);
  std::optional<std::chrono::steady_clock::time_point> last;
  for (char letter = 0; letter != over;) {
    const auto count = ::read(from.number(), &letter, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    const auto now = std::chrono::steady_clock::now();
    const bool again = last && now - *last < same_key;
    if (letter == over || again || wanted == Stop::now) continue;
    last = now;
    wanted = wanted == Stop::no ? Stop::after_step : Stop::now;
    if (wanted == Stop::now) end_endable();
    try {
      told(wanted);
    } catch (const std::exception&) {  // not enough memory to say it; it counts all the same
    }
  }
}

}  // namespace mlenv
