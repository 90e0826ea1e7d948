#include "host/nvml_asker.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "host/hands_off.hpp"
#include "host/newer_calls.hpp"
#include "host/nvml_json.hpp"
#include "host/nvml_library.hpp"

namespace mlenv {
namespace {

constexpr int output_number = 3;

void close_all_from(int first) {
  if (::syscall(newer_call::close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
  constexpr int highest = 1024;
  for (int descriptor = first; descriptor < highest; ++descriptor) ::close(descriptor);
}

/// Leaves the streams, which come from and go nowhere, and the output.
void keep_only(int output) {
  if (output != output_number) ::dup3(output, output_number, O_CLOEXEC);
  close_all_from(output_number + 1);
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) return;
  for (int stream = 0; stream < output_number; ++stream) ::dup2(nowhere, stream);
  ::close(nowhere);
}

void restore_signals() {
  for (int signal = 1; signal <= SIGRTMAX; ++signal) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Its end is nobody's trouble: it goes with its parent, leaves no core, and runs none of the program's
/// handlers.
void prepare(int output, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  // 1 byte and not 0, which Linux heeds for files alone, and not for programs that core_pattern names.
  constexpr rlimit no_core{1, 1};
  ::setrlimit(RLIMIT_CORE, &no_core);
  restore_signals();
  keep_only(output);
  // The last one registered is the first one called: a library that calls exit() ends here.
  std::atexit([] { ::_exit(1); });
}

bool write_all(const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const auto count = ::write(output_number, text.data() + done, text.size() - done);
    if (count <= 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

/// NVML makes its device files and starts nvidia-modprobe, which loads the module, where it finds them
/// missing; but who looks at a machine does not change it.
NvmlAnswer ask_without_changes(const std::string& library) {
  if (keep_hands_off()) return ask_library(library);
  return {NvmlStatus::failed, "this kernel cannot keep NVML from changing the machine", {}, {}, {}};
}

}  // namespace

// No exec comes between fork and dlopen, and the parent may have more threads, whose locks nobody in here
// will ever release. That is acceptable: glibc's fork leaves malloc, stdio and the loader usable in the
// child, which is all that this needs; and should a lock be stuck nevertheless, the parent's limit ends the
// child as it ends one whose library hangs.
void be_nvml_asker(const std::string& library, int output, pid_t parent) noexcept {
  prepare(output, parent);
  // No nvmlShutdown, which may hang as well: the kernel takes back what a process has held.
  ::_exit(write_all(nvml_to_line(ask_without_changes(library))) ? 0 : 1);
}

}  // namespace mlenv
