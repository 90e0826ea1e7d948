#pragma once

#include <optional>
#include <string>

#include "base/diagnostic.hpp"
#include "cli/arguments.hpp"
#include "host/facts.hpp"
#include "lock/lock.hpp"

namespace mlenv {

/// The lock beside a recipe; nothing where there is none.
Result<std::optional<Lock>> lock_beside(const std::string& recipe, const Arguments& arguments);

/// The locked versions for this class of host. Reports (`lock.missing`, `lock.class`) where `--locked`
/// demands a lock that is not there, and a lock that cannot be read (`lock.format`).
std::optional<LockedClass> locked_for(const Arguments& arguments, const Facts& facts,
                                      Diagnostics& diagnostics);

}  // namespace mlenv
