#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/pep_version.hpp"
#include "kinds/python_environment.hpp"
#include "resource/value.hpp"

namespace mlenv {

/// What a recipe asks of a venv.
struct VenvSpec {
  std::string name;
  HostPath path;
  std::string python;
  bool system_site_packages = false;
  std::string pip;
  std::string installer = "auto";
  Presence state = Presence::present;
  std::vector<std::string> python_packages;       ///< apt packages of the recipe that may bring a Python
  bool operator==(const VenvSpec& other) const {  // python_packages is the recipe's, not the declaration's
    return name == other.name && path == other.path && python == other.python && pip == other.pip &&
           system_site_packages == other.system_site_packages && installer == other.installer &&
           state == other.state;
  }
};

/// What stands where the venv is to be.
enum class VenvPlace { absent, empty, foreign, venv };

/// How it stands with the venv on the host.
struct VenvState {
  VenvPlace place = VenvPlace::absent;
  bool made = false;        ///< by mlenvctl
  std::string version;      ///< of the Python that it was made with
  std::string interpreter;  ///< bin/python with links resolved; empty when that leads nowhere
  bool system_site_packages = false;
  std::string config;  ///< text of pyvenv.cfg
  std::optional<std::string> pip;
  std::string newest_pip;         ///< when `latest` was last looked up
  std::vector<std::string> left;  ///< what runs that were killed have left in and beside it
  bool operator==(const VenvState&) const = default;
};

/// The versions of pip that are asked for: `24.0` means `==24.0`, a specifier itself; nothing for other text.
std::optional<PepSpecifierSet> pip_specifiers(const std::string& text);

/// What is to happen with the venv, and why.
Decision decide_venv(const VenvSpec& want, const VenvState& have, const ProbeScope& scope);

}  // namespace mlenv
