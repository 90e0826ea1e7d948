#pragma once

#include <optional>
#include <string>

#include "resource/python_site.hpp"
#include "resource/resource.hpp"
#include "resource/venv_files.hpp"

namespace mlenv {

/// A Python environment as it stands on the host: what pip packages and kernels look at.
struct EnvironmentState {
  enum class Standing { there, coming, missing };
  Standing standing = Standing::missing;  ///< coming: its venv is made or made anew in this plan
  std::string python;                     ///< version; empty where it cannot be told yet
  std::string base;                       ///< prefix of the Python that it was made with, `/usr`
  Distributions own;
  Distributions inherited;  ///< those of the system, where they are seen
  EnvironmentMarker marker;
  bool operator==(const EnvironmentState&) const = default;

  /// The one that Python imports: its own, else an inherited one; null when there is none.
  const Distribution* find(const std::string& canonical) const;
};

/// The state of a declared venv. One that will be made in this plan counts as empty.
const Result<EnvironmentState>& venv_environment(const PythonEnv& env, const ProbeScope& scope);

/// The user's own site, of the Python that `python3` means.
const Result<EnvironmentState>& user_environment(const ProbeScope& scope);

/// The prefix of an interpreter, links resolved: `/usr/bin/python3` -> `/usr`; empty when it dangles.
std::string base_prefix(const HostReader& host, const std::string& interpreter);

/// The path of the EXTERNALLY-MANAGED file (PEP 668) by which the distribution keeps pip out; nothing when it
/// does not.
std::optional<std::string> externally_managed(const HostReader& host, const EnvironmentState& environment);

/// `pip` or `uv`. `auto` takes uv where it is installed and no file configures pip, whose settings uv does
/// not read.
std::string choose_installer(const std::string& declared, const std::string& prefix, const ProbeScope& scope);

/// As whom something at a path is done: below the user's home, or in a folder that is the user's, as the
/// user.
Privilege privilege_at(const std::string& path, const ProbeScope& scope);

}  // namespace mlenv
