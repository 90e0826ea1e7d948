#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/command.hpp"
#include "host/shared_text.hpp"

namespace mlenv {

enum class FileType { file, directory, symlink, other };
enum class Links { follow, keep };

/// What lstat or stat says of a path.
struct FileStat {
  FileType type = FileType::file;
  unsigned mode = 0;  ///< permission bits, 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;           ///< bytes
  std::int64_t modified = 0;        ///< seconds since the epoch
  std::uint32_t modified_part = 0;  ///< and nanoseconds
  bool operator==(const FileStat&) const = default;
};

struct DirectoryEntry {
  std::string name;
  FileType type = FileType::file;  ///< of the entry itself; a link is a symlink
  bool operator==(const DirectoryEntry&) const = default;
};

/// The file system below a path.
struct Space {
  std::string mount;             ///< where it is mounted, as the host sees it
  std::uint64_t free_bytes = 0;  ///< for ordinary users
  bool operator==(const Space&) const = default;
};

/// The process that holds a lock on a file.
struct LockHolder {
  int process = 0;      ///< 0: of another machine or container
  std::string command;  ///< its command line; empty where it cannot be told
  bool operator==(const LockHolder&) const = default;
};

/// The host as probes see it: no verb here writes. Paths are absolute and mean the host's own view, also when
/// the host is a tree under --root (links are then resolved inside the tree). What is not there is an empty
/// answer, never an error; an Error (`host.denied`, `host.unreadable`) means "cannot tell".
class HostReader {
 public:
  virtual ~HostReader() = default;
  /// The bytes of a file; nothing when it, or a folder on the way to it, is not there.
  virtual Result<std::optional<std::string>> read_file(const std::string& path) const = 0;
  /// The same of a large file: not copied where several look at it, or where it can be looked at in its
  /// place.
  virtual Result<SharedText> share_file(const std::string& path) const;
  virtual Result<std::optional<FileStat>> stat(const std::string& path, Links links) const = 0;
  /// What stat (links followed) says of these entries of one folder, in their order; cheaper than one by one.
  virtual Result<std::vector<std::optional<FileStat>>> stat_entries(
      const std::string& folder, const std::vector<std::string>& names) const;
  /// The entries of a folder, sorted by name, without `.` and `..`; none when it is not there.
  virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) const = 0;
  /// Where a symbolic link points (its text); nothing when the path is not a link.
  virtual Result<std::optional<std::string>> read_link(const std::string& path) const = 0;
  /// Runs a program that only looks (apt-cache policy). Last resort: most answers are in files.
  virtual Result<Output> query(const Command& command) const = 0;
  /// Of the nearest folder above the path that is there. A host that is only remembered cannot tell.
  virtual Result<Space> space(const std::string& path) const;
  /// Who holds a lock of the kernel's (fcntl or flock) on a file; nothing when nobody does, or it cannot be
  /// told.
  virtual std::optional<LockHolder> lock_holder(const std::string& path) const;
  /// Says that many looks follow: for as long as the answer lives, this thread's looks need not turn into the
  /// user whose host this is, and back, each for itself. What else the thread does to files meanwhile is done
  /// as that user too.
  virtual std::shared_ptr<void> stay() const { return nullptr; }
};

/// True when the path (links followed) is there; an unreadable one counts as not there.
bool exists(const HostReader& host, const std::string& path);
/// The path with every link on the way and at its end resolved, as the host sees it; nothing when it dangles.
std::optional<std::string> resolve_links(const HostReader& host, const std::string& path);
/// The first executable of that name in the folders of the host's standard PATH.
std::optional<std::string> find_program(const HostReader& host, const std::string& name);
/// `/a/b` + `c` = `/a/b/c`; one slash between.
std::string join_path(const std::string& folder, const std::string& name);
/// `/a/b/c` -> `/a/b`; `/a` -> `/`.
std::string parent_path(const std::string& path);
/// Without `.`, doubled and trailing slashes, and with `..` taken textually; for declared paths.
std::string normal_path(const std::string& path);

}  // namespace mlenv
