#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/pep_requirement.hpp"
#include "host/reader.hpp"
#include "resource/python_site.hpp"

namespace mlenv {

/// A package of an environment that somebody asked for, with the extras that must have been meant.
struct WantedDistribution {
  std::string name;  ///< canonical
  std::vector<std::string> extras;
  bool operator==(const WantedDistribution&) const = default;
};

/// The packages of an environment and what needs what, by their metadata.
class PythonWeb {
 public:
  PythonWeb(const HostReader& host, Distributions packages, MarkerEnvironment markers);

  const Distributions& packages() const { return packages_; }
  /// What somebody asked the installer for (by the file REQUESTED; PEP 376), else what nothing else brings;
  /// together they bring everything but `given`. Extras are those by which more comes that is there.
  std::vector<WantedDistribution> wanted(const std::set<std::string>& given) const;

 private:
  using Brought = std::set<std::pair<std::string, std::string>>;  ///< name and extra; each once
  void read(const HostReader& host, const Distribution& package);
  /// What a package needs with this extra, and does not without; with an empty one, what it always needs.
  std::vector<const PepRequirement*> needs(const std::string& name, const std::string& extra) const;
  void bring(const std::string& name, const std::string& extra, Brought& brought) const;
  bool add_best_extra(std::vector<WantedDistribution>& wanted, Brought& brought) const;
  std::size_t left(const Brought& brought) const;

  struct Metadata {
    std::vector<PepRequirement> needs;
    std::vector<std::string> extras;
    bool requested = false;
  };
  Distributions packages_;
  MarkerEnvironment markers_;
  std::map<std::string, Metadata> metadata_;
};

}  // namespace mlenv
