#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/facts.hpp"

namespace mlenv {

/// A package of dpkg's database that facts are interested in.
struct FactPackage {
  std::string name;
  std::string version;
  std::string maintainer;
  bool held = false;
  bool operator==(const FactPackage&) const = default;
};

/// The installed packages that have to do with NVIDIA, CUDA, Python or unattended upgrades, out of one pass
/// over dpkg's status. Absent where there is no dpkg.
Fact<std::vector<FactPackage>> probe_packages(const HostReader& host);

/// Whether a package is part of an NVIDIA driver. Source: driver_packages.tsv.
bool is_driver_package(std::string_view name);

}  // namespace mlenv
