#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>

#include "host/reader.hpp"

namespace mlenv {

/// The process that holds a lock on the file, by the text of /proc/locks.
std::optional<int> process_in_locks(std::string_view locks, dev_t device, ino_t inode);

/// Who holds a lock on the file. `descriptor` is negative where the file may not be opened: then only the
/// kernel's list of locks is asked.
std::optional<LockHolder> holder_of(int descriptor, dev_t device, ino_t inode);

}  // namespace mlenv
