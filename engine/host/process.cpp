#include "host/process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>  // before asio, which forgets it in C++20

#include <array>
#include <boost/asio.hpp>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <functional>
#include <optional>

#include "host/descriptor.hpp"
#include "host/newer_calls.hpp"
#include "host/stop.hpp"
#include "host/sudo.hpp"

namespace mlenv {
namespace {

namespace bp = boost::process;
namespace asio = boost::asio;

constexpr std::size_t kept_output = std::size_t{1024} * 1024;
constexpr std::size_t longest_line = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds drain_time{300};
constexpr std::chrono::seconds term_time{5};

/// One output pipe: kept to its last megabyte, and passed on line by line.
class Channel {
 public:
  Channel(asio::io_context& io, const LineSink& lines, std::string& kept)
      : pipe(io), lines_(lines), kept_(kept) {}

  bp::async_pipe pipe;
  std::function<void()> closed;  ///< called at the end of the output

  void read() {
    pipe.async_read_some(asio::buffer(buffer_),
                         [this](const boost::system::error_code& failure, std::size_t size) {
                           take({buffer_.data(), size});
                           if (!failure) return read();
                           if (!line_.empty()) pass_on();
                           boost::system::error_code ignored;
                           pipe.close(ignored);
                           closed();
                         });
  }

 private:
  /// What goes wrong with the output (too little memory) must not end the program that prints it.
  void take(std::string_view bytes) {
    try {
      keep(bytes);
    } catch (const std::exception&) {
      line_.clear();
    }
  }

  void keep(std::string_view bytes) {
    kept_ += bytes;
    if (kept_.size() > 2 * kept_output) kept_.erase(0, kept_.size() - kept_output);
    for (const char c : bytes) {
      if (c == '\n' || c == '\r' || line_.size() >= longest_line) {
        if (!line_.empty()) pass_on();
      }
      if (c != '\n' && c != '\r') line_ += c;
    }
  }
  void pass_on() {
    if (lines_) lines_(line_);
    line_.clear();
  }

