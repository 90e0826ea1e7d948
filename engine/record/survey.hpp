#pragma once

#include <string>
#include <vector>

#include "host/facts.hpp"
#include "host/reader.hpp"

namespace mlenv {

/// The venvs in the usual places: below the home folder, /opt and /srv, and those that Jupyter kernels run.
/// `known` are further folders that may be one; `deep` is how many levels below are looked at. Sorted by
/// path.
std::vector<std::string> find_venvs(const HostReader& host, const Facts& facts,
                                    const std::vector<std::string>& known, int deep = 2);

/// The folders with kernels that the user's Jupyter sees.
std::vector<std::string> kernel_folders(const User& user);
/// The start-up files in which the user's, or everybody's, variables may be set.
std::vector<std::string> start_up_files(const User& user);

/// Looks at all that plans of any recipe may ask of: dpkg's database, apt's sources, pins and keys, the
/// Pythons and their packages, these venvs, kernels, start-up files. For a reader that remembers it.
void survey(const HostReader& host, const Facts& facts, const std::vector<std::string>& venvs);

}  // namespace mlenv
