#pragma once

#include <optional>

#include "base/diagnostic.hpp"
#include "cli/arguments.hpp"
#include "cli/open_host.hpp"
#include "recipe/recipe.hpp"

namespace mlenv {

/// A machine that is there only by declaration: it has its distribution, the user, and nothing else. What the
/// arguments leave open (`--os`, `--arch`, `--gpu`) is what the recipe's lock is for or its `requires` ask
/// for. Reports what cannot be such a machine.
std::optional<OpenHost> declared_host(const Arguments& arguments, const Recipe& recipe,
                                      Diagnostics& diagnostics);

}  // namespace mlenv
