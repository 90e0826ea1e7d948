#include "host/append_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "host/descriptor.hpp"

namespace mlenv {
namespace {

Error error_of(const std::string& path, const char* what) {
  const int reason = errno;
  return {reason == EACCES || reason == EPERM ? "host.denied" : "host.failed",
          std::string("cannot ") + what + " " + path + ": " + std::strerror(reason),
          {}};
}

void close_once(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

std::string holder_text(int descriptor) {
  std::array<char, 512> bytes{};
  const auto count = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  return std::string(trim(std::string_view(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0)));
}

}  // namespace

Result<AppendFile> AppendFile::open(const std::string& path) {
  AppendFile file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.descriptor_ < 0) return error_of(path, "open");
  // A file system without locks cannot say that the file is in use; that is all.
  static_cast<void>(::flock(file.descriptor_, LOCK_EX | LOCK_NB));
  const auto folder = path.substr(0, path.rfind('/') + 1);
  Descriptor above(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (above) ::fsync(above.number());
  return file;
}

bool AppendFile::in_use(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  return file && ::flock(file.number(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

AppendFile::AppendFile(AppendFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

AppendFile::~AppendFile() { close_once(descriptor_); }

Result<Done> AppendFile::append(std::string_view bytes, bool durable) {
  while (!bytes.empty()) {
    const auto count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return error_of("the journal", "write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  if (durable && ::fdatasync(descriptor_) != 0) return error_of("the journal", "sync");
  return Done{};
}

Result<FileLock> FileLock::take(const std::string& path, const std::string& purpose) {
  FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock.descriptor_ < 0) return error_of(path, "open");
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return error_of(path, "lock");
    const auto holder = holder_text(lock.descriptor_);
    return Error{"host.locked", "another run is at work" + (holder.empty() ? "" : ": " + holder),
                 "wait for it to end, then run this again"};
  }
  const auto text = "process " + std::to_string(::getpid()) + ", " + purpose + "\n";
  if (::ftruncate(lock.descriptor_, 0) != 0 || ::pwrite(lock.descriptor_, text.data(), text.size(), 0) < 0) {
    return error_of(path, "write");
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() { close_once(descriptor_); }

}  // namespace mlenv
