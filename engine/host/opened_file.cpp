#include "host/opened_file.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/descriptor.hpp"
#include "host/safe_path.hpp"

namespace mlenv {
namespace {

/// As adduser makes them: of the owner's name, with nobody else in it. A group that this machine does not
/// know has no members.
bool is_private_group(gid_t group, uid_t owner) {
  const auto* account = ::getpwuid(owner);
  const std::string name = account != nullptr ? account->pw_name : "";
  const auto* found = ::getgrgid(group);
  if (found == nullptr) return true;
  for (char** member = found->gr_mem; *member != nullptr; ++member) {
    if (name != *member) return false;
  }
  return group == 0 || name == found->gr_name;
}

Result<std::string> read_whole(int descriptor, const std::string& path, std::uint64_t limit) {
  std::string bytes;
  for (std::size_t chunk = 8192;; chunk = std::min<std::size_t>(2 * chunk, 1U << 20U)) {
    const auto before = bytes.size();
    if (before > limit)
      return Error{
          "host.too-large", "`" + path + "` is larger than " + std::to_string(limit >> 20) + " MiB", {}};
    bytes.resize(before + chunk);
    const auto count = ::read(descriptor, bytes.data() + before, chunk);
    const int reason = errno;
    bytes.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count == 0) return bytes;
    if (count < 0 && reason != EINTR) return system_error("read", path, reason);
  }
}

}  // namespace

Result<OpenedFile> read_opened(const std::string& path, std::uint64_t limit) {
  struct stat found {};
  // What is no file is not opened: a device may do something then.
  if (::stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      return Error{"host.not-found", "there is no file `" + path + "`", {}};
    return system_error("read", path, errno);
  }
  if (S_ISDIR(found.st_mode)) return Error{"host.not-a-file", "`" + path + "` is a folder", {}};
  const Error no_file{"host.not-a-file", "`" + path + "` is no ordinary file", {}};
  if (!S_ISREG(found.st_mode)) return no_file;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return system_error("read", path, errno);
  if (::fstat(file.number(), &found) != 0 || !S_ISREG(found.st_mode)) return no_file;
  auto bytes = read_whole(file.number(), path, limit);
  if (!bytes) return bytes.error();
  const bool shared = (found.st_mode & S_IWGRP) != 0;  // else nobody need ask who is in it
  OpenedFile opened{std::move(*bytes), {}, !shared || is_private_group(found.st_gid, found.st_uid)};
  opened.stat.mode = static_cast<unsigned>(found.st_mode & 07777);
  opened.stat.uid = found.st_uid;
  opened.stat.gid = found.st_gid;
  opened.stat.size = static_cast<std::uint64_t>(found.st_size);
  opened.stat.modified = found.st_mtim.tv_sec;
  opened.stat.modified_part = static_cast<std::uint32_t>(found.st_mtim.tv_nsec);
  return opened;
}

}  // namespace mlenv
