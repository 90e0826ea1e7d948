#include "host/append_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "host/descriptor.hpp"
#include "host/safe_path.hpp"

namespace mlenv {
namespace {

Error error_of(const std::string& path, const char* what) { return system_error(what, path, errno); }

void close_once(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
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
  const auto before = ::lseek(descriptor_, 0, SEEK_END);
  const auto fail = [&](const char* what) {
    const auto error = error_of("the journal", what);
    static_cast<void>(!::ftruncate(descriptor_, before));  // half of it is worse than nothing
    return error;
  };
  while (!bytes.empty()) {
    const auto count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail("write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  if (durable && ::fdatasync(descriptor_) != 0) return fail("sync");
  return Done{};
}

}  // namespace mlenv
