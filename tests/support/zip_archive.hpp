#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mlenv {

/// A ZIP archive of these files (name, contents), stored as they are, without times and checksums.
/// Format: PKWARE's APPNOTE, 4.3.
std::string zip_archive(const std::vector<std::pair<std::string, std::string>>& files);

/// A number as archives write it.
std::string little_endian(std::uint64_t value, int bytes);

}  // namespace mlenv
