#pragma once

#include <functional>
#include <optional>

#include "base/result.hpp"
#include "host/command.hpp"
#include "resource/dpkg_status.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// What of a transaction would come otherwise than planned, by what `apt-get -s` prints now: `apply.moved`.
/// `reached` tells of what apt need not do any more, since it is there as planned (an interrupted run of
/// dpkg's has been finished in between).
std::optional<Error> moved_since_planned(
    const AptTransaction& step, const Output& simulation,
    const std::function<bool(const AptEffect&)>& reached = [](const AptEffect&) { return false; });

/// Whether a package is there as planned: whole, or in the version that is planned and yet to be configured,
/// which apt does without naming it beforehand.
bool is_reached(const AptEffect& planned, const DpkgStatus& packages);

}  // namespace mlenv
