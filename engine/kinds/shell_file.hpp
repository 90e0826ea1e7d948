#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "resource/resource.hpp"

namespace mlenv {

/// A file that shells read, taken apart: what mlenvctl's block in it says, and what its other lines set.
struct ShellFile {
  std::unordered_map<std::string, std::string> entries;                ///< of the block, by key
  std::unordered_map<std::string, std::vector<std::size_t>> assigned;  ///< line numbers, by variable
  std::optional<Error> broken;                                         ///< why the block cannot be told

  std::optional<std::string> entry(const std::string& key) const;
};

/// Read once a planning, however many variables stand in it; one that is not there is empty.
const Result<ShellFile>& shell_file(const std::string& path, const std::string& block,
                                    const ProbeScope& scope);

}  // namespace mlenv
