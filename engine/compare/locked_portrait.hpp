#pragma once

#include "compare/portrait.hpp"
#include "lock/lock.hpp"

namespace mlenv {

/// What a lock says that a host of this class has: packages and venvs.
Portrait portrait_of(const LockedClass& locked);

/// Of a host's portrait what a lock speaks of, in the lock's terms: the packages that it names, and the venvs
/// that it has, whole but for what every Python brings.
Portrait seen_by(const Portrait& locked, Portrait host);

}  // namespace mlenv
