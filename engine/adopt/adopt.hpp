#pragma once

#include <map>
#include <string>
#include <vector>

#include "adopt/draft.hpp"
#include "host/facts.hpp"
#include "host/reader.hpp"
#include "knowledge/knowledge.hpp"

namespace mlenv {

/// The host that a recipe is to be made of. Only read, by its files.
struct AdoptedHost {
  const HostReader& host;
  const Facts& facts;
  const Knowledge& knowledge;
};

/// All that was set up on a host as a recipe that declares it as it is; what cannot be told is in doubt, with
/// the reason. Whether a plan agrees is the caller's to find out.
Draft adopt(const AdoptedHost& adopted);

// The parts, each a file.
DraftSection adopt_variables(const AdoptedHost& adopted);
/// Names of adopted venvs, by their folder.
using VenvNames = std::map<std::string, std::string>;
VenvNames name_venvs(const std::vector<std::string>& venvs, const User& user);
DraftSection adopt_sources(const AdoptedHost& adopted);
DraftSection adopt_packages(const AdoptedHost& adopted);
/// The folders in the user's home that venvs lie in and variables name.
DraftSection adopt_folders(const AdoptedHost& adopted, const VenvNames& venvs, const DraftSection& variables);
/// One venv and what was installed into it.
DraftSection adopt_venv(const AdoptedHost& adopted, const std::string& path, const std::string& name);
/// What was installed for the user without a venv.
DraftSection adopt_user_packages(const AdoptedHost& adopted);
DraftSection adopt_kernels(const AdoptedHost& adopted, const VenvNames& venvs);
/// What was said by hand to the kernel's modules of cards.
DraftSection adopt_module_settings(const AdoptedHost& adopted);
/// What is there and no kind describes.
DraftSection adopt_rest(const AdoptedHost& adopted);

/// Whether a package has brought that file, as its configuration.
bool is_of_package(const HostReader& host, const std::string& path);
/// A path as a recipe has it: `~/ml` below the user's home.
std::string recipe_path(const std::string& path, const User& user);
/// A place for a password that a recipe must not hold: `https://${env.NAME}@host/…`. Empty where the URL has
/// none.
std::string without_password(const std::string& url, const std::string& variable);

}  // namespace mlenv
