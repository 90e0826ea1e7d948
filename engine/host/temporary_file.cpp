#include "host/temporary_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>  // RENAME_EXCHANGE
#include <memory>
#include <vector>

#include "host/temporary_name.hpp"

namespace mlenv {
namespace {

std::vector<std::string> abandoned_names(int folder, const std::string& target) {
  std::vector<std::string> names;
  const int listed = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(listed), ::closedir);
  if (!entries) {
    const Descriptor closing(listed);
    return names;
  }
  while (const dirent* entry = ::readdir(entries.get())) {
    if (is_temporary_of(entry->d_name, target)) names.emplace_back(entry->d_name);
  }
  return names;
}

void remove_abandoned(int folder, const std::string& target) {
  for (const auto& name : abandoned_names(folder, target)) {
    const Descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat found {};
    if (!file || ::fstat(file.number(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0) ::unlinkat(folder, name.c_str(), 0);
  }
}

}  // namespace

TemporaryFile::TemporaryFile(int folder, const std::string& name) : folder_(folder), target_(name) {
  remove_abandoned(folder, name);
  struct stat found {};
  do {
    make();
    // Somebody may have taken it for abandoned before it was locked.
  } while (file_ && ::fstat(file_.number(), &found) == 0 && found.st_nlink == 0);
}

void TemporaryFile::make() {
  own_ = temporary_name(target_);
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  file_ = Descriptor(::openat(folder_, own_.c_str(), flags, 0600));
  // A file system without locks cannot tell what is abandoned either; nothing is removed there.
  if (file_) static_cast<void>(::flock(file_.number(), LOCK_EX));
}

bool TemporaryFile::put_in_place(bool passing) {
#if defined(SYS_renameat2) && defined(RENAME_EXCHANGE)
  if (passing &&
      ::syscall(SYS_renameat2, folder_, own_.c_str(), folder_, target_.c_str(), RENAME_EXCHANGE) == 0) {
    discard();  // what was there before
    return true;
  }
#endif
  return ::renameat(folder_, own_.c_str(), folder_, target_.c_str()) == 0;
}

void TemporaryFile::discard() { ::unlinkat(folder_, own_.c_str(), 0); }

}  // namespace mlenv
