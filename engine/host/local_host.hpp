#pragma once

#include <memory>
#include <string>

#include "host/facts.hpp"
#include "host/reader.hpp"
#include "host/writer.hpp"

namespace mlenv {

/// Reads this machine, or the tree below `root` (all links resolved inside it). `root` is `/` or an absolute
/// path.
std::unique_ptr<HostReader> local_reader(const std::string& root);

/// Likewise where root works for a user: what is that user's is read with the user's rights, so that no link
/// of theirs leads to what they may not read; what only root may read, where only root can have put it.
std::unique_ptr<HostReader> local_reader_for(const std::string& root, const User& user);
/// With a reader that has looked at the host's groups before.
std::unique_ptr<HostReader> local_reader_for(const std::string& root, const User& user,
                                             const HostReader& accounts);

/// The same host, but what this account may not read is read by root, through sudo (which open_sudo has
/// opened). `direct` must live as long.
std::unique_ptr<HostReader> reader_behind_sudo(const HostReader& direct, std::string root);

/// How LocalWriter acts: on which tree, and as whom the user's part is done.
struct Acting {
  std::string root = "/";
  User user;                ///< of Privilege::user; root's own steps need euid 0 or sudo
  std::string self;         ///< this program's path, for the part that runs behind sudo
  std::string run_id = {};  ///< of the run whose commands these are; see survivors_of
};

/// Changes this machine, or the tree below `acting.root` (commands by chroot, with /proc, /dev and the
/// resolver's configuration there for their time).
std::unique_ptr<HostWriter> local_writer(Acting acting);

/// The path of this program.
std::string own_program();
/// The number of this process.
int own_process();

/// The variables of this process. The only place where the environment is read.
Environment process_environment();

/// The hidden command behind sudo: `mlenvctl host-file VERB …`, one file verb, content on standard input.
/// Returns the exit code.
int host_file_main(const std::vector<std::string>& arguments);
/// Likewise `mlenvctl host-run ROOT [RUN] -- ARGV…`: enters the tree and becomes the program, with the
/// variables that standard input brings.
int host_run_main(const std::vector<std::string>& arguments);
/// Likewise `mlenvctl host-lock ROOT FOLDER HOLDER`: says whether it has the lock, and holds it until its
/// standard input ends.
int host_lock_main(const std::vector<std::string>& arguments);

}  // namespace mlenv
