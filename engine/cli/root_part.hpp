#pragma once

#include "cli/planning.hpp"

namespace mlenv {

/// Writes root's part of a plan as a script to the file that `--as-root-script` names (mode 0600), and says
/// on standard error what to do with it; the plan's `document` gives the digest. Prints what kept it from
/// that, and returns false.
bool write_root_script(const Planned& planned, const nlohmann::ordered_json& document,
                       const Arguments& arguments);

}  // namespace mlenv
