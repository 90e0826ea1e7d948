#pragma once

#include "view/plan_lines.hpp"

namespace mlenv {

/// The packages that a change brings: new ones folded into a count (opened by -v), whatever else happens to a
/// package on a line of its own, always.
std::string packages_text(const Json& change, const Style& style);

/// What the plan costs: downloads for each server, room on each file system, restarts and log-ins. Nothing
/// where nothing is known.
std::string cost_text(const Json& cost, const Style& style);

}  // namespace mlenv
