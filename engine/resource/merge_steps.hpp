#pragma once

#include <vector>

#include "resource/step.hpp"

namespace mlenv {

/// Steps of one merge key as one, in this order; at least one. See merge_key (step.hpp).
Step merge_all_steps(const std::vector<const Step*>& steps);

}  // namespace mlenv
