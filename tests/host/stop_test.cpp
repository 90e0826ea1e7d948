#include "host/stop.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <optional>
#include <thread>

#include "host/drop.hpp"
#include "host/process.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

/// Does it in a child of its own, since a process that was asked to stop stays so. True when `work` says so.
bool in_fork(const std::function<bool()>& work) {
  const auto child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool soon(const std::function<bool()>& holds) {
  for (int i = 0; i < 1000 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return holds();
}

/// Presses a key once more, later than the same press could be passed on.
void press_again(int signal) {
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  ::kill(::getpid(), signal);
}

Process sleeping(bool endable) {
  Process process;
  process.argv = {"sleep", endable ? "60" : "2"};
  process.environment = {{"PATH", standard_path}};
  process.endable = endable;
  return process;
}

}  // namespace

TEST_CASE("the first signal asks for an end after the step, the second for one now", "[host][stop]") {
  CHECK(in_fork([] {
    std::atomic<int> told = 0;
    const StopSignals signals([&](Stop) { ++told; });
    if (stop_requested()) return false;
    ::kill(::getpid(), SIGINT);
    if (!soon([&] { return told == 1; }) || stop_wanted() != Stop::after_step) return false;
    press_again(SIGTERM);
    return soon([&] { return told == 2; }) && stop_wanted() == Stop::now;
  }));
}

TEST_CASE("a key that arrives twice at once is one key", "[host][stop]") {
  CHECK(in_fork([] {
    std::atomic<int> told = 0;
    const StopSignals signals([&](Stop) { ++told; });
    ::kill(::getpid(), SIGINT);
    ::kill(::getpid(), SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return told == 1 && stop_wanted() == Stop::after_step;
  }));
}

TEST_CASE("a listener that cannot be told of the end sees it all the same", "[host][stop]") {
  CHECK(in_fork([] {
    ::alarm(20);  // ends this process where the listener never does
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::optional<StopSignals> signals;
    signals.emplace([released](Stop) { released.wait(); });
    for (int i = 0; i < 70'000; ++i)
      std::raise(SIGTERM);  // as many as the pipe to the listener holds, and more
    std::thread later([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      release.set_value();
    });
    signals.reset();
    later.join();
    return true;
  }));
}

TEST_CASE("the second signal ends what may be ended, and begins no more of it", "[host][stop]") {
  CHECK(in_fork([] {
    const StopSignals signals([](Stop) {});
    std::thread person([] {
      press_again(SIGINT);
      press_again(SIGINT);
    });
    const auto output = run_process(sleeping(true), {});
    person.join();
    const auto later = run_process(sleeping(true), {});
    return output && output->ended && !output->timed_out && later && later->ended;
  }));
}

TEST_CASE("what may not be ended runs to its end whatever is pressed", "[host][stop]") {
  CHECK(in_fork([] {
    const StopSignals signals([](Stop) {});
    std::thread person([] {
      for (int i = 0; i < 3; ++i) press_again(SIGTERM);
    });
    const auto output = run_process(sleeping(false), {});
    person.join();
    return output && output->exit_code == 0 && !output->ended;
  }));
}

TEST_CASE("work in a child is ended by the second signal only where it may be", "[host][stop]") {
  CHECK(in_fork([] {
    const StopSignals signals([](Stop) {});
    const auto wait = [](int seconds) {
      return [seconds] {
        return std::this_thread::sleep_for(std::chrono::seconds(seconds)), Result<Done>(Done{});
      };
    };
    std::thread person([] {
      press_again(SIGINT);
      press_again(SIGINT);
    });
    const auto ended = in_child_process([] { return 0; }, wait(60), Ending::may);
    person.join();
    const auto whole = in_child_process([] { return 0; }, wait(1));
    return !ended && ended.error().code == "run.interrupted" && whole;
  }));
}

TEST_CASE("a lost connection and a closed pipe end nothing", "[host][stop]") {
  CHECK(in_fork([] {
    const StopSignals signals([](Stop) {});
    ::kill(::getpid(), SIGHUP);
    ::kill(::getpid(), SIGPIPE);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return !stop_requested();
  }));
}
