#pragma once

#include <optional>
#include <string_view>

#include "base/pep_requirement.hpp"

namespace mlenv {

/// What is wrong with an environment marker (`python_version < "3.9" and extra == "gpu"`); nothing when it is
/// well formed. Nesting is bounded.
std::optional<Error> marker_error(std::string_view marker);

/// Whether a marker holds. Versions are compared by PEP 440 where both sides are versions, else as text. A
/// marker that is not well formed does not hold.
bool marker_holds(std::string_view marker, const MarkerEnvironment& environment);

}  // namespace mlenv
