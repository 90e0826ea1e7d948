#pragma once

#include <map>
#include <set>
#include <string>

#include "resource/rpm_database.hpp"

namespace mlenv {

/// Those of a set of packages that cannot go without taking others along, each with an installed package that
/// needs it, by a name that it alone provides. Versions and files are not compared, rpm has the last word.
std::map<std::string, std::string> kept_rpm_packages(const RpmPackages& packages,
                                                     std::set<std::string> candidates);

}  // namespace mlenv