  const LineSink& lines_;
  std::string& kept_;
  std::string line_;
  std::array<char, 8192> buffer_{};
};

/// Descriptors of other threads' pipes must not live on in this child.
void close_others_on_exec() {
  constexpr unsigned close_on_exec = 4;
  if (::syscall(newer_call::close_range, 3U, ~0U, close_on_exec) == 0) return;
  constexpr int highest = 1024;
  for (int descriptor = 3; descriptor < highest; ++descriptor) ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

/// Runs in the child after its streams are in place.
void prepare_child(const Process& process, int input) {
  ::setpgid(0, 0);
  ::umask(022);
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (input >= 0) ::dup2(input, 0);
  close_others_on_exec();
  const int reason = process.in_child ? process.in_child() : 0;
  if (reason == 0) return;
  ::dprintf(2, "mlenvctl: cannot start %s: %s\n", process.argv.front().c_str(), std::strerror(reason));
  ::_exit(126);
}

Descriptor input_file(const std::string& text) {
  if (text.empty()) return {};
  Descriptor file(::memfd_create("input", MFD_CLOEXEC));
  for (std::size_t done = 0; file && done < text.size();) {
    const auto count = ::write(file.number(), text.data() + done, text.size() - done);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  if (file) ::lseek(file.number(), 0, SEEK_SET);
  return file;
}

bp::environment environment_of(const Process& process) {
  bp::environment environment;
  environment.clear();
  // Not `environment[name]`: in Boost 1.74 its search reads beyond the end of shorter names.
  for (const auto& [name, value] : process.environment) environment.set(name, value);
  return environment;
}

/// Starts the program that the PATH of its environment names first, as `env` would: a script without `#!` is
/// the shell's. The child looks, since its root may be another one, and asks for no memory, which another
/// thread may have held the lock of when it was forked. Comes back only where the name is a path.
void start_by_name(const char* name, char* const* words, char** environment) {
  if (std::strchr(name, '/') != nullptr) return;
  environ = environment;  // where execvp looks for the PATH
  ::execvp(name, words);
  const bool missing = errno == ENOENT;
  if (missing) ::dprintf(2, "mlenvctl: there is no program `%s`\n", name);
  if (!missing) ::dprintf(2, "mlenvctl: cannot start `%s`: %s\n", name, std::strerror(errno));
  ::_exit(missing ? 127 : 126);
}

class Running {
 public:
  Running(const Process& process, const LineSink& lines)
      : out_(io_, lines, output.out), err_(io_, lines, output.err), limit_(io_), drain_(io_) {
    behind_sudo_ = process.argv.front() == sudo_program();
    const auto input = input_file(process.input);
    const std::vector<std::string> arguments(process.argv.begin() + 1, process.argv.end());
    child_ = bp::child(
        bp::exe = process.argv.front(), bp::args = arguments, environment_of(process),
        bp::std_in<bp::null, bp::std_out> out_.pipe, bp::std_err > err_.pipe, io_,
        bp::on_exit = [this](int, const std::error_code&) { on_exit(); },
        bp::extend::on_exec_setup =
            [&](auto& executor) {
              prepare_child(process, input.number());
              start_by_name(executor.exe, executor.cmd_line, executor.env);
            });
    if (process.limit.count() > 0) begin_limit(process.limit);
    if (process.endable) endable_.emplace([this] { asio::post(io_, [this] { end(); }); });
  }

  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (!gone_) child_.detach();  // or it would be killed
  }

  void wait() {
    out_.closed = err_.closed = [this] {
      if (++closed_ == 2) drain_.cancel();
    };
    out_.read();
    err_.read();
    io_.run();
    endable_.reset();
    const int status = child_.native_exit_code();
    output.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    for (auto* text : {&output.out, &output.err}) {
      if (text->size() > kept_output) text->erase(0, text->size() - kept_output);
    }
  }

  Output output;

 private:
  void on_exit() {
    gone_ = true;
    limit_.cancel();
    if (closed_ == 2) return;
    drain_.expires_after(drain_time);
    drain_.async_wait([this](const boost::system::error_code& failure) {
      if (failure) return;
      boost::system::error_code ignored;
      out_.pipe.close(ignored);
      err_.pipe.close(ignored);
    });
  }

  void begin_limit(std::chrono::seconds time) {
    limit_.expires_after(time);
    limit_.async_wait([this](const boost::system::error_code& failure) {
      if (failure || gone_) return;
      output.timed_out = !output.ended;
      press();
    });
  }

  /// As an interruption wants it.
  void end() {
    if (gone_ || output.timed_out || std::exchange(output.ended, true)) return;
    press();
  }

  /// SIGTERM, and some seconds later SIGKILL.
  void press() {
    end_group(std::exchange(asked_, true) ? SIGKILL : SIGTERM);
    begin_limit(term_time);
  }

  /// What runs behind sudo is root's. sudo itself may be ended without that, but passes it on to one process
  /// alone.
  void end_group(int signal) {
    if (behind_sudo_) signal_through_sudo(-child_.id(), signal);
    if (::kill(-child_.id(), signal) == 0 || errno != EPERM || behind_sudo_) return;
    signal_through_sudo(-child_.id(), signal);
  }

  asio::io_context io_;
  Channel out_, err_;
  asio::steady_timer limit_, drain_;
  int closed_ = 0;     ///< how many of the two outputs have come to their end
  bool gone_ = false;  ///< the process itself has ended
  bool asked_ = false;
  bool behind_sudo_ = false;
  bp::child child_;
  std::optional<Endable> endable_;
};

}  // namespace

Result<Output> run_process(const Process& process, const LineSink& lines) {
  if (process.endable && stop_wanted() == Stop::now) return Output{-1, false, {}, {}, true};
  if (process.argv.empty()) return Error{"host.failed", "there is no program to run", {}};
  try {
    Running running(process, lines);
    running.wait();
    return std::move(running.output);
  } catch (const bp::process_error& error) {
    if (error.code().value() != ENOENT && error.code().value() != EACCES) {
      return Error{
          "host.failed", "cannot start `" + process.argv.front() + "`: " + error.code().message(), {}};
    }
    Output output;
    output.exit_code = 127;
    output.err = process.argv.front() + ": " + error.code().message();
    if (lines) lines(output.err);
    return output;
  } catch (const boost::system::system_error& error) {  // no more descriptors, say
    return Error{"host.failed", "cannot start `" + process.argv.front() + "`: " + error.code().message(), {}};
  }
}

}  // namespace mlenv
