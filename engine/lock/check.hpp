#pragma once

#include <vector>

#include "lock/lock.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// The wheels that pip would bring with other bytes than are locked: `lock.hash`, an error.
std::vector<PlanFinding> lock_findings(const Plan& plan, const LockedClass& locked);

}  // namespace mlenv
