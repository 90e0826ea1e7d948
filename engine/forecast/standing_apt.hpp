#pragma once

#include <map>
#include <string>
#include <vector>

#include "forecast/shadow_apt.hpp"
#include "plan/plan.hpp"

namespace mlenv {

/// Whose packages these installed ones are, by name: `Debian:12.7/stable`, as apt has it. Those that no index
/// has any more are left out.
std::map<std::string, std::string> origins_of(const std::vector<std::string>& installed,
                                              const ShadowApt& shadow);

/// The Release files of the shadow's sources.
std::vector<IndexDigest> index_digests(const ShadowApt& shadow, const HostReader& host);

/// Of the installed packages those that came along with the roots: automatically installed, and reached from
/// them by dependencies and recommendations. `status` is dpkg's, `states` apt's extended_states. By name,
/// with version.
std::map<std::string, std::string> came_along(std::string_view status, std::string_view states,
                                              const std::vector<std::string>& roots);

}  // namespace mlenv
