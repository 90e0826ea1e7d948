#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "host/command.hpp"

namespace mlenv {

/// A whole file to put in place: written beside its target, synced, renamed.
struct FileContent {
  std::string path;
  std::string bytes;
  std::optional<unsigned> mode;  ///< kept from the file that is there, else 0644, when not given
  std::string owner;  ///< a user name; empty: kept from the file that is there, else the acting account
  Privilege privilege = Privilege::user;
};

enum class Depth { only, tree };

/// What may be fetched: bounded in size and time, so that a hostile server cannot hang or fill the host.
struct FetchLimit {
  std::uint64_t bytes = std::uint64_t{16} * 1024 * 1024;
  std::chrono::seconds time{120};
};

/// A file to bring from a server, however large.
struct Download {
  std::string url;     ///< http or https
  std::string path;    ///< where it is to be, whole; the folder is there
  std::string sha256;  ///< lower-case hexadecimal; empty where nobody says
  Privilege privilege = Privilege::user;
  FetchLimit limit = {std::uint64_t{16} * 1024 * 1024 * 1024, std::chrono::hours(6)};
};

/// The end of a file on a server.
struct RemoteTail {
  std::string bytes;       ///< the last ones; empty where the server only tells the size
  std::uint64_t size = 0;  ///< of the whole file
};

/// A lock that the kernel holds for as long as this object, or this process, lives: it cannot become stale.
class HeldLock {
 public:
  virtual ~HeldLock() = default;
  std::string before;  ///< what the holder before has written; empty where there was none
};

/// A lock to take: `lock` in a folder of this program's own. What the holder says of itself (one line,
/// `process 123, …`) is in `last-run` beside it, and stays there.
struct LockPlace {
  std::string folder;
  std::string holder;
  Privilege privilege = Privilege::user;
};
std::string lock_path(const LockPlace& place);
std::string last_holder_path(const LockPlace& place);

/// Everything that changes the host goes through here. All file verbs walk directory handles and follow no
/// link that somebody else planted: with root's privilege a link must be root's, with the user's it must be
/// root's or the user's. Errors: `host.denied`, `host.not-found`, `host.full`, `host.read-only`,
/// `host.planted-link`, `host.failed`.
class HostWriter {
 public:
  virtual ~HostWriter() = default;
  /// Atomic: after a kill at any instant the path holds the old or the new bytes. A symlinked target is
  /// written where the link points.
  virtual Result<Done> write_file(const FileContent& file) = 0;
  /// The folder and its missing parents (parents with 0755).
  virtual Result<Done> make_directory(const std::string& path, std::optional<unsigned> mode,
                                      const std::string& owner, Privilege privilege) = 0;
  /// Atomic within one file system; replaces a file, never a non-empty folder.
  virtual Result<Done> rename(const std::string& from, const std::string& to, Privilege privilege) = 0;
  /// Not being there is success. Depth::only takes a file, a link or an empty folder.
  virtual Result<Done> remove(const std::string& path, Depth depth, Privilege privilege) = 0;
  /// The bytes at an http, https or file URL; the user's proxy and certificate settings count.
  virtual Result<std::string> fetch(const std::string& url, const FetchLimit& limit) = 0;
  /// Brings a file; what an earlier attempt has left of it is gone on with. It has its name only when it is
  /// whole and its digest is right. Errors: `fetch.failed`, `fetch.wrong-digest`, those of writing.
  virtual Result<Done> download(const Download& what) = 0;
  /// The last `bytes` bytes of the file at an http or https URL.
  virtual Result<RemoteTail> fetch_tail(const std::string& url, std::uint64_t bytes) = 0;
  /// Runs a program, as the command's privilege says, inside the host's tree. Lines reach the sink as they
  /// come.
  virtual Result<Output> run(const Command& command, const LineSink& lines) = 0;
  /// Takes a lock at once, or says who has it: `host.locked`, the message is the holder's own line.
  virtual Result<std::unique_ptr<HeldLock>> lock(const LockPlace& place);
};

}  // namespace mlenv
