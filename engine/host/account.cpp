#include "host/account.hpp"

#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace mlenv {
namespace {

/// The C library's own sets the groups of all threads.
bool set_own_groups(const std::vector<gid_t>& groups) {
  return ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0;
}

std::vector<gid_t> own_groups() {
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  groups.resize(
      static_cast<std::size_t>(std::max(::getgroups(static_cast<int>(groups.size()), groups.data()), 0)));
  return groups;
}

thread_local FileAccessAs* in_force = nullptr;  ///< of this thread, the outermost

}  // namespace

Result<std::vector<Group>> groups_of(const HostReader& host) {
  std::vector<Group> groups;
  const auto text = host.read_file("/etc/group");
  if (!text) return text.error();
  if (!*text) return groups;
  for (const auto line : split_lines(**text)) {
    const auto fields = split(line, ':');
    if (fields.size() < 4) continue;
    Group group{std::string(fields[0])};
    const auto* end = fields[2].data() + fields[2].size();
    const auto [at, failure] = std::from_chars(fields[2].data(), end, group.number);
    if (failure != std::errc() || at != end) continue;
    for (const auto member : split(fields[3], ',')) group.members.emplace_back(trim(member));
    groups.push_back(std::move(group));
  }
  return groups;
}

Account account_of(const HostReader& host, const User& user) {
  Account account{user.uid, user.gid, {user.gid}};
  const auto groups = groups_of(host);
  if (!groups) return account;
  for (const auto& group : *groups) {
    if (group.number != user.gid &&
        std::find(group.members.begin(), group.members.end(), user.name) != group.members.end())
      account.groups.push_back(group.number);
  }
  return account;
}

FileAccessAs::FileAccessAs(const Account& account) : account_(account), outer_(in_force) {
  if (outer_ != nullptr) {
    stands_ = outer_->stands_ && outer_->account_ == account;
    return;
  }
  in_force = this;
  take();
}

FileAccessAs::~FileAccessAs() {
  if (outer_ != nullptr) return;
  in_force = nullptr;
  give_back();
}

void FileAccessAs::take() {
  stands_ = false;
  former_groups_ = own_groups();
  former_group_ = ::getegid();
  if (!set_own_groups(account_.groups)) return;
  former_group_ = static_cast<gid_t>(::setfsgid(account_.gid));
  ::setfsuid(account_.uid);
  // These two tell no failure, only what was there before.
  stands_ = static_cast<uid_t>(::setfsuid(account_.uid)) == account_.uid &&
            static_cast<gid_t>(::setfsgid(account_.gid)) == account_.gid;
}

void FileAccessAs::give_back() {
  ::setfsuid(::geteuid());
  ::setfsgid(former_group_);
  set_own_groups(former_groups_);
}

OwnFileAccess::OwnFileAccess() : suspended_(in_force) {
  if (suspended_ == nullptr) return;
  in_force = nullptr;
  suspended_->give_back();
}

OwnFileAccess::~OwnFileAccess() {
  if (suspended_ == nullptr) return;
  in_force = suspended_;
  suspended_->take();
}

}  // namespace mlenv
