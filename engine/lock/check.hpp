#pragma once

#include <vector>

#include "lock/lock.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// What apt and pip would bring otherwise than it is locked: other bytes of a wheel are an error (`lock.hash`), and
/// so, where the lock is demanded, is another version of a package that comes along (`lock.moved`).
std::vector<PlanFinding> lock_findings(const Plan& plan, const LockedClass& locked, const Pins& pins);

}  // namespace mlenv
