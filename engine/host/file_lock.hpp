#pragma once

#include "host/safe_path.hpp"
#include "host/writer.hpp"

namespace mlenv {

/// Makes the folder and the lock file where they are not there yet, as the account that they are to belong
/// to.
Result<Done> make_lock_here(const Walk& walk, const LockPlace& place);

/// Takes the lock with this process's own credentials: see HostWriter::lock. What the holder says of itself
/// is not written yet.
Result<std::unique_ptr<HeldLock>> take_lock_here(const Walk& walk, const LockPlace& place);

/// Writes what the holder says of itself, as the account that the folder belongs to.
Result<Done> write_holder_here(const Walk& walk, const LockPlace& place);

/// Takes root's lock behind sudo: a child (host_lock_main) holds it, which ends when this process does.
Result<std::unique_ptr<HeldLock>> take_lock_behind_sudo(const std::string& self, const std::string& root,
                                                        const LockPlace& place);

}  // namespace mlenv
