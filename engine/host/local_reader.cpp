#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#if __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>

#include "host/account.hpp"
#include "host/local_host.hpp"
#include "host/lock_holder.hpp"
#include "host/newer_calls.hpp"
#include "host/process.hpp"
#include "host/safe_path.hpp"
#include "host/tree_entry.hpp"

namespace mlenv {
namespace {

/// In MiB: enough for all that is read, and what nobody can fill the memory with. dpkg has a kilobyte for
/// each package, rpm whole headers, file lists and change logs.
std::uint64_t limit_of(const std::string& path) {
  const bool database = path.ends_with("/rpm/rpmdb.sqlite") || path.ends_with("/rpm/Packages.db") ||
                        path.ends_with("/dpkg/status");
  return database ? 1024 : 64;
}

FileType type_of(mode_t mode) {
  if (S_ISREG(mode)) return FileType::file;
  if (S_ISDIR(mode)) return FileType::directory;
  return S_ISLNK(mode) ? FileType::symlink : FileType::other;
}

FileType type_of_entry(int folder, const dirent& entry) {
  if (entry.d_type == DT_REG) return FileType::file;
  if (entry.d_type == DT_DIR) return FileType::directory;
  if (entry.d_type == DT_LNK) return FileType::symlink;
  struct stat found {};
  return ::fstatat(folder, entry.d_name, &found, AT_SYMLINK_NOFOLLOW) == 0 ? type_of(found.st_mode)
                                                                           : FileType::other;
}

FileStat told(const struct stat& found) {
  return {type_of(found.st_mode),
          static_cast<unsigned>(found.st_mode & 07777),
          found.st_uid,
          found.st_gid,
          static_cast<std::uint64_t>(found.st_size),
          found.st_mtim.tv_sec,
          static_cast<std::uint32_t>(found.st_mtim.tv_nsec)};
}

bool is_absence(int reason) { return reason == ENOENT || reason == ENOTDIR || reason == ELOOP; }

/// A link that leads nowhere or in a circle is one that is not there.
bool is_absence(const Error& error) {
  return error.code == "host.not-found" || error.code == "host.link-loop";
}

/// Whether a file that only root may read stands where nobody but root (or its owner) can have put it.
bool stands_where_put(int folder, int file) {
  struct stat around {};
  struct stat found {};
  if (::fstat(folder, &around) != 0 || ::fstat(file, &found) != 0) return false;
  if (around.st_uid == 0) return (around.st_mode & S_IWOTH) == 0;
  return around.st_uid == found.st_uid;
}

/// The kernel's own walk within a tree, links and `..` taken as under chroot(2): one call in place of two for
/// each folder on the way. Nothing where the kernel is older than 5.6, or a sandbox forbids it.
std::optional<Descriptor> open_in_root([[maybe_unused]] int root, [[maybe_unused]] const std::string& path,
                                       [[maybe_unused]] int flags) {
#ifdef RESOLVE_IN_ROOT
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT;
  const auto number = static_cast<int>(::syscall(newer_call::openat2, root, path.c_str(), &how, sizeof how));
  if (number >= 0 || (errno != ENOSYS && errno != EPERM && errno != EAGAIN && errno != E2BIG))
    return Descriptor(number);
#endif
  return std::nullopt;
}

class LocalReader : public HostReader {
 public:
  LocalReader(std::string root, std::optional<Account> account)
      : root_(std::move(root)),
        account_(std::move(account)),
        root_folder_(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

  Result<std::optional<std::string>> read_file(const std::string& path) const override {
    const auto opened = open(path, O_RDONLY | O_NONBLOCK);
    if (!opened) return opened.error();
    if (!*opened) return std::optional<std::string>();
    return read_all(opened->number(), path);
  }

  Result<SharedText> share_file(const std::string& path) const override {
    const auto opened = open(path, O_RDONLY | O_NONBLOCK);
    if (!opened) return opened.error();
    if (!*opened) return SharedText();
    if (auto seen = in_its_place(opened->number(), path)) return seen;
    auto text = read_all(opened->number(), path);
    if (!text) return text.error();
    return *text ? SharedText(std::move(**text)) : SharedText();
  }

  Result<std::optional<FileStat>> stat(const std::string& path, Links links) const override {
    if (!account_) return stat_now(path, links);
    auto seen = [&]() -> Result<std::optional<FileStat>> {
      const FileAccessAs access(*account_);
      if (!access.stands()) return system_error("look as the user at", path, EPERM);
      return stat_now(path, links);
    }();
    if (!is_denied(seen)) return seen;
    const OwnFileAccess own;
    return stat_now(path, links);
  }

  Result<std::vector<std::optional<FileStat>>> stat_entries(
      const std::string& folder, const std::vector<std::string>& names) const override {
    std::vector<std::optional<FileStat>> found(names.size());
    const auto opened = open(folder, O_PATH | O_DIRECTORY);
    if (!opened) return opened.error();
    if (!*opened) return found;
    const auto access = stay();
    for (std::size_t i = 0; i < names.size(); ++i) {
      struct stat entry {};
      const bool there = ::fstatat(opened->number(), names[i].c_str(), &entry, AT_SYMLINK_NOFOLLOW) == 0;
      if (!there && is_absence(errno)) continue;
      if (there && !S_ISLNK(entry.st_mode)) {
        found[i] = told(entry);
        continue;
      }
      // Links may lead back to the root of a tree, and what the user may not see has rules of its own.
      auto seen = stat(join_path(folder, names[i]), Links::follow);
      if (!seen) return seen.error();
      found[i] = *seen;
    }
    return found;
  }

  std::shared_ptr<void> stay() const override {
    return account_ ? std::make_shared<FileAccessAs>(*account_) : nullptr;
  }

  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    const auto opened = open(path, O_RDONLY | O_DIRECTORY);
    if (!opened) return opened.error();
    std::vector<DirectoryEntry> entries;
    if (!*opened) return entries;
    std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(::dup(opened->number())), ::closedir);
    if (!folder) return system_error("list", path, errno);
    while (const dirent* entry = ::readdir(folder.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") entries.push_back({name, type_of_entry(opened->number(), *entry)});
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
  }

  Result<std::optional<std::string>> read_link(const std::string& path) const override {
    std::array<char, PATH_MAX> text;  // NOLINT: filled by the kernel
    const auto size = link_text(path, text);
    if (size >= 0) return std::optional(std::string(text.data(), static_cast<std::size_t>(size)));
    if (errno == EINVAL || is_absence(errno)) return std::optional<std::string>();
    return system_error("read the link", path, errno);
  }

  Result<Space> space(const std::string& path) const override {
    auto at = normal_path(path);
    while (at != "/" && !exists(*this, at)) at = parent_path(at);
    const auto device = [&](const std::string& folder) -> std::optional<dev_t> {
      struct stat found {};
      const auto opened = open(folder, O_RDONLY | O_PATH);
      if (!opened || !*opened || ::fstat(opened->number(), &found) != 0) return std::nullopt;
      return found.st_dev;
    };
    struct statvfs sizes {};
    const auto opened = open(at, O_RDONLY | O_PATH);
    if (!opened || !*opened || ::fstatvfs(opened->number(), &sizes) != 0)
      return Error{"host.unreadable", "cannot tell how much room `" + path + "` has", {}};
    const auto own = device(at);
    while (at != "/" && device(parent_path(at)) == own) at = parent_path(at);
    return Space{at, static_cast<std::uint64_t>(sizes.f_bavail) * sizes.f_frsize};
  }

  std::optional<LockHolder> lock_holder(const std::string& path) const override {
    struct stat found {};
    const auto seen = open(path, O_PATH);
    if (!seen || !*seen || ::fstat(seen->number(), &found) != 0) return std::nullopt;
    const auto opened = open(path, O_RDONLY | O_NONBLOCK);
    const OwnFileAccess own;
    return holder_of(opened && *opened ? opened->number() : -1, found.st_dev, found.st_ino);
  }

  Result<Output> query(const Command& command) const override {
    Process process;
    process.argv = command.argv;
    process.environment = {{"PATH", standard_path}, {"LC_ALL", "C.UTF-8"}, {"HOME", "/nonexistent"}};
    for (const auto& [name, value] : command.env) process.environment[name] = value;
    process.limit = command.limit;
    if (root_ != "/") process.in_child = tree_entry(root_, {});
    const OwnFileAccess own;
    return run_process(process, {});
  }

 private:
  /// The reason why not, or zero.
  int stat_in_root(const std::string& path, Links links, struct stat& found) const {
    const int flags = O_PATH | (links == Links::keep ? O_NOFOLLOW : 0);
    if (const auto opened = open_in_root(root_folder_.number(), path, flags)) {
      if (!*opened) return errno;
      return ::fstat(opened->number(), &found) == 0 ? 0 : errno;
    }
    const auto place = open_place(walk(), path, links);
    if (!place) return is_absence(place.error()) ? ENOENT : EACCES;
    return ::fstatat(place->folder.number(), place->name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 ? 0
                                                                                                    : errno;
  }

  /// As readlink(2).
  ssize_t link_text(const std::string& path, std::array<char, PATH_MAX>& text) const {
    if (root_ == "/") return ::readlink(path.c_str(), text.data(), text.size());
    if (const auto opened = open_in_root(root_folder_.number(), path, O_PATH | O_NOFOLLOW)) {
      if (!*opened) return -1;
      const auto size = ::readlinkat(opened->number(), "", text.data(), text.size());
      if (size < 0 && errno == ENOENT) errno = EINVAL;  // of what is no link
      return size;
    }
    const auto place = open_place(walk(), path, Links::keep);
    if (!place) return errno = is_absence(place.error()) ? ENOENT : EACCES, -1;
    return ::readlinkat(place->folder.number(), place->name.c_str(), text.data(), text.size());
  }

  Walk walk() const { return {root_, 0, true, {}, root_folder_.number()}; }

  template <class T>
  static bool is_denied(const Result<T>& result) {
    return !result && result.error().code == "host.denied";
  }

  Result<std::optional<FileStat>> stat_now(const std::string& path, Links links) const {
    struct stat found {};
    if (root_ == "/") {
      if (::fstatat(AT_FDCWD, path.c_str(), &found, links == Links::keep ? AT_SYMLINK_NOFOLLOW : 0) != 0) {
        if (is_absence(errno)) return std::optional<FileStat>();
        return system_error("look at", path, errno);
      }
    } else if (const int reason = stat_in_root(path, links, found); reason != 0) {
      if (is_absence(reason)) return std::optional<FileStat>();
      return system_error("look at", path, reason);
    }
    return std::optional(told(found));
  }

  /// No descriptor where nothing is. With an account: what that account may read, and what is root's alone
  /// where nobody else can have put or led it; a link of the user's leads root to nothing that the user may
  /// not read.
  Result<Descriptor> open(const std::string& path, int flags) const {
    if (!account_) return open_now(path, flags);
    auto opened = [&]() -> Result<Descriptor> {
      const FileAccessAs access(*account_);
      if (!access.stands()) return system_error("read as the user", path, EPERM);
      return open_now(path, flags);
    }();
    if (!is_denied(opened)) return opened;
    const OwnFileAccess own;
    return open_guarded(path, flags);
  }

  Result<Descriptor> open_now(const std::string& path, int flags) const {
    int number = -1;
    if (root_ == "/") {
      number = ::open(path.c_str(), flags | O_CLOEXEC);
    } else if (auto opened = open_in_root(root_folder_.number(), path, flags)) {
      if (*opened) return std::move(*opened);
    } else {
      const auto place = open_place(walk(), path, Links::follow);
      if (!place) {
        if (is_absence(place.error())) return Descriptor();
        return place.error();
      }
      number = ::openat(place->folder.number(), place->name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC);
    }
    if (number >= 0) return Descriptor(number);
    if (is_absence(errno) || errno == ENXIO) return Descriptor();
    return system_error("read", path, errno);
  }

  Result<Descriptor> open_guarded(const std::string& path, int flags) const {
    auto guarded = walk();
    guarded.anyone = false;
    const auto place = open_place(guarded, path, Links::follow);
    if (!place) return place.error();
    struct stat found {};
    const int folder = place->folder.number();
    // A device may do something when it is opened.
    if (::fstatat(folder, place->name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0 ||
        (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)))
      return system_error("read", path, EACCES);
    Descriptor opened(::openat(folder, place->name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    if (!opened) return system_error("read", path, errno);
    if (S_ISDIR(found.st_mode) || stands_where_put(folder, opened.number())) return opened;
    return Error{"host.planted-link",
                 "`" + path + "` is not the user's to read, and lies where others can have put it",
                 {}};
  }

  /// A large file of root's, where nobody else can cut it short while it is looked at (dpkg puts another in
  /// its place).
  static SharedText in_its_place(int descriptor, const std::string& path) {
    constexpr off_t worthwhile = 131072;
    struct stat found {};
    const bool steady = ::fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == 0 &&
                        (found.st_mode & 0022) == 0 && found.st_size >= worthwhile &&
                        static_cast<std::uint64_t>(found.st_size) <= limit_of(path) << 20U;
    if (!steady) return {};
    const auto size = static_cast<std::size_t>(found.st_size);
    void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
    if (bytes == MAP_FAILED) return {};
    return {std::shared_ptr<const void>(bytes, [size](void* at) { ::munmap(at, size); }),
            std::string_view(static_cast<const char*>(bytes), size)};
  }

  static Result<std::optional<std::string>> read_all(int descriptor, const std::string& path) {
    struct stat found {};
    if (::fstat(descriptor, &found) != 0 || S_ISDIR(found.st_mode)) return std::optional<std::string>();
    if (!S_ISREG(found.st_mode)) return Error{"host.unreadable", "`" + path + "` is no ordinary file", {}};
    const auto limit = limit_of(path);
    const Error too_large{
        "host.unreadable", "`" + path + "` is larger than " + std::to_string(limit) + " MiB", {}};
    if (found.st_size > static_cast<off_t>(limit << 20U)) return too_large;
    std::string text;
    // Files of /proc and /sys say that they are empty; the rest is read in one go.
    std::size_t chunk = found.st_size > 0 ? static_cast<std::size_t>(found.st_size) + 1 : 4096;
    for (;;) {
      const auto before = text.size();
      if (before > limit << 20U) return too_large;
      text.resize(before + chunk);
      const auto count = ::read(descriptor, text.data() + before, chunk);
      if (count < 0 && errno != EINTR) return system_error("read", path, errno);
      text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
      const bool at_end = count >= 0 && found.st_size > 0 && static_cast<std::size_t>(count) < chunk;
      if (count == 0 || at_end) return std::optional(std::move(text));
      chunk = std::max<std::size_t>(chunk, 4096);
    }
  }

  std::string root_;
  std::optional<Account> account_;
  Descriptor root_folder_;
};

}  // namespace

std::unique_ptr<HostReader> local_reader(const std::string& root) {
  return std::make_unique<LocalReader>(root, std::nullopt);
}

std::unique_ptr<HostReader> local_reader_for(const std::string& root, const User& user,
                                             const HostReader& accounts) {
  if (::geteuid() != 0 || user.uid == 0) return local_reader(root);
  return std::make_unique<LocalReader>(root, account_of(accounts, user));
}

std::unique_ptr<HostReader> local_reader_for(const std::string& root, const User& user) {
  return local_reader_for(root, user, *local_reader(root));
}

}  // namespace mlenv
