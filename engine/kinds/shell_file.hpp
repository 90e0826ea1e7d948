#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kinds/shell_syntax.hpp"
#include "resource/resource.hpp"

namespace mlenv {

/// A file that shells read, taken apart: what mlenvctl's block in it says, and what its other lines set.
struct ShellFile {
  std::unordered_map<std::string, std::string> entries;                ///< of the block, by key
  std::unordered_map<std::string, std::vector<std::size_t>> assigned;  ///< line numbers, by variable
  std::string outside;                     ///< the text without the block, as many lines
  std::string home;                        ///< of the user whose file it is
  std::unordered_set<std::string> untold;  ///< set to what a record leaves out
  std::optional<Error> broken;             ///< why the block cannot be told

  std::optional<std::string> entry(const std::string& key) const;
  /// Whether the user's own lines make just this assignment: of a value, all that name the variable.
  bool assigns(const Assignment& wanted) const;
};

/// Read once a planning, however many variables stand in it; one that is not there is empty.
const Result<ShellFile>& shell_file(const std::string& path, const std::string& block,
                                    const ProbeScope& scope);

}  // namespace mlenv
