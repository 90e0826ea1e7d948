#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/deb_version.hpp"
#include "host/command.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// What one line `Inst`, `Remv` or `Purg` of `apt-get -s` says; format: apt-get(8), "--simulate".
struct SimulatedChange {
  AptEffect effect;
  std::string architecture;
  std::string origin;  ///< `Debian:12.7/stable`; of the first source that has it
  bool operator==(const SimulatedChange&) const = default;
};
std::vector<SimulatedChange> parse_simulation(std::string_view text);

/// A stanza of an index as `apt-cache show` prints it, as far as a plan needs it.
struct PackageStanza {
  std::string name;
  std::string version;
  std::string architecture;
  std::string file;                   ///< the name of its deb on the server, with folders
  std::uint64_t download_bytes = 0;   ///< Size
  std::uint64_t installed_bytes = 0;  ///< Installed-Size, which dpkg estimates in KiB
  std::vector<std::string> brings;  ///< names that Pre-Depends, Depends and Recommends mention, in that order
  std::vector<std::string> provides;
};
std::vector<PackageStanza> parse_stanzas(std::string_view text);

/// A line of `apt-get --print-uris`.
struct PrintedUri {
  std::string uri;
  std::string file;  ///< the deb's name in apt's cache
  std::uint64_t bytes = 0;
};
std::vector<PrintedUri> parse_uris(std::string_view text);

/// A dependency that apt could not meet: `libcudnn8-dev : Depends: libcudnn8 (= 8.0.5) but 8.9 is to be
/// installed`.
struct UnmetDependency {
  std::string package;
  std::string relation;  ///< Depends, Conflicts, Breaks, …
  std::string target;    ///< the name
  std::string wanted;    ///< `(= 8.0.5)`; empty for any version
  std::string because;   ///< `8.9 is to be installed`, `it is not installable`
};
std::vector<UnmetDependency> parse_unmet(std::string_view text);

/// The versions in `apt-cache madison`, newest first; those of source packages are left out.
std::vector<DebVersion> parse_madison(std::string_view text);
/// What apt knows instead of the wanted version: the nearest few, newest first, as words.
std::string nearest_versions(const std::vector<DebVersion>& versions,
                             const std::optional<DebVersion>& wanted);

/// What apt itself says is wrong (`E:` lines, or warnings of an update), in one line; empty when it says
/// nothing. Warnings of what apt takes nevertheless are none.
std::string apt_complaint(const Output& output, bool with_warnings);
/// True for what passes by itself: a mirror in the middle of its own update, a server that is overloaded.
bool passes_by_itself(const std::string& complaint);

}  // namespace mlenv
