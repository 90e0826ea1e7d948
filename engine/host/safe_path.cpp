#include "host/safe_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

#include "base/text.hpp"

namespace mlenv {
namespace {

constexpr int link_limit = 40;
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

std::string link_text(int folder, const std::string& name) {
  std::array<char, PATH_MAX> bytes{};
  const auto size = ::readlinkat(folder, name.c_str(), bytes.data(), bytes.size());
  return size > 0 ? std::string(bytes.data(), static_cast<std::size_t>(size)) : std::string();
}

/// One walk: the folders from the root to here, held open, and the components still to go.
class Walker {
 public:
  Walker(const Walk& walk, const std::string& path, Links last) : walk_(walk), path_(path), last_(last) {
    push(path);
  }

  Result<Place> run() {
    if (auto error = restart()) return *error;
    while (!open_.empty()) {
      const auto part = std::move(open_.back());
      open_.pop_back();
      if (part == "..") {
        if (folders_.size() > 1) folders_.pop_back();
        continue;
      }
      bool finished = false;
      if (auto error = step(part, finished)) return *error;
      if (finished) return Place{std::move(folders_.back()), part, path_};
    }
    // The path was `/`, or a link at the end led to a folder above.
    return Place{std::move(folders_.back()), ".", path_};
  }

 private:
  void push(const std::string& text) {
    const auto parts = split(text, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      if (!part->empty() && *part != ".") open_.emplace_back(*part);
    }
  }

  std::optional<Error> restart() {
    folders_.clear();
    const bool open = walk_.root_folder >= 0;
    folders_.emplace_back(::openat(open ? walk_.root_folder : AT_FDCWD, open ? "." : walk_.root.c_str(),
                                   O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folders_.back()) return system_error("open", walk_.root, errno);
    return std::nullopt;
  }

  std::optional<Error> step(const std::string& part, bool& finished) {
    const bool is_last = open_.empty();
    const int here = folders_.back().number();
    struct stat found {};
    if (::fstatat(here, part.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT && is_last) return finished = true, std::nullopt;
      if (errno != ENOENT || !walk_.make_parents) return system_error("find", path_, errno);
      if (::mkdirat(here, part.c_str(), *walk_.make_parents) != 0 && errno != EEXIST) {
        return system_error("make the folders above", path_, errno);
      }
      ::fsync(here);
      return enter(part);
    }
    if (S_ISLNK(found.st_mode) && (!is_last || last_ == Links::follow)) return follow(part, found.st_uid);
    if (is_last) return finished = true, std::nullopt;
    return enter(part);
  }

  std::optional<Error> enter(const std::string& part) {
    Descriptor next(::openat(folders_.back().number(), part.c_str(), folder_flags));
    if (!next) return system_error("enter the folders above", path_, errno);
    folders_.push_back(std::move(next));
    return std::nullopt;
  }

  std::optional<Error> follow(const std::string& part, uid_t owner) {
    if (!walk_.anyone && owner != 0 && owner != walk_.trusted) {
      return Error{"host.planted-link",
                   "`" + path_ + "` leads through the link `" + part + "`, which belongs to another user",
                   "remove the link, or make it yours"};
    }
    if (++links_ > link_limit) return system_error("follow the links of", path_, ELOOP);
    const auto target = link_text(folders_.back().number(), part);
    push(target);
    return target.starts_with("/") ? restart() : std::nullopt;
  }

  const Walk& walk_;
  const std::string& path_;
  Links last_;
  std::vector<Descriptor> folders_;
  std::vector<std::string> open_;
  int links_ = 0;
};

}  // namespace

Result<Place> open_place(const Walk& walk, const std::string& path, Links last) {
  return Walker(walk, path, last).run();
}

Error system_error(const std::string& what, const std::string& path, int reason) {
  std::string code = "host.failed", hint;
  if (reason == EACCES || reason == EPERM) code = "host.denied";
  if (reason == ENOENT || reason == ENOTDIR) code = "host.not-found";
  if (reason == ELOOP) code = "host.link-loop";
  if (reason == EROFS) code = "host.read-only";
  if (reason == ENOSPC || reason == EDQUOT) {
    code = "host.full";
    hint = "make room on the file system of " + path;
  }
  return {code, "cannot " + what + " " + path + ": " + std::strerror(reason), hint};
}

}  // namespace mlenv
