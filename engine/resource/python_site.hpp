#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/reader.hpp"

namespace mlenv {

/// One installed Python package, as its dist-info or egg-info tells.
struct Distribution {
  std::string name;     ///< canonical
  std::string version;  ///< as recorded
  std::string folder;   ///< of the dist-info or egg-info (for old packages a single file)
  std::vector<std::string> repeats =
      {};  ///< further dist-info folders of the same project: an install was cut short
  bool operator==(const Distribution&) const = default;
};

/// The packages of one site folder, by canonical name.
using Distributions = std::map<std::string, Distribution>;

/// Reads a site-packages or dist-packages folder without starting Python; none when the folder is not there.
Result<Distributions> read_distributions(const HostReader& host, const std::string& folder);

/// The values of a header in METADATA or PKG-INFO, in the order written; the description is not looked at.
std::vector<std::string> metadata_values(std::string_view metadata, std::string_view key);

/// `3.11.2` -> `3.11`; empty stays empty.
std::string python_minor(std::string_view version);

/// Where an environment of that Python keeps its own packages; the second exists only where lib64 is no link.
std::vector<std::string> own_site_folders(const HostReader& host, const std::string& prefix,
                                          const std::string& minor);

/// Where the packages lie that a venv with system site-packages inherits; `base` is the prefix of the Python
/// that it was made with, `/usr`. The user's own site is left out: it is nobody's promise to a venv.
std::vector<std::string> system_site_folders(const std::string& base, const std::string& minor);

/// All packages of several site folders; the first folder that has one wins, as on Python's own path.
Result<Distributions> read_all_distributions(const HostReader& host, const std::vector<std::string>& folders);

}  // namespace mlenv
