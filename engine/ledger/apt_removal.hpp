#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mlenv {

/// Which of a set of packages can go without taking others along.
struct AptRemoval {
  std::set<std::string> removable;
  std::map<std::string, std::string> kept;  ///< those that stay, by name: an installed package that needs it
};

/// A configuration file of a package and the MD5 of its bytes as the package brought it.
struct ConfigurationFile {
  std::string package;
  std::string path;
  std::string md5;
};

/// Asks dpkg's status file (its text). A package stays when an installed one outside the set needs it, by
/// name or by what it provides (dpkg(1), deb-control(5)); versions are not compared, apt has the last word.
/// Names are without architecture, or NAME:ARCH for a foreign one.
AptRemoval removable_packages(std::string_view status, const std::set<std::string>& candidates);

/// The configuration files of these packages (deb-conffiles(5)), obsolete ones left out.
std::vector<ConfigurationFile> configuration_files(std::string_view status,
                                                   const std::set<std::string>& packages);

}  // namespace mlenv
