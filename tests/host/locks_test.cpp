#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "host/file_lock.hpp"
#include "host/local_host.hpp"
#include "host/lock_holder.hpp"
#include "support/catch.hpp"

using namespace mlenv;

namespace {

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / "mlenv-locks-test";
  Folder() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

LockPlace place_in(const Folder& folder) {
  return {(folder.path / "state").string(), "process " + std::to_string(::getpid()) + ", `a test`",
          Privilege::user};
}

Result<std::unique_ptr<HeldLock>> take(const Folder& folder) {
  Acting acting;
  acting.user.uid = ::geteuid();
  return local_writer(acting)->lock(place_in(folder));
}

}  // namespace

TEST_CASE("of many who want a lock at the same time one gets it, and the others are told which",
          "[host][locks]") {
  const Folder folder;
  constexpr int many = 20;
  std::vector<pid_t> children;
  for (int i = 0; i < many; ++i) {
    const auto child = ::fork();
    if (child == 0) {
      const auto lock = take(folder);
      if (lock) ::pause();
      std::ofstream(folder.path / ("told-" + std::to_string(i))) << lock.error().message;
      ::_exit(lock.error().code == "host.locked" ? 0 : 2);
    }
    children.push_back(child);
  }
  std::vector<pid_t> ended;
  for (int i = 0; i < many - 1; ++i) {
    int status = 0;
    ended.push_back(::wait(&status));
    CHECK(status == 0);
  }
  pid_t holder = 0;
  for (const auto child : children) {
    if (std::find(ended.begin(), ended.end(), child) == ended.end()) holder = child;
  }
  for (const auto& file : std::filesystem::directory_iterator(folder.path)) {
    if (file.path().filename().string().rfind("told-", 0) != 0) continue;
    std::ifstream in(file.path());
    const std::string told{std::istreambuf_iterator<char>(in), {}};
    CHECK(told == "process " + std::to_string(holder) + ", `a test`");
  }
  // A holder that is killed takes its lock with it, and what it said of itself is told to the next.
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  const auto next = take(folder);
  REQUIRE(next);
  CHECK((*next)->before == "process " + std::to_string(holder) + ", `a test`");
}

TEST_CASE("a lock is free again when it is given back", "[host][locks]") {
  const Folder folder;
  CHECK(take(folder));
  CHECK(take(folder));
}

TEST_CASE("what lies in place of a lock and is no file is not opened", "[host][locks]") {
  const Folder folder;
  std::filesystem::create_directories(folder.path / "state");
  REQUIRE(::mkfifo((folder.path / "state/lock").c_str(), 0600) == 0);
  CHECK_FALSE(take(folder));
  std::filesystem::remove(folder.path / "state/lock");
  std::filesystem::create_symlink("/etc/passwd", folder.path / "state/lock");
  CHECK_FALSE(take(folder));
}

TEST_CASE("who holds an fcntl lock is told by its number and command", "[host][locks]") {
  const Folder folder;
  const auto path = (folder.path / "lock-frontend").string();
  std::ofstream(path) << "";
  const auto reader = local_reader("/");
  CHECK_FALSE(reader->lock_holder(path));
  CHECK_FALSE(reader->lock_holder(path + "-missing"));
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const auto child = ::fork();
  if (child == 0) {
    const int file = ::open(path.c_str(), O_RDWR);
    struct flock wanted {};
    wanted.l_type = F_WRLCK;
    const bool locked = ::fcntl(file, F_SETLK, &wanted) == 0;
    static_cast<void>(!::write(ready[1], "x", 1));
    if (locked) ::pause();
    ::_exit(1);
  }
  char letter = 0;
  REQUIRE(::read(ready[0], &letter, 1) == 1);
  const auto holder = reader->lock_holder(path);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  REQUIRE(holder);
  CHECK(holder->process == child);
  CHECK(holder->command.find("host_test") != std::string::npos);
  CHECK_FALSE(reader->lock_holder(path));
}

TEST_CASE("the kernel's list of locks is read: holders, not those who wait", "[host][locks]") {
  constexpr auto text =
      "1: POSIX  ADVISORY  WRITE 812 08:01:12345 0 EOF\n"
      "1: -> POSIX  ADVISORY  WRITE 900 08:01:777 0 EOF\n"
      "2: FLOCK  ADVISORY  WRITE 813 00:1f:99 0 EOF\n"
      "3: OFDLCK ADVISORY  WRITE -1 08:01:5 0 EOF\n"
      "nonsense\n";
  CHECK(process_in_locks(text, makedev(8, 1), 12345) == 812);
  CHECK(process_in_locks(text, makedev(0, 0x1f), 99) == 813);
  CHECK(process_in_locks(text, makedev(8, 1), 5) == 0);
  CHECK_FALSE(process_in_locks(text, makedev(8, 1), 777));
  CHECK_FALSE(process_in_locks(text, makedev(8, 2), 12345));
  CHECK_FALSE(process_in_locks("", makedev(8, 1), 1));
}
