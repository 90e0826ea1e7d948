#pragma once

#include <string>
#include <vector>

#include "lock/lock.hpp"

namespace mlenv {

/// One thing that two locks have otherwise. Empty: not there.
struct LockMove {
  std::string host;  ///< the class, in words
  std::string part;  ///< `choice`, `key`, `apt`, `venv torch`
  std::string name;
  std::string before;
  std::string after;
  bool operator==(const LockMove&) const = default;
};

/// What moves from one lock to the other, by class, what decides first before what hangs on it. Indexes are
/// left out: they move by themselves.
std::vector<LockMove> lock_moves(const Lock& before, const Lock& after);

}  // namespace mlenv
