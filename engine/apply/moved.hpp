#pragma once

#include <optional>

#include "base/result.hpp"
#include "host/command.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// What of a transaction would come otherwise than planned, by what `apt-get -s` prints now: `apply.moved`.
std::optional<Error> moved_since_planned(const AptTransaction& step, const Output& simulation);

}  // namespace mlenv
