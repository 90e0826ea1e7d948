#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/reader.hpp"

namespace mlenv {

/// The uv program of the host or of a user: in the standard folders, or where its own installers put it.
std::optional<std::string> find_uv(const HostReader& host, const std::string& home);

/// Where pip looks for its configuration, of an environment (may be empty) and of the one who calls it.
std::vector<std::string> pip_configuration_files(const std::string& prefix, const std::string& home);

/// Whether a file tells pip where to look or how to behave, in an environment (may be empty) or for the user.
bool pip_is_configured(const HostReader& host, const std::string& prefix, const std::string& home);

/// What uv is given for what the variables (`PIP_INDEX_URL`, …) tell pip, where they do not tell uv already.
Environment uv_variables(const Environment& own);

/// What every call of pip, venv or uv for an environment (empty: the user's own site) is given. A venv's
/// packages do not depend on what happens to be in the user's own site or on PYTHONPATH.
Environment installer_variables(const std::string& prefix, const Environment& own);

/// Takes addresses with credentials out of a call of pip or uv and puts them into its variables: what a
/// program is called with, everybody on the machine can see.
void hide_addresses(std::vector<std::string>& argv, Environment& variables);

/// Whether pip compiles what it installs. In a user's own venv Python compiles what is used when it is first
/// used, and keeps that; where root installs, nobody else could keep it.
bool compiles_at_once(Privilege privilege, std::uint32_t user);

}  // namespace mlenv
