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

}  // namespace

Account account_of(const HostReader& host, const User& user) {
  Account account{user.uid, user.gid, {user.gid}};
  const auto text = host.read_file("/etc/group");
  if (!text || !*text) return account;
  for (const auto line : split_lines(**text)) {
    const auto fields = split(line, ':');
    if (fields.size() < 4) continue;
    const auto members = split(fields[3], ',');
    gid_t number = 0;
    const auto* end = fields[2].data() + fields[2].size();
    const auto [at, failure] = std::from_chars(fields[2].data(), end, number);
    const bool readable = failure == std::errc() && at == end && number != user.gid;
    if (readable && std::find(members.begin(), members.end(), user.name) != members.end())
      account.groups.push_back(number);
  }
  return account;
}

FileAccessAs::FileAccessAs(const Account& account) : former_groups_(own_groups()) {
  if (!set_own_groups(account.groups)) return;
  former_group_ = static_cast<gid_t>(::setfsgid(account.gid));
  ::setfsuid(account.uid);
  // These two tell no failure, only what was there before.
  stands_ = static_cast<uid_t>(::setfsuid(account.uid)) == account.uid &&
            static_cast<gid_t>(::setfsgid(account.gid)) == account.gid;
}

FileAccessAs::~FileAccessAs() {
  ::setfsuid(::geteuid());
  ::setfsgid(former_group_);
  set_own_groups(former_groups_);
}

}  // namespace mlenv
