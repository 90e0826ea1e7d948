#pragma once

#include <string>
#include <vector>

#include "host/command.hpp"
#include "host/facts.hpp"
#include "host/tree_entry.hpp"

namespace mlenv {

/// For whom and where a command runs.
struct CommandPlace {
  std::string root = "/";
  User user;
  Privilege privilege = Privilege::user;
  bool same_account = true;  ///< the user is the one who runs this process
  bool by_root = false;      ///< this process is root's
};

/// The environment of a command and the files that have to be lent to the tree for it: what the person has
/// set for pip, uv, proxies and certificates counts, also for another user and inside a tree; an active venv
/// does not.
struct CommandEnvironment {
  Environment variables;
  std::vector<LentFile> lent;
};
CommandEnvironment command_environment(const CommandPlace& place, const Environment& own,
                                       const HostReader& here, const HostReader& tree);

/// Names the person's own pip and uv configuration files to what runs in a tree, where the tree's own user
/// has none.
void add_own_configuration(Environment& variables, const Environment& own, const HostReader& here,
                           const HostReader& tree, const User& user);

}  // namespace mlenv
