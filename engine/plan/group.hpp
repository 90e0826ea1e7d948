#pragma once

#include "plan/plan.hpp"

namespace mlenv {

/// Lays out the steps of a plan's changes: within a change in its order, after the steps of what it needs,
/// and merged where they share a merge key and no other step must come between. Pure. `needs[i]` are the
/// indices of the changes that change i needs. Changes whose steps are not to run have an empty `runs[i]`.
std::vector<PlannedStep> lay_out_steps(const std::vector<Change>& changes,
                                       const std::vector<std::vector<std::size_t>>& needs,
                                       const std::vector<bool>& runs);

}  // namespace mlenv
