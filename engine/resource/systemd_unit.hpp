#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "host/facts.hpp"
#include "host/reader.hpp"
#include "resource/step.hpp"

namespace mlenv {

/// A unit as its files tell; source: systemd.unit(5), systemctl(1).
struct UnitFiles {
  std::string name;                ///< docker.service; of an alias the unit that it stands for
  std::string path;                ///< of the file that counts; empty: there is none
  std::string text;                ///< of that file
  bool masked = false;             ///< forbidden: it leads to /dev/null, or is empty
  std::vector<std::string> links;  ///< that enabling makes, below a folder of units
  std::vector<std::string> made;   ///< those of them that are there, whole paths
  bool operator==(const UnitFiles&) const = default;

  bool can_be_enabled() const { return !links.empty(); }
  bool is_enabled() const { return !links.empty() && made.size() == links.size(); }
};

/// When something was made or begun: seconds since the epoch, and nanoseconds.
using FileTime = std::pair<std::int64_t, std::uint32_t>;

/// A manager and what it may be asked about.
struct UnitPlace {
  const HostReader& host;
  const User& user;
  UnitScope scope = UnitScope::system;
};

/// `docker` -> `docker.service`; what ends as a unit does stays.
std::string unit_name(const std::string& declared);
/// True for what systemd takes as a unit's name and systemctl cannot take for an option; templates alone are
/// none.
bool is_unit_name(std::string_view name);

/// Where units of one's own are put, and what enables units.
std::string own_unit_folder(UnitScope scope, const User& user);

/// What the files tell of a unit. `instead` is the text of a unit file that is about to be written.
Result<UnitFiles> read_unit(const UnitPlace& place, const std::string& name, const std::string* instead);

/// systemd is on this host, at work or not.
Result<bool> systemd_is_there(const HostReader& host);

/// The manager is at work on this host: not in a tree, a plain container, or for a user who is not logged in.
Result<bool> manager_runs(const UnitPlace& place);

/// Since when the unit runs; nothing when it does not. Only of services, and only while the manager is at
/// work.
Result<std::optional<FileTime>> running_since(const UnitPlace& place, const std::string& name);

/// The values of a key in a section of a unit file, in turn; an empty assignment forgets those before it.
std::vector<std::string> unit_values(std::string_view text, std::string_view section, std::string_view key);

/// A service whose work is done at some time, with nothing left that runs.
bool comes_to_an_end(std::string_view text);

}  // namespace mlenv
