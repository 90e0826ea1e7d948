#pragma once

#include <string>
#include <vector>

#include "base/pep_requirement.hpp"
#include "base/result.hpp"

namespace mlenv {

/// The file names of one project that an index page offers (HTML, JSON and plain text alike), wheels and
/// sources.
std::vector<std::string> offered_files(const std::string& page, const std::string& project);

/// What is there instead of a wheel that fits.
struct MissingWheel {
  Error error;
  bool buildable = false;  ///< only sources are there, which pip can build
};

/// Why none of these files does for a Python `3.11.2` on a machine such as `x86_64`: no such version (the
/// nearest), wheels for other Pythons or machines, or sources alone.
MissingWheel explain_missing_wheel(const PepRequirement& wanted, const std::vector<std::string>& files,
                                   const std::string& python, const std::string& machine);

}  // namespace mlenv
