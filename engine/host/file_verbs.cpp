#include "host/file_verbs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "host/temporary_file.hpp"

namespace mlenv {
namespace {

bool write_all(int descriptor, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const auto count = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

/// A file that is there keeps its mode and owner unless others are wanted.
struct Attributes {
  mode_t mode = 0644;
  std::optional<Owner> owner;
  bool durable = true;
};

bool fill(int descriptor, const std::string& bytes, const Attributes& wanted) {
  if (!write_all(descriptor, bytes)) return false;
  if (wanted.owner && ::fchown(descriptor, wanted.owner->uid, wanted.owner->gid) != 0) return false;
  return ::fchmod(descriptor, wanted.mode) == 0 && (!wanted.durable || ::fsync(descriptor) == 0);
}

Result<Done> replace(const Place& place, const std::string& bytes, const Attributes& wanted) {
  TemporaryFile file(place.folder.number(), place.name);
  if (file.number() < 0) return system_error("write", place.path, errno);
  if (!fill(file.number(), bytes, wanted) || !file.put_in_place(!wanted.durable)) {
    const int reason = errno;
    file.discard();
    return system_error("write", place.path, reason);
  }
  if (wanted.durable)
    ::fsync(place.folder.number());  // where the file system cannot, the rename is still atomic
  return Done{};
}

Result<Done> remove_tree(int folder, const std::string& name, const std::string& path) {
  if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return Done{};
  if (errno != EISDIR && errno != EPERM) return system_error("remove", path, errno);
  Descriptor inner(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!inner) return system_error("remove", path, errno);
  std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(::dup(inner.number())), ::closedir);
  if (!entries) return system_error("remove", path, errno);
  std::vector<std::string> names;  // all of them first: what is removed while it is read may hide the rest
  while (const dirent* entry = ::readdir(entries.get())) names.emplace_back(entry->d_name);
  for (const auto& each : names) {
    if (each == "." || each == "..") continue;
    if (auto removed = remove_tree(inner.number(), each, path + "/" + each); !removed) return removed;
  }
  if (::unlinkat(folder, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
    return system_error("remove", path, errno);
  return Done{};
}

Result<Done> remove_entry(int folder, const std::string& name, const std::string& path) {
  if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return Done{};
  if ((errno == EISDIR || errno == EPERM) && ::unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0)
    return Done{};
  return system_error("remove", path, errno);
}

/// What other programs have written into a folder is on the disk before the folder gets its name.
void make_durable(const Place& place) {
  const Descriptor folder(
      ::openat(place.folder.number(), place.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (folder) ::syncfs(folder.number());
}

}  // namespace

Result<Done> write_file_here(const Walk& walk, const std::string& path, const std::string& bytes,
                             std::optional<unsigned> mode, std::optional<Owner> owner, bool durable) {
  const auto place = open_place(walk, path, Links::follow);
  if (!place) return place.error();
  Attributes wanted;
  struct stat found {};
  if (::fstatat(place->folder.number(), place->name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) {
    if (!S_ISREG(found.st_mode)) return Error{"host.failed", "`" + path + "` is there and is no file", {}};
    wanted.mode = found.st_mode & 07777;
    if (::geteuid() == 0) wanted.owner = Owner{found.st_uid, found.st_gid};
  }
  if (mode) wanted.mode = *mode;
  if (owner) wanted.owner = owner;
  wanted.durable = durable;
  return replace(*place, bytes, wanted);
}

Result<Done> make_directory_here(Walk walk, const std::string& path, std::optional<unsigned> mode,
                                 std::optional<Owner> owner) {
  walk.make_parents = 0755;
  const auto place = open_place(walk, path, Links::follow);
  if (!place) return place.error();
  const int folder = place->folder.number();
  const bool fresh = ::mkdirat(folder, place->name.c_str(), 0755) == 0;
  if (!fresh && errno != EEXIST) return system_error("make the folder", path, errno);
  Descriptor made(::openat(folder, place->name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!made) return system_error("make the folder", path, errno);
  if (owner && ::fchown(made.number(), owner->uid, owner->gid) != 0)
    return system_error("change the owner of", path, errno);
  if (mode && ::fchmod(made.number(), *mode) != 0) return system_error("change the mode of", path, errno);
  if (fresh) ::fsync(folder);
  return Done{};
}

Result<Done> rename_here(const Walk& walk, const std::string& from, const std::string& to) {
  const auto source = open_place(walk, from, Links::keep);
  if (!source) return source.error();
  const auto target = open_place(walk, to, Links::keep);
  if (!target) return target.error();
  make_durable(*source);
  if (::renameat(source->folder.number(), source->name.c_str(), target->folder.number(),
                 target->name.c_str()) != 0) {
    return system_error("move " + from + " to", to, errno);
  }
  ::fsync(source->folder.number());
  ::fsync(target->folder.number());
  return Done{};
}

Result<Done> remove_here(const Walk& walk, const std::string& path, Depth depth) {
  const auto place = open_place(walk, path, Links::keep);
  if (!place) {
    if (place.error().code == "host.not-found") return Done{};
    return place.error();
  }
  const int folder = place->folder.number();
  auto removed =
      depth == Depth::tree ? remove_tree(folder, place->name, path) : remove_entry(folder, place->name, path);
  if (removed) ::fsync(folder);
  return removed;
}

}  // namespace mlenv
