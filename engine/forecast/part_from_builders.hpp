#pragma once

#include "plan/plan.hpp"

namespace mlenv {

/// Lets pip work beside apt where looking ahead has shown that nothing is compiled: a call whose wheels are
/// all known no longer waits for compilers, headers and git. It waits all the same where somebody has asked
/// for that, where its venv does, and where apt puts another Python in place meanwhile.
void part_from_builders(Plan& plan);

}  // namespace mlenv
