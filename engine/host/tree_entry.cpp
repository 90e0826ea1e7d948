#include "host/tree_entry.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace mlenv {
namespace {

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

int bind_mount(const std::string& from, const std::string& to) {
  return ::mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0 ? 0 : errno;
}

/// The kernel's folders, where the tree has none: a tree that brings its own /sys (a recorded machine) keeps
/// it.
int bind_kernel(const std::string& root) {
  struct {
    const char* folder;
    const char* witness;
  } const wanted[] = {{"/proc", "/self"}, {"/dev", "/null"}, {"/sys", "/bus"}};
  for (const auto& [folder, witness] : wanted) {
    struct stat found {};
    const auto target = root + folder;
    if (::lstat(target.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || is_there(target + witness))
      continue;
    if (const int reason = bind_mount(folder, target); reason != 0) return reason;
  }
  return 0;
}

void bind_resolver(const std::string& root) {
  struct stat found {};
  const auto target = root + "/etc/resolv.conf";
  // Over a file without content only; a tree that says how names are resolved is left alone.
  if (::lstat(target.c_str(), &found) == 0 && S_ISREG(found.st_mode) && found.st_size == 0)
    bind_mount("/etc/resolv.conf", target);
}

int lend(const std::string& root, const std::vector<LentFile>& lent) {
  if (lent.empty()) return 0;
  if (::mount("none", (root + "/mnt").c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0) return errno;
  for (const auto& file : lent) {
    struct stat found {};
    if (::stat(file.path.c_str(), &found) != 0) continue;
    const auto target = root + file.shown;
    if (S_ISDIR(found.st_mode)) {
      ::mkdir(target.c_str(), 0755);
    } else {
      ::close(::open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    }
    if (const int reason = bind_mount(file.path, target); reason != 0) return reason;
  }
  return 0;
}

/// Nothing of root's may be left to come back to, however this process was started.
bool gave_up_root() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return ::syscall(SYS_capset, &header, none) == 0 && ::setuid(0) != 0 && ::geteuid() != 0;
}

}  // namespace

std::function<int()> tree_entry(const std::string& root, std::vector<LentFile> lent) {
  return [root, lent = std::move(lent)] {
    if (::unshare(CLONE_NEWNS) != 0) return errno;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
    if (const int reason = bind_kernel(root); reason != 0) return reason;
    bind_resolver(root);
    if (const int reason = lend(root, lent); reason != 0) return reason;
    return ::chroot(root.c_str()) == 0 && ::chdir("/") == 0 ? 0 : errno;
  };
}

std::function<int()> become_user(const User& user, const Account& account) {
  return [home = user.home, account] {
    if (::setgroups(account.groups.size(), account.groups.data()) != 0) return errno;
    if (::setresgid(account.gid, account.gid, account.gid) != 0) return errno;
    if (::setresuid(account.uid, account.uid, account.uid) != 0) return errno;
    if (account.uid != 0 && !gave_up_root()) return EPERM;
    // A kernel without key rings has none to leave.
    ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
    if (::chdir(home.c_str()) != 0 && ::chdir("/") != 0) return errno;
    return 0;
  };
}

std::function<int()> in_turn(std::function<int()> first, std::function<int()> second) {
  return [first = std::move(first), second = std::move(second)] {
    const int reason = first ? first() : 0;
    return reason == 0 && second ? second() : reason;
  };
}

}  // namespace mlenv
