#pragma once

#include <string>

#include "plan/plan.hpp"

namespace mlenv {

/// Why a step of root's needs root, in a person's words.
std::string root_reason(const Step& step);

/// The steps of a plan that need root, one a line, each with the reason; said before sudo asks.
std::string root_steps_text(const Plan& plan);

}  // namespace mlenv
