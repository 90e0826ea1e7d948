#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/account.hpp"
#include "host/facts.hpp"

namespace mlenv {

/// A file of this machine that a program in a tree is to see: it appears at `shown` (below /mnt) there.
struct LentFile {
  std::string path;
  std::string shown;
};

/// What a child does between fork and exec to be inside a tree: a mount namespace of its own with /proc,
/// /sys, /dev and the resolver's configuration where the tree has none, the lent files, chroot. Returns 0 or
/// errno.
std::function<int()> tree_entry(const std::string& root, std::vector<LentFile> lent);

/// What a child does to become a user for good: groups, group, user (effective, real and saved), no
/// capability left and none to be had from a program of root's, no key ring of root's; then that user's home
/// as the working folder.
std::function<int()> become_user(const User& user, const Account& account);

/// One after the other, until one fails. An empty function does nothing.
std::function<int()> in_turn(std::function<int()> first, std::function<int()> second);

}  // namespace mlenv
