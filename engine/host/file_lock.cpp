#include "host/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <thread>

#include "base/text.hpp"
#include "host/file_verbs.hpp"
#include "host/local_host.hpp"

namespace mlenv {
namespace {

class DescriptorLock : public HeldLock {
 public:
  explicit DescriptorLock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;
};

/// Root's folder has the system's ledger in it, whose presence is no secret; who is at work there is none
/// either.
unsigned folder_mode(const LockPlace& place) { return place.privilege == Privilege::root ? 0755 : 0700; }
unsigned holder_mode(const LockPlace& place) { return place.privilege == Privilege::root ? 0644 : 0600; }

std::string text_of(const std::string& root, const std::string& path) {
  const auto text = local_reader(root)->read_file(path);
  return text && *text ? std::string(trim(**text)) : std::string();
}

/// Opened, or opened and made. A folder of another user's may have anything in it under that name.
Result<Descriptor> open_lock(const Walk& walk, const LockPlace& place, int flags) {
  const auto path = lock_path(place);
  const auto at = open_place(walk, path, Links::keep);
  if (!at) return at.error();
  Descriptor file(::openat(at->folder.number(), at->name.c_str(),
                           flags | O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  if (!file) return system_error("open", path, errno);
  struct stat found {};
  const bool own =
      ::fstat(file.number(), &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == walk.trusted;
  if (!own)
    return Error{"host.failed", "`" + path + "` is not mlenvctl's own file", "move it out of the way"};
  return file;
}

/// Whether the path still means the file that is open.
bool is_still(const Walk& walk, const LockPlace& place, const Descriptor& file) {
  const auto again = open_lock(walk, place, 0);
  struct stat now {
  }, then{};
  return again && ::fstat(again->number(), &now) == 0 && ::fstat(file.number(), &then) == 0 &&
         now.st_ino == then.st_ino && now.st_dev == then.st_dev;
}

/// Whether the process that a holder's line names is there.
bool is_alive(const std::string& holder) {
  constexpr std::string_view begin = "process ";
  int process = 0;
  if (holder.starts_with(begin))
    std::from_chars(holder.data() + begin.size(), holder.data() + holder.size(), process);
  return process > 0 && ::access(("/proc/" + std::to_string(process)).c_str(), F_OK) == 0;
}

}  // namespace

std::string lock_path(const LockPlace& place) { return join_path(place.folder, "lock"); }
std::string last_holder_path(const LockPlace& place) { return join_path(place.folder, "last-run"); }

Result<std::unique_ptr<HeldLock>> HostWriter::lock(const LockPlace&) {
  return Error{"host.failed", "this host has no locks", {}};
}

Result<Done> make_lock_here(const Walk& walk, const LockPlace& place) {
  if (auto made = make_directory_here(walk, place.folder, folder_mode(place), {}); !made) return made;
  const auto file = open_lock(walk, place, O_CREAT);
  return file ? Result<Done>(Done{}) : Result<Done>(file.error());
}

Result<std::unique_ptr<HeldLock>> take_lock_here(const Walk& walk, const LockPlace& place) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds pause{25}, enough{250}, most{3000};
  const auto began = Clock::now();
  for (;;) {
    auto file = open_lock(walk, place, 0);
    if (!file) return file.error();
    const bool taken = ::flock(file->number(), LOCK_EX | LOCK_NB) == 0;
    const int reason = taken ? 0 : errno;
    if (taken && is_still(walk, place, *file)) {
      std::unique_ptr<HeldLock> lock = std::make_unique<DescriptorLock>(std::move(*file));
      lock->before = text_of(walk.root, last_holder_path(place));
      return lock;
    }
    if (!taken && reason != EWOULDBLOCK && reason != EINTR)
      return system_error("lock", lock_path(place), reason);
    // The holder's line comes a moment after its lock.
    const auto holder = text_of(walk.root, last_holder_path(place));
    const auto waited = Clock::now() - began;
    if (!taken && ((waited > enough && is_alive(holder)) || waited > most))
      return Error{"host.locked", holder, {}};
    std::this_thread::sleep_for(pause);
  }
}

Result<Done> write_holder_here(const Walk& walk, const LockPlace& place) {
  return write_file_here(walk, last_holder_path(place), place.holder + "\n", holder_mode(place), {});
}

}  // namespace mlenv
