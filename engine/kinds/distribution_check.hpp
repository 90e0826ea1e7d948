#pragma once

#include <string>
#include <vector>

#include "base/pep_requirement.hpp"
#include "kinds/python_environment.hpp"

namespace mlenv {

/// How an installed package's files compare with what its installer wrote down.
struct RecordedFiles {
  bool recorded = true;  ///< false: there is no RECORD, so the install never came to its end
  std::vector<std::string>
      changed;  ///< modules that are gone or of another size, relative to the site folder
};

/// Looks at names and sizes alone, of Python and native modules; bytes are not read.
Result<RecordedFiles> check_files(const HostReader& host, const Distribution& package);

/// What a package and the extras asked for need directly, and do not have.
struct UnmetDependencies {
  std::vector<std::string> missing;  ///< names of which nothing is installed
  std::vector<std::string> unfit;    ///< `numpy>=1.20 (1.19.5 is installed)`
};

/// Of an inherited package only the extras count: what the distribution leaves out is its own affair.
UnmetDependencies unmet_dependencies(const HostReader& host, const EnvironmentState& environment,
                                     const Distribution& package, const std::vector<std::string>& extras,
                                     const MarkerEnvironment& markers);

/// From where the package was installed, as `name @ URL` gives it, credentials and fragment left out; empty
/// when its installer did not write it down.
std::string installed_url(const HostReader& host, const Distribution& package);

/// Whether what is installed came from that URL; where that was not written down, by the version in a wheel's
/// name.
bool came_from(const std::string& url, const std::string& recorded, const std::string& version);

}  // namespace mlenv
