#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "host/reader.hpp"

namespace mlenv {

/// `pyvenv.cfg`, the file that makes a folder a venv. Written by venv, virtualenv and uv.
struct VenvConfig {
  std::string home;     ///< the folder of the Python that it was made with, /usr/bin
  std::string version;  ///< 3.11.2; empty when the file does not say
  bool system_site_packages = false;
  bool operator==(const VenvConfig&) const = default;
};

std::string venv_config_path(const std::string& prefix);
VenvConfig parse_venv_config(std::string_view text);
/// The text with only the line about system site-packages changed (or added).
std::string with_system_site_packages(std::string_view text, bool wanted);

/// What mlenvctl keeps beside a Python environment: whether it made it, and which versions were the newest
/// when `latest` was last resolved, by requirement. A converged plan compares with that and asks nobody.
struct EnvironmentMarker {
  bool made = false;
  std::map<std::string, std::string> latest;
  bool operator==(const EnvironmentMarker&) const = default;
};

/// PREFIX/.mlenvctl.json; of the user's own site (an empty prefix) a file below the home folder.
std::string marker_path(const std::string& prefix, const std::string& home);
/// Nothing when the text is not one.
std::optional<EnvironmentMarker> parse_marker(const std::string& json);
std::string marker_text(const EnvironmentMarker& marker);
/// Nothing when there is none.
Result<std::optional<EnvironmentMarker>> read_marker(const HostReader& host, const std::string& path);

}  // namespace mlenv
