#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kinds/apt_sources.hpp"
#include "resource/resource.hpp"

namespace mlenv {

/// An apt repository as it is to be, whichever kind declares it.
struct Repository {
  std::string address;  ///< `cuda_repo.ubuntu2004`, written into its files
  std::string name;     ///< for people, and of its files
  std::vector<std::string> types, uris, suites, components, architectures;
  std::vector<std::string> key_locations;  ///< URLs
  std::string key_text;
  std::vector<std::string> fingerprints;  ///< empty: apt's own keyrings hold the key
  std::string signed_by;                  ///< a keyring that is there already, in place of an own one
  std::string pin_path;
  std::string pin_content;  ///< empty: no pin
  Presence state = Presence::present;
  bool operator==(const Repository&) const = default;

  std::string keyring_path() const { return "/etc/apt/keyrings/" + name + ".gpg"; }
};

/// What the host has of it.
struct RepositoryState {
  std::string source_path;  ///< `.sources`, or `.list` where apt is older than 1.1
  std::optional<std::string> source, pin;
  std::vector<std::string> fingerprints;  ///< of the keyring; empty when there is none
  bool keyring_there = false;
  std::vector<SourceEntry> duplicates;         ///< other entries for the same archive
  std::optional<SourceEntry> refused_with;     ///< an entry that apt would not read beside this one
  std::map<std::string, std::string> sharers;  ///< text of their files
  std::map<std::string, std::string> aside;    ///< where each of these files can go, nothing being there
  std::map<std::string, std::size_t> entries;  ///< how many active entries these files have
  std::string stands_in;  ///< a file of somebody else's that says just what is wanted, by a wanted key
  bool operator==(const RepositoryState&) const = default;
};

Result<RepositoryState> probe_repository(const Repository& want, const ProbeScope& scope);
Decision diff_repository(const Repository& want, const RepositoryState& have);

/// The keys in a keyring, by fingerprint; none where it is not there or damaged.
std::vector<std::string> keyring_fingerprints(const HostReader& host, const std::string& path);
/// The keyrings whose keys apt trusts for every archive without one of its own, and these keys.
std::vector<std::string> global_keyrings(const HostReader& host);
std::vector<std::string> global_fingerprints(const HostReader& host);
/// Whether two texts of apt_preferences(5) say the same.
bool same_pins(const std::string& one, const std::string& other);

}  // namespace mlenv
