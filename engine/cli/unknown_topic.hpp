#pragma once

#include <string>
#include <vector>

#include "cli/arguments.hpp"

namespace mlenv {

/// Says that there is no such word, and which is the nearest of those that there are; the exit code comes
/// back.
int unknown_topic(const std::string& what, const std::string& word, const std::vector<std::string>& known,
                  const Arguments& arguments);

}  // namespace mlenv
