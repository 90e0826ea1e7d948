#pragma once

#include <string>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "cli/arguments.hpp"

namespace mlenv {

/// The text of a file that says what is to be done (a recipe, what it includes or copies, a table, a saved
/// plan). Commands that act refuse one that another user owns or may write: that user could have anything
/// done. Trusted are root, the caller (behind sudo the one who called it), the owner of this program, and
/// whom `--trust` names. Errors: `recipe.untrusted`, those of reading.
Result<std::string> read_trusted_file(const std::string& path, const Arguments& arguments);

/// Whether that command acts on what such files say.
bool acts(const Arguments& arguments);

/// Why a folder of mlenvctl's own must not be used: somebody else can put something into it, or has it. Each
/// folder above it counts. Nothing when it is safe, or is not there yet.
std::optional<Error> unsafe_folder(const std::string& path);

}  // namespace mlenv
