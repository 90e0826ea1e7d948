#pragma once

#include <map>
#include <memory>

#include "apply/perform.hpp"
#include "cli/arguments.hpp"
#include "cli/open_host.hpp"
#include "forecast/standing_apt.hpp"
#include "host/local_host.hpp"

namespace mlenv {

/// Changes the host of a command, as its user where that is meant. Programs are known by `run_id` as those of
/// a run.
std::unique_ptr<HostWriter> writer_for(const OpenHost& host, const std::string& run_id = {});

/// Why the folder of `--cache` must not be used: what lies in it is installed by root, so nobody else may
/// write there. Nothing when it may, or none is named.
std::optional<Error> unsafe_cache(const OpenHost& host, const Arguments& arguments);

/// Completes a plan with what apt and pip will do (see forecast); recorded hosts cannot be asked. False when
/// the plan must not be applied: what is wrong is among its findings.
bool look_ahead(Plan& plan, const OpenHost& host, const Arguments& arguments);
/// The same for a host of which only `seen` is to be seen.
bool look_ahead(Plan& plan, const OpenHost& host, const HostReader& seen, const Arguments& arguments);

/// What apt knows of installed packages.
struct StandingApt {
  std::map<std::string, std::string> origins;  ///< by name, see origins_of
  std::vector<IndexDigest> indexes;
};
Result<StandingApt> ask_standing_apt(const std::vector<std::string>& packages, const OpenHost& host,
                                     const Arguments& arguments);

/// The caches that apply downloads into: root's for packages, the user's for wheels, or the one of `--cache`.
Fetching fetching_for(const OpenHost& host, const Arguments& arguments);

/// Removes debs that have served. A cache that was named is kept.
void tidy_cache(const OpenHost& host, HostWriter& writer, const Arguments& arguments);

/// The keys of a repository, compared with its fingerprints: as looking ahead has kept them, else fetched.
Result<std::string> keyring_of(const AddRepository& step, const OpenHost& host, const Arguments& arguments);

}  // namespace mlenv
