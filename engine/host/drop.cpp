#include "host/drop.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "base/text.hpp"
#include "host/descriptor.hpp"
#include "host/safe_path.hpp"
#include "host/stop.hpp"

namespace mlenv {
namespace {

// Three texts, each ended by NUL; an empty code means success.
std::string packed(const Result<Done>& result) {
  if (result) return std::string(3, '\0');
  const auto& error = result.error();
  return error.code + '\0' + error.message + '\0' + error.hint + '\0';
}

Result<Done> unpacked(const std::string& text) {
  const auto parts = split(text, '\0');
  if (parts.size() < 3) return Error{"host.failed", "the user's part of the work ended unexpectedly", {}};
  if (parts[0].empty()) return Done{};
  return Error{std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
}

[[noreturn]] void work_and_leave(int pipe, const std::function<int()>& become,
                                 const std::function<Result<Done>()>& work, Ending ending) {
  // A key that is pressed on the terminal reaches this process, too.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, ending == Ending::may ? SIG_DFL : SIG_IGN);
  const int reason = become();
  const auto text = packed(reason == 0 ? work() : system_error("become the user for", "their files", reason));
  const auto written = ::write(pipe, text.data(), text.size());
  ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

}  // namespace

Result<Done> in_child_process(const std::function<int()>& become, const std::function<Result<Done>()>& work,
                              Ending ending) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("make", "a pipe", errno);
  const Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return system_error("start", "a process", errno);
  if (child == 0) work_and_leave(to.number(), become, work, ending);
  to = Descriptor();
  std::optional<Endable> endable;
  if (ending == Ending::may) endable.emplace([child] { ::kill(child, SIGTERM); });
  std::string text;
  std::array<char, 1024> buffer{};
  for (;;) {
    const auto count = ::read(from.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  endable.reset();  // a process that is waited for gives its number back
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (ending == Ending::may && text.empty() && stop_wanted() == Stop::now) return interrupted();
  return unpacked(text);
}

}  // namespace mlenv
