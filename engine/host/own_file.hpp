#pragma once

#include <string>

#include "base/result.hpp"

namespace mlenv {

/// Writes a file of mlenvctl's own as this account, whole or not at all, without waiting for the disk: for
/// what can be made again when the machine crashes.
Result<Done> write_passing_file(const std::string& path, const std::string& bytes, unsigned mode);

}  // namespace mlenv
