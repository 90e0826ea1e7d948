#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/pep_requirement.hpp"
#include "kinds/python_environment.hpp"
#include "resource/value.hpp"

namespace mlenv {

/// What a recipe asks of one Python package.
struct PipSpec {
  std::string text;
  PepRequirement requirement;
  Ref<PythonEnv> venv;
  bool user = false;
  std::optional<Url> index_url;
  std::vector<Url> extra_index_urls;
  std::vector<std::string> find_links;
  bool no_index = false;
  bool pre = false;
  Presence state = Presence::present;
  bool operator==(const PipSpec&) const = default;
};

/// How it stands with that package on the host.
struct PipState {
  EnvironmentState::Standing standing = EnvironmentState::Standing::missing;
  std::string python;
  bool applies = true;
  std::optional<std::string> own;
  std::optional<std::string> inherited;
  std::string inherited_from;
  std::vector<std::string> cut_short;  ///< dist-info folders of installs that never came to their end
  std::vector<std::string> changed;    ///< module files that are not as installed
  std::vector<std::string> missing;    ///< dependencies that are not installed
  std::vector<std::string> unfit;      ///< dependencies that are installed in another version than it needs
  std::string url;                     ///< where it came from, when that was written down
  std::string newest;                  ///< when `latest` was last looked up
  std::optional<std::string> managed;  ///< the EXTERNALLY-MANAGED file that keeps pip out
  bool operator==(const PipState&) const = default;

  const std::optional<std::string>& version() const { return own ? own : inherited; }
};

/// What is to happen with the package, and why.
Decision decide_pip_package(const PipSpec& want, const PipState& have, const ProbeScope& scope);

}  // namespace mlenv
